"""Who may connect while a site is closed, and the order in which rights are given back."""

from hypothesis import given
from hypothesis import strategies as st

from switchback.systems.postgres.access import Database, FenceState, Grant, closed, in_order_of_granting

ROLES = ("owner", "pipeline", "app", "jobs", "guest")
DATABASES = tuple(Database(database=name, owner="owner") for name in ("one", "two"))


@st.composite
def chains(draw: st.DrawFn) -> tuple[Grant, ...]:
    """Grants as Postgres allows them: whoever passes a right on has been given it, with the option, before."""
    grants: list[Grant] = []
    for each in DATABASES:
        able = ["owner"]
        for grantee in draw(st.permutations(("", *ROLES[1:]))):
            if draw(st.booleans()):
                continue
            grant = Grant(
                database=each.database,
                grantee=grantee,
                grantor=draw(st.sampled_from(able)),
                grantable=bool(grantee) and draw(st.booleans()),
            )
            grants.append(grant)
            able += [grantee] if grant.grantable else []
    return tuple(draw(st.permutations(grants)))


@given(chains())
def test_a_right_is_given_back_after_its_giver_has_it(grants: tuple[Grant, ...]) -> None:
    """In any order recorded, none is lost and nobody gives what he does not have yet."""
    ordered = in_order_of_granting(grants)
    assert sorted(ordered) == sorted(grants)
    for place, grant in enumerate(ordered):
        has = {(each.database, each.grantee) for each in ordered[:place] if each.grantable}
        assert grant.grantor == "owner" or (grant.database, grant.grantor) in has


@given(chains())
def test_a_closed_site_lets_in_the_pipeline_alone(grants: tuple[Grant, ...]) -> None:
    """By its owner's grant on every database, so that it does not hang on a right that is taken away."""
    shut = closed(FenceState(databases=DATABASES, grants=grants, logins=()), "pipeline")
    assert sorted((each.database, each.grantee, each.grantor) for each in shut) == [
        ("one", "pipeline", "owner"),
        ("two", "pipeline", "owner"),
    ]


@given(chains())
def test_closing_a_closed_site_changes_nothing(grants: tuple[Grant, ...]) -> None:
    """The wanted state of a site that is in it is the same."""
    shut = closed(FenceState(databases=DATABASES, grants=grants, logins=()), "pipeline")
    assert closed(FenceState(databases=DATABASES, grants=shut, logins=()), "pipeline") == shut
