"""The review of what people returned: taken whole and sealed on the shelf, or refused with file, row and column."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from switchback.domain import rendering
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.domain.together import side_by_side
from switchback.recovery import bundle, loss, review, reviewed, summary
from switchback.recovery.apply import apply
from switchback.recovery.review.run import BadReview
from switchback.recovery.reviewed import Decide, Reviewed
from switchback.steps.recovery.export import over
from switchback.steps.recovery.ground import Ground, workshop
from switchback.steps.recovery.home import BringHome, on_old
from switchback.steps.recovery.kept import LEFT, Kept, Part, keep_returned, lay_returned, returned
from switchback.systems import shelf

NOTHING = "none"  #: the code where no file was returned


class Conflicts(StrEnum):
    """What becomes of conflicts that nobody decided in the CSV files."""

    LEAVE = "leave"  # old's row stays; new's is kept in the bundle and signed for
    TAKE_NEW = "take_new"  # new's row is applied; only where the files were returned, so that somebody has seen them


@dataclass(eq=False)
class NobodyLooked(Refused):
    """Conflicts are not decided by people who have not seen them."""

    problem: ClassVar[str] = "{database}: {conflicts} conflicts, and no file was returned: nobody has looked at them."
    remedy: ClassVar[str] = "Fetch the bundle, decide them, return it; or answer with conflicts: leave."
    database: str
    conflicts: int


@dataclass(eq=False)
class NotInTheBundle(Refused):
    """What is returned is not this attempt's."""

    problem: ClassVar[str] = "{folder} has no bundle of {database} that was exported by {run}."
    remedy: ClassVar[str] = "Fetch it first, into a new folder: switchback bundle fetch {run} FOLDER."
    folder: str
    database: str
    run: str


@dataclass(eq=False)
class OtherFiles(Refused):
    """Whoever signs for files has said which."""

    problem: ClassVar[str] = "The answer is for other files than those that lie there now, whose code is {returned}."
    remedy: ClassVar[str] = "Ask the data team which are meant: switchback bundle return prints the code. Answer again."
    returned: str


@dataclass(eq=False)
class ReturnCutOff(Refused):
    """Files that people return count together, or not at all."""

    problem: ClassVar[str] = "{database}: files are being returned, or that was cut off."
    remedy: ClassVar[str] = "Return them (again): switchback bundle return {run} FOLDER; then answer again."
    database: str
    run: str


