"""Schemas that make rows hard to bring home, each with what happens on new: data for test_apply.py.

Written from what Postgres allows, not from any one application's schema. Everything is run as the
application's role, so the recovery's role owns none of it.
"""

from dataclasses import dataclass
from pathlib import Path

THEN = "-- then, on new\n"
ACTIONS = ("no action", "cascade", "set null", "restrict", "set default")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One schema with its first rows, and what is done to new after the cutover."""

    name: str
    setup: str
    changes: str

    def __str__(self) -> str:
        return self.name


def _read(path: Path, name: str = "", action: str = "") -> Case:
    setup, changes = path.read_text(encoding="utf-8").replace("{action}", action).split(THEN)
    return Case(name=name or path.stem.replace("_", " "), setup=setup, changes=changes)


FOLDER = Path(__file__).parent
CASES = [
    *(_read(path) for path in sorted(FOLDER.glob("*.sql"))),
    *(
        _read(path, f"{path.stem}, on delete {action}", action)
        for path in sorted((FOLDER / "parents").glob("*.sql"))
        for action in ACTIONS
    ),
]
