"""What old holds once a bundle is applied, worked out by hand from old's rows and the bundle's lines.

Reads the databases in its own way, with nothing of the engine but the bundle's reader.
"""

from collections import Counter
from contextlib import closing

import psycopg
from psycopg import sql

from switchback.recovery.bundle import Bundle, Operation, TableNote, Values

Held = Counter[Values]
PINS = ("timezone = 'UTC'", "extra_float_digits = 1", "search_path = pg_catalog", "lc_monetary = 'C'")


def rows(dsn: str, note: TableNote) -> Held:
    """The rows of a table as output text, each as often as it is there."""
    cells = [
        sql.SQL("case when num_nulls(t.{0}) = 0 then concat(t.{0}) end").format(sql.Identifier(name))
        for name in note.layout.columns
    ]
    with closing(psycopg.connect(dsn, autocommit=True)) as link:
        for pin in PINS:
            link.execute(f"set {pin}".encode())
        kind = link.execute(
            "select relkind::text from pg_class where relname = %s and relnamespace = %s::regnamespace",
            (note.name, '"' + note.schema + '"'),
        ).fetchone()
        only = sql.SQL("" if kind == ("p",) else "only")
        table = sql.Identifier(note.schema, note.name)
        query = sql.SQL("select {} from {} {} t").format(sql.SQL(", ").join(cells), only, table)
        return Counter(link.execute(query).fetchall())


def applied(held: Held, found: Bundle, note: TableNote) -> Held:
    """Those rows after every row of the bundle was applied."""
    after = held.copy()
    for row in found.rows(note):
        if row.operation is not Operation.INSERT and row.old is not None:
            after[row.old] -= 1
        if row.new is not None:
            after[row.new] += 1
    assert all(count >= 0 for count in after.values()), f"{note.name}: the bundle takes rows that old does not have"
    return +after
