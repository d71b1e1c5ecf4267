"""The small rules of recovery that need no server: snapshots, types, timestamp names, runs of buckets."""

from dataclasses import replace

import pytest

from switchback.recovery import stamps, widening
from switchback.recovery.buckets import runs
from switchback.recovery.bundle import Method
from switchback.recovery.capture import keyed, method
from switchback.recovery.catalog import Column, Generated, Identity, Kind, Name, Table
from switchback.recovery.judge import Seen
from switchback.recovery.lockstep import in_step

NOW = "5000000000:5000000010:5000000003"


def column(kind: str, name: str = "c", base: str = "") -> Column:
    """A column of that type."""
    return Column(
        name=name,
        type=kind,
        base_type=base or kind.partition("(")[0],
        plain_type=kind,
        family="b",
        not_null=False,
        default=None,
        generated=Generated.NO,
        identity=Identity.NO,
        deterministic=True,
        cast_to_text=False,
    )


def table(*columns: Column) -> Table:
    """A table of these columns."""
    return Table(
        name=Name(schema="s", name="t"),
        oid=1,
        kind=Kind.PLAIN,
        unlogged=False,
        columns=columns,
        uniques=(),
        foreign_keys=(),
        constraints=(),
        read_as="",
        estimate=0,
    )


def test_the_bound_is_the_snapshots_xmin_in_32_bits() -> None:
    """Its list names no subtransactions, so the oldest running transaction is the bound, whatever the list says."""
    assert method.bound("4999999990:5000000001:4999999995", NOW, "new") == (str(4999999990 % 2**32), "")


@pytest.mark.parametrize("text", ["", "1", "1:2", "2:1:", "a:b:c", "1:2:3,", "-1:2:", "1:2:3;drop"])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    """By its form, before any server is asked."""
    with pytest.raises(method.BadSnapshot):
        method.bound(text, NOW, "new")


def test_a_snapshot_that_cannot_be_read_here_is_never_guessed_around() -> None:
    """Too old for 32-bit ages, or from a server that is further: diff, and the reason is told."""
    for given, words in (("10:20:", "transactions have passed"), ("6000000000:6000000000:", "another server")):
        choice = method.choose(None, given, NOW, base=False)
        assert (choice.method, choice.since) == (Method.DIFF, "")
        assert words in choice.why
        with pytest.raises(method.SnapshotUnusable):
            method.choose(Method.SNAPSHOT, given, NOW, base=False)


@pytest.mark.parametrize(
    ("new", "old", "fits"),
    [
        ("integer", "bigint", True),
        ("bigint", "integer", False),
        ("integer", "numeric", True),
        ("character varying(10)", "character varying(20)", True),
        ("character varying(20)", "character varying(10)", False),
        ("character varying", "character varying(10)", False),
        ("character varying(10)", "text", True),
        ("text", "character varying", True),
        ("text", "character varying(9)", False),
        ("numeric(9,2)", "numeric(12,2)", True),
        ("numeric(9,2)", "numeric(12,4)", False),
        ("numeric(9,2)", "numeric", True),
        ("numeric", "numeric(9,2)", False),
        ("timestamp(3) without time zone", "timestamp without time zone", True),
        ("timestamp without time zone", "timestamp(3) without time zone", False),
        ("timestamp with time zone", "timestamp without time zone", False),
        ("text", "integer", False),
        ("jsonb", "json", False),
        ("character(3)", "character(4)", False),
    ],
)
def test_a_type_fits_where_no_character_changes(new: str, old: str, *, fits: bool) -> None:
    """Wider is fine; anything that rounds, cuts or prints otherwise is not."""
    base = {"timestamp(3) without time zone": "timestamp without time zone"}.get(new, "")
    assert widening.fits(column(new, base=base), column(old), {}, {}) is fits


@pytest.mark.parametrize(
    ("new", "old", "fits"),
    [
        ({"shape": "x integer, y integer"}, {"shape": "x integer, y integer"}, True),
        ({"shape": "x integer, y integer"}, {"shape": "y integer, x integer"}, False),
        ({"shape": "numeric(6,3)"}, {"shape": "numeric(6,2)"}, False),
        ({"plain_type": "numeric(6,3)"}, {"plain_type": "numeric(6,2)"}, False),
        ({"plain_type": "character varying(9)"}, {"plain_type": "character(9)"}, False),
        ({"plain_type": "numeric(6,2)"}, {"plain_type": "numeric(9,2)"}, True),
    ],
)
def test_types_of_one_name_may_be_made_of_other_things(new: dict[str, str], old: dict[str, str], *, fits: bool) -> None:
    """What `(1,2)` means is the type's to say; a domain may be narrower."""
    mine, theirs = (replace(column("public.d"), **{"shape": None, **made}) for made in (new, old))
    assert widening.fits(mine, theirs, {}, {}) is fits


def test_timestamp_columns_are_known_by_name_and_type() -> None:
    """The usual names in any case; neither a text called created_at nor a timestamp called born."""
    kind = "timestamp with time zone"
    names = ("created_at", "UpdatedAt", "last_update", "modified", "date_added", "created", "updated_on", "mtime")
    found = table(*(column(kind, name) for name in (*names, "born", "recreated_at_all")), column("text", "inserted_at"))
    assert stamps.columns(found) == names
    assert stamps.columns(found, ("born",)) == ("born",)
    with pytest.raises(stamps.BadPattern):
        stamps.columns(found, ("(",))


def test_runs_have_no_gaps() -> None:
    """Neighbouring buckets become one range for an index."""
    assert list(runs((1, 2, 3, 7, 9, 10))) == [(1, 3), (7, 7), (9, 10)]
    assert list(runs(())) == []


def test_streams_meet_by_their_first_cell() -> None:
    """Each number comes once, with the rows of every stream that have it."""
    met = in_step([iter([("-1", "a"), ("2", "b"), ("2", "c")]), iter([("2", "d"), ("10", "e")]), iter([])])
    assert list(met) == [
        [[("-1", "a")], [], []],
        [[("2", "b"), ("2", "c")], [("2", "d")], []],
        [[], [("10", "e")], []],
    ]


def test_wide_rows_are_held_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what a row holds."""
    monkeypatch.setattr(keyed, "ROOM", 10)
    wide = [Seen(values=(str(key), "x" * width, None)) for key, width in enumerate([1, 1, 1, 20, 20, 1, 1])]
    found = (keyed.Difference(key=("k",), new=row, old=None, base=None, verdict=None) for row in wide)
    assert [len(chunk) for chunk in keyed.chunks(found, 3)] == [3, 1, 1, 2]
