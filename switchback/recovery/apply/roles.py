"""Acting for the owners of old's tables: by membership, never by superuser where it is not given.

Never changes who is a member of what.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from switchback.recovery.apply import errors
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


@dataclass
class Roles:
    """Which owners we must become, found out once each."""

    link: Connection
    _become: dict[str, bool] = field(default_factory=dict)

    def must_become(self, owner: str, thing: str) -> bool:
        """Whether `set role` is needed to act for that owner; raises NotOwner where it is not allowed."""
        if owner not in self._become:
            found = (
                self.link.cursor(row_factory=tuple_row)
                .execute(sqlfiles.load("apply/read_role"), {"owner": owner})
                .fetchone()
            )
            itself, by_set_role = found or (False, False)
            if not itself and not by_set_role:
                raise errors.NotOwner(self.link.info.user, owner, thing)
            self._become[owner] = not itself
        return self._become[owner]

    @contextmanager
    def acting_for(self, owner: str, thing: str) -> Iterator[None]:
        """Be the owner inside; where the block fails, the transaction's rollback is what ends it."""
        if not self.must_become(owner, thing):
            yield
            return
        self.link.execute(SQL("set local role {}").format(Identifier(owner)))
        yield
        self.link.execute("set local role none")

    @property
    def strangers(self) -> tuple[str, ...]:
        """The owners that we become, so far: who must be let at our temporary tables."""
        return tuple(sorted(owner for owner, become in self._become.items() if become))
