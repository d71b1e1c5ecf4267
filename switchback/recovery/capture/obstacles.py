"""Finds rows that new alone changed and that old, written to meanwhile, would not take.

Such a row needs another one that stays as old has it: only old changed that one, or a person has yet to decide on it,
or it needs a third one itself. Looked for only where old was written to: else new's own constraints vouch for it.
Tables without a key are not looked into: there the importer's constraints speak.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from switchback.recovery.capture import keyed
from switchback.recovery.capture.keyed import Difference
from switchback.recovery.capture.needs import Need, Needs, Node, Obstacle
from switchback.recovery.catalog import Name
from switchback.recovery.find import Origin
from switchback.recovery.view import Key

CHUNK = 200  #: rows whose needs are looked for at once
DEEP, WIDE = 20, 20_000  #: how far rows are followed, in steps and in rows; beyond, the importer's constraints speak


@dataclass
class Obstacles:
    """What stands in the way of one table's rows; mutable, because it remembers rows that it has followed."""

    table: Name
    needs: Needs
    _held: dict[Node, bool] = field(init=False, default_factory=dict)

    def of(self, found: Sequence[Difference]) -> dict[Key, Obstacle]:
        """The obstacles of those differences that nothing else holds up, by key."""
        met: dict[Node, Obstacle] = {}
        needing = defaultdict[Node, list[Need]](list)
        seen = {(self.table, one.key) for one in found}
        needs = self.needs.of(self.table, found)
        for _ in range(DEEP):
            wanted = self._follow(needs, met, needing, seen)
            if not wanted:
                break
            seen |= wanted
            needs = self._of(wanted)
        _spread(met, needing)
        if not wanted and len(seen) < WIDE:
            self._remember({node: node in met for node in seen})
        return {key: obstacle for (table, key), obstacle in met.items() if table == self.table}

    def _follow(
        self, needs: Iterator[Need], met: dict[Node, Obstacle], needing: dict[Node, list[Need]], seen: set[Node]
    ) -> set[Node]:
        """The rows that have yet to be followed."""
        wanted: set[Node] = set()
        for need in needs:
            if need.stays or self._held.get(need.other):
                met.setdefault(need.row, need.obstacle)
            elif need.other in seen or (need.other not in self._held and len(seen) + len(wanted) < WIDE):
                needing[need.other].append(need)
                wanted |= {need.other} - seen
        return wanted

    def _of(self, nodes: Collection[Node]) -> Iterator[Need]:
        for table, group in groupby(sorted(nodes), key=itemgetter(0)):
            candidates = ((Origin.NEW, key) for _, key in group)
            for chunk in keyed.chunks(keyed.differences(self.needs.sides[table], candidates), CHUNK):
                yield from self.needs.of(table, chunk)

    def _remember(self, settled: dict[Node, bool]) -> None:
        if len(self._held) > WIDE:
            self._held.clear()
        self._held |= settled


def _spread(met: dict[Node, Obstacle], needing: dict[Node, list[Need]]) -> None:
    """What needs a row that has an obstacle has one too."""
    reached = list(met)
    while reached:
        for need in needing[reached.pop()]:
            if need.row not in met:
                met[need.row] = need.obstacle
                reached.append(need.row)
