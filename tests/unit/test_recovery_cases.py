"""`make proof` brings all cases home in one database: each one's tables need names of their own."""

import re
from collections import Counter

from tests.recovery_cases import CASES

TABLE = re.compile(r"create (?:unlogged )?table (\"(?:[^\"]|\"\")+\"|\w+)")


def test_no_two_cases_name_a_table_alike() -> None:
    """But for those that differ only in what a foreign key does, of which it takes none."""
    alone = [case for case in CASES if ", on delete" not in case.name]
    named = Counter(name for case in alone for name in set(TABLE.findall(case.setup)))
    assert [name for name, cases in named.items() if cases > 1] == []
