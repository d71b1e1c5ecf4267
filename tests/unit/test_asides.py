"""Names of databases that stand aside: as long as a name may be, and never the same for two databases."""

from switchback.backup import asides

RUN = "20261123T184500Z-local-0a1b2c3d4e"
LIMIT = 63  #: bytes


def test_a_name_says_whose_place_it_is_for_and_by_which_attempt() -> None:
    """What is on a server is found again by exactly these names."""
    assert asides.prefix(RUN, "ledger") == "ledger_aside_0a1b2c3d_"
    assert asides.former(RUN, "ledger") == "ledger_former_0a1b2c3d"


def test_long_names_are_told_apart_and_fit() -> None:
    """They begin alike for longer than there is room, in letters of one and of several bytes."""
    for letter in ("x", "ß", "語"):
        names = [letter * (60 // len(letter.encode())) + end for end in ("a", "b")]
        made = [f"{asides.prefix(RUN, name)}undone" for name in names] + [asides.former(RUN, name) for name in names]
        assert len(set(made)) == len(made)
        assert all(len(name.encode()) <= LIMIT for name in made)
