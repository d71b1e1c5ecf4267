"""A review round trip through a real spreadsheet: LibreOffice opens and saves the CSV. Skipped where it is not there.

pytest tests/proof/test_spreadsheet.py
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from switchback.recovery import bundle, review
from switchback.recovery.bundle import Layout, Operation, Versions, cells
from tests import manifests

OFFICE = shutil.which("soffice")
SAVE = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
OPEN = "CSV:44,34,76,1,{formats},0,false,true"
TEXT = 2
COLUMNS = {"id": "integer", "zip": "text", "big": "numeric", "born": "date", "note": "text", "price": "numeric(6,2)"}
ROWS = (
    ("1", "00420", "12345678901234567890", "2026-01-31", "=1+1", "1.50"),
    ("2", "1E5", "1", "1999-12-31", 'a "b", c', "0.05"),
    ("3", "", "-7", "infinity", "line\nbreak", "9.00"),
    ("4", None, None, None, "\\N", None),
    ("5", "+49 30", "100000000000000000000", "0044-03-15 BC", "naïve ☕ \u202ertl", "-1.00"),
    ("6", "TRUE", "3", "2026-02-03", "MAR1", "7.25"),
)

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")


def written(place: Path) -> Path:
    """A bundle of one table with values that spreadsheets damage; its CSV."""
    alone = tuple(cells.left_alone(kind.split("(", maxsplit=1)[0]) for kind in COLUMNS.values())
    layout = Layout(columns=tuple(COLUMNS), alone=alone, key=("id",), old=False, base=False)
    with bundle.writing(place) as writer:
        table = writer.table("public", "t", layout)
        for row in ROWS:
            table.row(Operation.INSERT, Versions(new=row), bundle.Conflict.NONE)
        note = manifests.note(("public", "t"), table.close(), layout, COLUMNS, inserts=len(ROWS))
        writer.finish(manifests.of(note))
    return next(place.glob("*.csv"))


def through_the_office(path: Path, formats: str, scratch: Path) -> None:
    """Open and save the file in place."""
    words = [str(OFFICE), f"-env:UserInstallation=file://{scratch}/profile", "--headless", "--convert-to", SAVE]
    words += [f"--infilter={OPEN.format(formats=formats)}", "--outdir", str(scratch / "saved"), str(path)]
    subprocess.run(words, check=True, capture_output=True, timeout=180)
    shutil.copyfile(scratch / "saved" / path.name, path)


def test_a_file_opened_as_text_comes_back_unharmed_and_an_honest_edit_arrives(tmp_path: Path) -> None:
    """As docs/bundle.md asks: all columns as text."""
    path = written(tmp_path / "b")
    columns = len(COLUMNS) + 4
    path.write_text(path.read_text(encoding="utf-8").replace("7.25", "8.75"), encoding="utf-8")
    through_the_office(path, "/".join(f"{place}/{TEXT}" for place in range(1, columns + 1)), tmp_path)
    sealed = review.review(tmp_path / "b")
    assert [(edit.column, edit.before, edit.after) for edit in sealed.edits] == [("price", "7.25", "8.75")]
    assert sealed.applied == len(ROWS)


def test_a_file_opened_as_the_office_likes_is_refused_cell_by_cell(tmp_path: Path) -> None:
    """Leading zeros, long numbers, dates and words that it takes for something else."""
    path = written(tmp_path / "b")
    through_the_office(path, "", tmp_path)
    with pytest.raises(review.BadReview) as refused:
        review.review(tmp_path / "b")
    said = str(refused.value)
    assert "row 1, column zip: leading zeros were lost" in said
    assert "row 1, column big: " in said
    assert "row 2, column zip: " in said
