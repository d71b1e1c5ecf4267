"""The statements in `sql/`, one per file, loaded by name. Never builds SQL out of values.

`sql/` is data beside the code, not a package: it is found from this checkout.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from psycopg.sql import SQL

from switchback.domain.errors import Refused

ROOT = Path(__file__).parents[3] / "sql"


@dataclass(eq=False)
class NoSuchStatement(Refused):
    """The code asks for a file that this checkout does not have."""

    problem: ClassVar[str] = "There is no statement {name!r} in {folder}."
    remedy: ClassVar[str] = "Run from a complete checkout or image of Switchback."
    name: str
    folder: str


@cache
def load(name: str) -> SQL:
    """The statement in `sql/<name>.sql`, for example "fence/close_role".

    Values are written `%(name)s` in the file and identifiers `{name}`; a file without identifiers
    is executed as it is, one with them after `.format()`. Read once per process; raises NoSuchStatement.
    """
    path = ROOT / f"{name}.sql"
    if not path.is_file():
        raise NoSuchStatement(name, str(ROOT))
    # psycopg asks for a literal (to mypy: any str) so that nobody composes SQL from data. A file that is
    # reviewed and committed beside the code is as literal as the code; nowhere else may a str become SQL.
    return SQL(path.read_text(encoding="utf-8"))
