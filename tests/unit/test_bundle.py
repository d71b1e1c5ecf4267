"""The bundle: what is written is what is read, and nothing half-written is ever seen."""

import csv
import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchback.recovery import bundle
from switchback.recovery.bundle import cells
from switchback.recovery.bundle.writer import Output, TableWriter
from tests import manifests

NASTY = [
    None,
    "",
    "\\N",
    "\\",
    "\\E",
    "\\.",
    "=1+1",
    "-5",
    "'x",
    " lead",
    "a\r\nb\n\\.\nc",
    '"',
    ",",
    "\u202eRTL",
    "9" * 300,
]
values = st.one_of(st.none(), st.sampled_from(NASTY), st.text(st.characters(exclude_characters="\0", codec="utf-8")))


def layout(columns: int = 3, *, key: int = 1, old: bool = True, base: bool = False) -> bundle.Layout:
    """A layout whose names look like ours."""
    names = tuple(["_op", "old:_op", "=sum", "plain", "base:x"][:columns])
    return bundle.Layout(columns=names, alone=(False,) * columns, key=names[:key], old=old, base=base)


@given(values)
def test_every_text_comes_back_from_its_cell(value: str | None) -> None:
    """NULL, the empty text, formulas and backslashes survive the escape, alone or beside another value."""
    assert cells.decode(cells.encode(value)) == value
    assert cells.decode(cells.encode_aside(value)) == value
    assert cells.encode_aside(value) != ""


@given(st.lists(st.tuples(values, values, values, values, values, values), max_size=4))
def test_rows_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, ...]]
) -> None:
    """Inserts, updates, deletes and conflicts are resolved to the same three versions of a row."""
    path = tmp_path_factory.mktemp("bundle") / "t.csv"
    writer = TableWriter(Output(path), layout(base=True))
    kinds = (
        (bundle.Operation.INSERT, bundle.Conflict.NONE),
        (bundle.Operation.UPDATE, bundle.Conflict.BOTH_CHANGED),
        (bundle.Operation.DELETE, bundle.Conflict.DELETED_ON_NEW),
        (bundle.Operation.UPDATE, bundle.Conflict.BOTH_INSERTED),
        (bundle.Operation.INSERT, bundle.Conflict.DELETED_ON_OLD),
    )
    written = []
    for row in rows:
        for operation, conflict in kinds:
            versions = bundle.Versions(
                new=None if operation is bundle.Operation.DELETE else row[:3],
                old=None if operation is bundle.Operation.INSERT else row[3:],
                base=(row[2], row[4], row[0]) if conflict.startswith("deleted") else None,
            )
            writer.row(operation, versions, conflict)
            written.append((operation, conflict, versions))
    writer.close()
    read = list(bundle.read_rows(path, writer.layout))
    assert [(r.operation, r.conflict, bundle.Versions(new=r.new, old=r.old, base=r.base)) for r in read] == written
    assert [r.number for r in read] == list(range(1, len(written) + 1))


def test_a_table_without_columns_keeps_its_rows(tmp_path: Path) -> None:
    """Zero columns still make rows: they are counted by their lines."""
    writer = TableWriter(Output(tmp_path / "t.csv"), layout(0, key=0, old=False))
    writer.row(bundle.Operation.INSERT, bundle.Versions(new=()))
    writer.row(bundle.Operation.DELETE, bundle.Versions(old=()))
    writer.close()
    read = list(bundle.read_rows(tmp_path / "t.csv", writer.layout))
    assert [(row.new, row.old) for row in read] == [((), None), (None, ())]


def test_the_file_says_the_same_to_any_csv_reader(tmp_path: Path) -> None:
    """Headings of ours never collide with a table's own names."""
    writer = TableWriter(Output(tmp_path / "t.csv"), layout())
    writer.row(bundle.Operation.UPDATE, bundle.Versions(new=("1", "b", "=x"), old=("1", "", None)))
    writer.close()
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        header, line = list(csv.reader(file))
    assert header == [
        "_op",
        "_decision",
        "_why",
        "_row",
        "\\_op",
        "\\old:_op",
        "\\=sum",
        "old:_op",
        "old:old:_op",
        "old:=sum",
    ]
    assert line == ["update", "apply", "", "1", "1", "b", "\\=x", "", "\\E", "\\N"]


def test_another_header_or_a_short_line_is_refused(tmp_path: Path) -> None:
    """A file that lost a column says so instead of shifting values."""
    path = tmp_path / "t.csv"
    path.write_text("_op,_decision,_why,_row,a\n", encoding="utf-8")
    with pytest.raises(bundle.BundleChanged, match="header"):
        list(bundle.read_rows(path, layout()))
    path.write_text(",".join(layout().header) + "\ninsert,apply,,1\n", encoding="utf-8")
    with pytest.raises(bundle.BundleChanged, match="4 cells"):
        list(bundle.read_rows(path, layout()))


def write(place: Path) -> bundle.Manifest:
    """A bundle with one row."""
    with bundle.writing(place) as writer:
        table = writer.table("pub\nlic", "a/b", layout())
        table.row(bundle.Operation.INSERT, bundle.Versions(new=("1", None, "")))
        note = manifests.note(
            ("pub\nlic", "a/b"), table.close(), layout(), dict.fromkeys(layout().columns, "text"), inserts=1
        )
        return writer.finish(manifests.of(note))


def test_a_bundle_is_private_whole_and_sealed(tmp_path: Path) -> None:
    """Only the owner reads it; a changed byte shows, in a table as in the manifest."""
    place = tmp_path / "b"
    sealed = write(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*") if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*") if path.is_dir()} == {0o700}
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    read = bundle.opened(place)
    assert read.manifest == sealed
    read.check_files()
    [row] = read.rows(read.manifest.tables[0])
    assert row.new == ("1", None, "")
    read.path(read.manifest.tables[0]).open("a").write("\n")
    with pytest.raises(bundle.BundleChanged):
        read.check_files()
    text = (place / bundle.MANIFEST).read_text()
    (place / bundle.MANIFEST).write_text(text.replace('"inserts": 1', '"inserts": 2'))
    with pytest.raises(bundle.BundleChanged, match="digest"):
        bundle.opened(place)


def test_a_bundle_is_never_overwritten(tmp_path: Path) -> None:
    """A second capture into the same folder is refused, and the first stays."""
    write(tmp_path / "b")
    with pytest.raises(bundle.FolderTaken):
        write(tmp_path / "b")
    bundle.opened(tmp_path / "b").check_files()


def test_two_writers_of_one_folder_are_told_apart(tmp_path: Path) -> None:
    """The second one is refused while the first still writes."""
    with bundle.writing(tmp_path / "b"), pytest.raises(bundle.FolderBusy):
        write(tmp_path / "b")


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path) -> None:
    """Its workshop is removed by the next one."""
    (tmp_path / ".b.partial").mkdir()
    (tmp_path / ".b.partial" / "0001-x.csv").write_text("half")
    write(tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    """ENOSPC becomes a refusal that names the folder."""

    def fill(place: Path) -> None:
        with bundle.writing(place) as writer:
            output = writer.binary("x")
            os.dup2(os.open("/dev/full", os.O_WRONLY), output._files[0].fileno())
            output.write(b"x")
            output.close(0)

    with pytest.raises(bundle.NoRoom, match=os.strerror(errno.ENOSPC)):
        fill(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []
