"""The trend of recovery times over past drills, drawn."""

from collections.abc import Callable, Iterator, Sequence

from switchback.drill import svg
from switchback.drill.history import Past
from switchback.drill.svg import Scale

WIDTH, HEIGHT = 1080.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 230.0, 14.0, 30.0
MOST = 40  #: drills shown

Measured = Callable[[Past], float | None]
SERIES: tuple[tuple[str, str, Measured], ...] = (
    ("served", "first user served by old", lambda past: past.approval_to_first_served_s),
    ("down", "longest outage", lambda past: past.downtime_s),
    ("done", "way back finished", lambda past: past.approval_to_done_s),
)


def draw(past: Sequence[Past]) -> str:
    """The last drills from left to right, in seconds from the approval; a hollow dot was not proven."""
    shown = past[-MOST:]
    known = [value for _kind, _name, measured in SERIES for drill in shown if (value := measured(drill)) is not None]
    y = Scale(low=0, high=max([1.0, *known]) * 1.1, start=HEIGHT - BOTTOM, end=TOP)
    x = Scale(low=0, high=max(1, len(shown) - 1), start=LEFT + 16, end=WIDTH - RIGHT)
    label = f"Recovery times of the last {len(shown)} drills"
    return svg.drawing(WIDTH, HEIGHT, label, [*_grid(y), *_days(shown, x), *_lines(shown, x, y)])


def _grid(y: Scale) -> Iterator[str]:
    step = svg.nice(y.high, 5)
    for number in range(int(y.high / step) + 1):
        at = y(number * step)
        yield svg.line(LEFT, at, WIDTH - RIGHT + 16, at, "grid" if number else "zero")
        yield svg.text(LEFT - 8, at + 4, f"{number * step:g} s", "tick", "end")


def _days(shown: Sequence[Past], x: Scale) -> Iterator[str]:
    every = max(1, -(-len(shown) // 8))
    for number, drill in enumerate(shown):
        if (len(shown) - 1 - number) % every == 0:
            yield svg.text(x(number), HEIGHT - 10, f"{drill.began:%d %b %H:%M}", "tick", "middle")


def _lines(shown: Sequence[Past], x: Scale, y: Scale) -> Iterator[str]:
    ends = []
    for kind, name, measured in SERIES:
        points = [
            (x(n), y(value), drill, value) for n, drill in enumerate(shown) if (value := measured(drill)) is not None
        ]
        if not points:
            continue
        if len(points) > 1:
            yield svg.path([(across, down) for across, down, _drill, _value in points], f"trend {kind}")
        for across, down, drill, value in points:
            state = kind if drill.proven else f"{kind} hollow"
            yield svg.circle(across, down, 4, f"dot {state}", f"{drill.id}: {name} after {value:.1f} s")
        ends.append((points[-1][1], kind, f"{name} {points[-1][3]:.1f} s"))
    yield from _labels(ends)


def _labels(ends: Sequence[tuple[float, str, str]]) -> Iterator[str]:
    free = TOP
    for at, kind, words in sorted(ends):
        base = max(at + 4, free)
        yield svg.text(WIDTH - RIGHT + 26, base, words, f"trendtext {kind}")
        free = base + 16
