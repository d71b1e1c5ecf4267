"""Opening new to users in a cutover, so that even this can be taken back without losing what they wrote there."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback.records import given_up
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres.access import AccessSeen
from switchback.steps.postgres.silent import UNREADABLE
from switchback.steps.recovery.export import Export
from switchback.steps.recovery.ground import Ground, ground
from switchback.steps.recovery.home import BringHome
from switchback.steps.recovery.unreadable import unreadable

log = logging.getLogger(__name__)


@dataclass(eq=False)
class LeftOnNew(HalfDone):
    """Both sites are fenced, and old does not take what users wrote on new."""

    problem: ClassVar[str] = "{rows} rows that users wrote on new do not fit into old: {databases}."
    remedy: ClassVar[str] = (
        "Both sites are fenced and new is kept. See the rows: switchback bundle fetch {run} FOLDER. Mend what keeps "
        "old from taking them, then: switchback undo {run}."
    )
    rows: int
    databases: str
    run: str


class OpenNew(postgres.Unfence):
    """New takes writes. Undone, it is fenced again, and what was written there meanwhile is on old too.

    Behind two fences old is as the cutover left it, so nothing can conflict: anything left is LeftOnNew. Where new does
    not answer, and somebody has signed for all of it, users do not wait for it.
    """

    def __init__(self, environment: Environment, fenced: AccessSeen | None, own: Sequence[Record]) -> None:
        super().__init__(environment, Side.NEW, fenced)
        self._cutover = own

    def undo(self, before: AccessSeen) -> None:
        """See Step. Captured anew each time: users may have been let in again since an earlier try."""
        here = replace(ground(self._environment, self._cutover, self._cutover), environment=self._environment)
        try:
            self._take_back(before, here)
        except UNREADABLE as met:
            names = set(here.environment.databases)
            if names - set(given_up(self._cutover)) or names - set(unreadable(here).databases):
                raise
            log.warning("new is given up: %s", met)

    def _take_back(self, before: AccessSeen, here: Ground) -> None:
        super().undo(before)
        home = BringHome(here, even_deleted=True)
        for step in (Export(here), home):
            step.do_anew()
        stayed = {name: one.left for name, one in home.look().databases.items() if one.left}
        if stayed:
            rows = sum(table.upserts + table.deletes for left in stayed.values() for table in left)
            raise LeftOnNew(rows, ", ".join(stayed), here.run)