@dataclass(eq=False)
class OnOldAlready(Refused):
    """What people decided is done: another decision comes too late."""

    problem: ClassVar[str] = "{database}: the rows are on old already, as they were signed for; nothing was taken."
    remedy: ClassVar[str] = "If others are to be returned, move the folder {database} away, and return the rest."
    database: str


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who answers for what stays behind, and why."""

    name: str
    reason: str


def seal(ground: Ground, conflicts: Conflicts, signer: Signer) -> str:
    """Review every database's bundle as it came back, and keep what was decided; returns the digest over all.

    Raises the first refusal, and nothing is sealed then. Rows that stay behind are signed for by `signer`. What was
    decided about rows that are on old stays.
    """
    done = _done(ground)
    names = [name for name in ground.environment.databases if name not in done]
    there = {name for name in names if Kept(ground, name, Part.RETURNED).there}
    if there and (cut := [name for name in names if name not in there]):
        raise ReturnCutOff(cut[0], ground.run)
    with workshop() as folder:
        found = side_by_side(names, lambda name: _review(ground, name, folder / name, conflicts))
        for name, decided in found.items():
            _keep(ground, name, folder / name, signer if _stays(folder / name, decided) else None)
    return over({name: decided.digest for name, decided in (done | found).items()})


def returned_code(ground: Ground) -> str:
    """What people have returned by now, as they say it: the beginning of a digest over all files, or NOTHING."""
    sums = {
        f"{name}/{file}": sum_
        for name in ground.environment.databases
        for file, sum_ in returned(Kept(ground, name, Part.RETURNED)).items()
    }
    return over(sums)[: rendering.SHORT] if sums else NOTHING


def sign_loss(ground: Ground, signer: Signer) -> None:
    """Sign for every row of every bundle; nothing is applied, and the bundles are kept."""
    with workshop() as folder:
        for name in ground.environment.databases:
            Kept(ground, name, Part.EXPORTED).fetch(folder / name)
            loss.accept(folder / name, signer.name, signer.reason)
            Kept(ground, name, Part.LOSS).put({loss.FILE: folder / name / loss.FILE})


def sign_left(ground: Ground, signer: Signer) -> int:
    """Sign for the rows that coming home left on new; how many. They stay in the bundle; a second call adds nothing."""
    rows = 0
    for name, home in BringHome(ground).look().databases.items():
        if home.left:
            with workshop() as folder:
                Kept(ground, name, Part.HOME).fetch(folder)
                loss.accept(folder, signer.name, signer.reason)
                listed = folder / LEFT
                listed.write_text(json.dumps([asdict(table) for table in home.left]), encoding="utf-8")
                Kept(ground, name, Part.LOSS).put({loss.FILE: folder / loss.FILE, listed.name: listed})
            rows += sum(table.upserts + table.deletes for table in home.left)
    return rows


def fetch(ground: Ground, folder: Path) -> tuple[Path, ...]:
    """The bundles for people, each in a folder of its own, with a summary and what was returned so far."""
    places = []
    for name in ground.environment.databases:
        place = folder / name
        if place.exists():
            raise bundle.FolderTaken(str(place))
        if Kept(ground, name, Part.EXPORTED).fetch(place):
            place.chmod(0o700)
            lay_returned(Kept(ground, name, Part.RETURNED), place)
            summary.write(bundle.opened(place), None)
            places.append(place)
    return tuple(places)


def give(ground: Ground, folder: Path) -> int:
    """Return the CSV files of fetched bundles, once a review takes them; how many. Raises BadReview or OnOldAlready.

    Undecided conflicts are no hindrance: the answer to the form says what becomes of them.
    """
    files: dict[str, list[str]] = {}
    done = _done(ground)
    for name in ground.environment.databases:
        place = folder / name
        if name in done and not place.exists():
            continue
        with Kept(ground, name, Part.EXPORTED).noted() as noted:
            if noted is None or not (place / bundle.MANIFEST).is_file():
                raise NotInTheBundle(str(folder), name, ground.run)
            if bundle.opened(place).manifest.digest != noted[0].manifest.digest:
                raise NotInTheBundle(str(folder), name, ground.run)
        decided = review.review(place, Decide.LEAVE)
        if ground.opened or (name in done and _sums(done[name]) != _sums(decided)):
            raise OnOldAlready(name)
        files[name] = [file.file for file in decided.files]
    for name in files:  # cut off from here on, no file counts: never those of two returns together
        Kept(ground, name, Part.RETURNED).drop()
    for name, names in files.items():
        keep_returned(Kept(ground, name, Part.RETURNED), folder / name, names)
    return sum(map(len, files.values()))


def _review(ground: Ground, database: str, place: Path, conflicts: Conflicts) -> Reviewed:
    Kept(ground, database, Part.EXPORTED).fetch(place)
    back = Kept(ground, database, Part.RETURNED)
    open_ = bundle.opened(place).manifest.conflicts
    if conflicts is Conflicts.TAKE_NEW and open_ and not back.there:
        raise NobodyLooked(database, open_)
    if not back.there and ground.shelf.names(back.place):
        raise ReturnCutOff(database, ground.run)
    lay_returned(back, place)
    try:
        decided = review.review(place, Decide.ALL if conflicts is Conflicts.TAKE_NEW else Decide.LEAVE)
    except BadReview as bad:
        raise BadReview(bad.count, bad.shown, f"FOLDER/{database}") from bad
    if decided.edits or open_:  # as exported, rows fit a fenced old
        must_fit(ground, database, place)
    return decided


def must_fit(ground: Ground, database: str, place: Path) -> None:
    """Bring the reviewed rows into old, and take them back. Raises what the engine raises where they do not fit."""
    apply(ground.dsn(Side.OLD, database), place, rehearse=True)


def _done(ground: Ground) -> dict[str, Reviewed]:
    found = {name: on_old(ground, name) for name in ground.environment.databases}
    return {name: review for name, review in found.items() if review}


def _sums(decided: Reviewed) -> dict[str, str]:
    return {file.file: file.sha256 for file in decided.files}


def _stays(place: Path, decided: Reviewed) -> bool:
    return bool(loss.left_behind(bundle.opened(place), decided))


def _keep(ground: Ground, database: str, place: Path, signer: Signer | None) -> None:
    summary.write(bundle.opened(place), reviewed.read(bundle.opened(place)))
    Kept(ground, database, Part.SEALED).drop()  # no review outlives the signature for what it leaves
    lost = Kept(ground, database, Part.LOSS)
    lost.drop()
    if signer:
        loss.accept(place, signer.name, signer.reason)
        lost.put({loss.FILE: place / loss.FILE})
    files = shelf.files_of(place)
    decided = {file.file for file in reviewed.read(bundle.opened(place)).files}
    ours = {name for name in files if name.startswith((f"{reviewed.FOLDER}/", "summary.")) or name in decided}
    Kept(ground, database, Part.SEALED).put({name: files[name] for name in {*ours, reviewed.FILE}})
