"""What people read at the review pause: counts only, never a value of a row."""

from statistics import median

from switchback import settings
from switchback.domain import rendering
from switchback.drill import archive, history
from switchback.rollback.records import Option, Way
from switchback.ways.conduct import Attempt
from switchback.ways.reviewing import Question

WAY = Way.EVALUATED_ROLLBACK.value
COLUMNS = ("table", "inserts", "updates", "deletes", "conflicts", "the timestamp rule would lose")


def title(asked: Question) -> str:
    """The first line."""
    return f"Rows written on new ({asked.run})"


def rows(asked: Question) -> list[dict[str, str | int]]:
    """One line a table with changes, then all together."""
    found: list[tuple[str | int, ...]] = [
        (f"{name}: {line.name}", line.inserts, line.updates, line.deletes, line.conflicts, line.lost_by_timestamps)
        for name, tables in asked.databases.items()
        for line in tables
    ]
    sums = tuple(sum(int(line[place]) for line in found) for place in range(1, len(COLUMNS)))
    found.append(("all", *sums))
    return [dict(zip(COLUMNS, line, strict=True)) for line in found]


def markdown(attempt: Attempt, asked: Question) -> str:
    """The text above the form: the numbers, where the files are, what an answer does.

    What decides comes first: the form shows few lines of it at a time.
    """
    environment = settings.load(attempt.environment)
    kept = environment.journal.folder or f"{environment.journal.account}/{environment.recovery.container}"
    lines = [dict(row) for row in rows(asked)]
    head = "| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS)
    table = "\n".join([head, *("| " + " | ".join(_cell(row[name]) for name in COLUMNS) + " |" for row in lines)])
    what = {
        Option.RECOVER: "Rows that are not applied stay in the bundle, and whoever answers signs for them.",
        Option.ACCEPT_LOSS: "**None of these rows comes home.** They stay in the bundle; the answer signs for that.",
    }
    parts = [
        f"**The last review does not count:** {asked.refusal}" if asked.refusal else "",
        _together(lines[-1]),
        f"Returned so far: `{asked.returned}`" if asked.option is Option.RECOVER else "",
        what[asked.option],
        f"### {title(asked)}",
        table,
        _expected(environment.name),
        f"Fetch them: `switchback bundle fetch {attempt.run} FOLDER`",
        f"Return them: `switchback bundle return {attempt.run} FOLDER`",
        f"They are kept in `{kept}`, below `{environment.name}/{attempt.run}`.",
        f"Exported bundle `{asked.digest[: rendering.SHORT]}`",
    ]
    return "\n\n".join(part for part in parts if part)


def _together(sums: dict[str, str | int]) -> str:
    *counts, lost = COLUMNS[1:]
    found = ", ".join(f"{sums[name]} {name}" for name in counts)
    return f"**{found}** in all; of these {lost} {sums[lost]}."


def _expected(environment: str) -> str:
    """How long it took in drills, where there were any; the review itself included."""
    drills = history.read(archive.root() / "history.jsonl")
    took = [one.approval_to_done_s for one in drills if (one.environment, one.way_back) == (environment, WAY)]
    return f"In {len(took)} drills it took {median(took) / 60:.1f} minutes, approval to end." if took else ""


def _cell(value: str | int) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
