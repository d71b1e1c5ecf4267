"""The post-mortem's timeline is made from a journal alone."""

from switchback.domain.journal import Kind, next_record
from switchback.ways.timeline import rows, timeline, words
from tests.unit import drill_example

TOLD = drill_example.evidence().switchback.told.records


def test_the_same_journal_gives_the_same_text() -> None:
    """Also tomorrow, and on another machine."""
    assert timeline(TOLD) == timeline(drill_example.evidence().switchback.told.records)


def test_every_record_is_a_line_with_its_instant_and_the_time_since_the_first() -> None:
    """And the last line names the chain's last hash, so that the text can be held against the journal."""
    lines = timeline(TOLD).splitlines()
    assert len(lines) == len(TOLD) + 1
    assert lines[0].startswith("2026-11-22 10:00:50.500Z     +0.0 s  drill asks for dns-switchback in example")
    assert TOLD[-1].hash in lines[-1]


def test_as_a_table_it_says_the_same() -> None:
    """A row per record, for the artifact."""
    for row, line in zip(rows(TOLD), timeline(TOLD).splitlines(), strict=False):
        assert line.split() == f"{row['at (UTC)']}Z {row['after']} {row['what']}".split()
    assert len(rows(TOLD)) == len(TOLD)


def test_a_vote_names_who_voted_what_and_why() -> None:
    """The post-mortem asks exactly that."""
    (vote,) = (record for record in TOLD if record.kind is Kind.VOTED)
    assert words(vote) == "Ada Example (incident_commander) votes approve on plan 5eed5eed5eed: drill"


def test_a_way_back_that_was_taken_back_says_so() -> None:
    """From the turn on, each step that was undone, and the end."""
    at = "2026-11-22T10:05:00.000+00:00"
    undoing = next_record(TOLD, at=at, kind=Kind.UNDOING, step="", data={})
    undone = next_record(TOLD, at=at, kind=Kind.UNDONE, step="fence new", data={"seen": {}})
    closed = next_record(TOLD, at=at, kind=Kind.CLOSED, step="", data={"outcome": "undone", "steps": ["fence new"]})
    assert [words(r) for r in (undoing, undone, closed)] == [
        "from here on it is taken back",
        "fence new: undone",
        "ended: undone",
    ]


def test_an_empty_journal_is_said_to_be_empty() -> None:
    """A killed runner may leave one."""
    assert timeline(()) == "The journal is empty.\n"
