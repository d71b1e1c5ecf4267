"""Rows that stay on new: nobody leaves them behind without having signed for them."""

from dataclasses import dataclass

from switchback.domain.together import side_by_side
from switchback.recovery import loss
from switchback.steps.recovery.bring import NotSigned
from switchback.steps.recovery.ground import Ground, workshop
from switchback.steps.recovery.kept import Kept, Part


@dataclass(frozen=True, kw_only=True)
class LossSeen:
    """Rows that stay behind, by database and table, and who signed for them."""

    databases: dict[str, tuple[loss.Left, ...]]
    signed_by: tuple[str, ...]


class LossSigned:
    """Somebody has signed for every row that stays behind; the rows are kept and can be brought home later."""

    facts = LossSeen
    name = "the loss is signed for"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> LossSeen:
        """See Check. Raises NotSigned."""
        found = side_by_side(self._ground.environment.databases, self._signed)
        names = tuple(sorted({one.signed_by for one in found.values()}))
        return LossSeen(databases={name: one.tables for name, one in found.items()}, signed_by=names)

    def _signed(self, database: str) -> loss.Loss:
        with workshop() as folder:
            Kept(self._ground, database, Part.LOSS).fetch(folder)
            signed = loss.read(folder)
        with Kept(self._ground, database, Part.EXPORTED).noted() as noted:
            if signed is None or noted is None or signed.exported != noted[0].manifest.digest:
                raise NotSigned(f"What stays behind of {database}")
        return signed
