"""The picture of users over time: served upwards, by site; not served downwards. Steps and instants over it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from switchback.drill import svg
from switchback.drill.outcomes import Request, Served
from switchback.drill.steps import StepTaken
from switchback.drill.svg import Box, Scale

WIDTH, LEFT, RIGHT = 1080.0, 52.0, 12.0
TALL = 214.0  #: pixels from the most served to the most failed requests
BAND, LANE, ROW = 24.0, 17.0, 19.0
MOST_BARS = 220
BOLD = 1.12  #: how much wider bold words are


@dataclass(frozen=True, kw_only=True)
class Band:
    """A stretch of time with a name over the picture."""

    name: str
    started: float
    ended: float


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An instant with a name over the picture."""

    name: str
    at: float


@dataclass(frozen=True, kw_only=True)
class View:
    """What one picture shows; instants are seconds since the epoch."""

    label: str
    since: float
    until: float
    zero: float  #: where the axis counts from
    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()
    shaded: Band | None = None
    steps: Sequence[StepTaken] = ()


def draw(view: View, requests: Sequence[Request]) -> str:
    """The picture as SVG."""
    x = Scale(low=view.since, high=view.until, start=LEFT, end=WIDTH - RIGHT)
    unnamed = [Mark(name=band.name, at=band.started) for band in view.bands if not _name_in(band, x)]
    marks = sorted([*view.marks, *unnamed], key=lambda mark: mark.at)
    lanes = svg.lanes([_extent(mark, x) for mark in marks])
    top = (BAND + 6 if view.bands else 0) + LANE * (max(lanes, default=-1) + 1) + 8
    floor = top + TALL
    parts = [
        *_bands(view.bands, x, floor),
        *_shaded(view.shaded, x, top, floor),
        *_bars(view, requests, x, top),
        *_axis(view, x, floor),
        *_marks(marks, lanes, x, top, floor),
        *_outage_words(view.shaded, x, top),
        *_steps(view, x, floor + 30),
    ]
    rows = len(_shown(view)) * ROW + 12 if view.steps else 0
    return svg.drawing(WIDTH, floor + 30 + rows, view.label, parts)


def _bands(bands: Sequence[Band], x: Scale, floor: float) -> Iterator[str]:
    for number, band in enumerate(bands):
        left, width = x(band.started), x(band.ended) - x(band.started)
        yield svg.rect(Box(left, 0, width, floor), f"band{number % 2}")
        said = f"{band.name}: {band.ended - band.started:.1f} s"
        yield svg.rect(Box(left + 1, 0, width - 2, BAND), "head", said, radius=4)
        yield svg.text(left + width / 2, 16, _name_in(band, x), "headtext", "middle")


def _name_in(band: Band, x: Scale) -> str:
    """As much of the band's name as it has room for."""
    room = x(band.ended) - x(band.started) - 12
    return next((words for words in (band.name, band.name.split()[0]) if svg.width_of(words) < room), "")


def _shaded(band: Band | None, x: Scale, top: float, floor: float) -> Iterator[str]:
    if band is not None:
        yield svg.rect(Box(x(band.started), top, x(band.ended) - x(band.started), floor - top), "outage", band.name)


def _outage_words(band: Band | None, x: Scale, top: float) -> Iterator[str]:
    if band is not None:
        yield svg.text((x(band.started) + x(band.ended)) / 2, top + 16, band.name, "outagetext", "middle")


def _bars(view: View, requests: Sequence[Request], x: Scale, top: float) -> Iterator[str]:
    span = view.until - view.since
    size = 0.5 if span <= MOST_BARS / 2 else svg.nice(span, MOST_BARS)
    counted = Counter((int((r.at - view.since) // size), r.served) for r in requests if r.at < view.until)
    bins = range(int(span / size) + 1)
    up = max(1.0, *((counted[n, Served.OLD] + counted[n, Served.NEW]) / size for n in bins))
    down = max(1.0, *(counted[n, Served.FAILED] / size for n in bins))
    unit = TALL / (up + down) / 1.04
    zero = top + TALL - down * unit * 1.04
    yield from _levels(up, down, zero, unit)
    for n in bins:
        left, wide = (
            x(view.since + n * size),
            x(min(view.since + (n + 1) * size, view.until)) - x(view.since + n * size),
        )
        rates = {served: counted[n, served] / size for served in Served}
        old, new, failed = (rate * unit for rate in rates.values())
        yield svg.rect(Box(left, zero - old, wide, old), "old")
        yield svg.rect(Box(left, zero - old - new, wide, new), "new")
        yield svg.rect(Box(left, zero, wide, failed), "failed")
        yield svg.rect(Box(left, top, wide, TALL), "touch", _told(view.since + n * size, rates))


def _told(at: float, rates: Mapping[Served, float]) -> str:
    said = ", ".join(f"{rate:.0f}/s {_served(served)}" for served, rate in rates.items() if rate)
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}"[:-5] + f" UTC: {said or 'no request'}"


def _levels(up: float, down: float, zero: float, unit: float) -> Iterator[str]:
    step = svg.nice(up + down, 6)
    for number in range(-int(down / step), int(up / step) + 1):
        y = zero - number * step * unit
        yield svg.line(LEFT, y, WIDTH - RIGHT, y, "grid" if number else "zero")
        yield svg.text(LEFT - 8, y + 4, f"{abs(number * step):g}" if number else "", "tick", "end")
    yield svg.text(0, zero - 6, "served", "tick")
    yield svg.text(0, zero + 15, "failed", "tick")


def _axis(view: View, x: Scale, floor: float) -> Iterator[str]:
    step = svg.nice(view.until - view.since, 14)
    first = -int((view.zero - view.since) / step)
    for number in range(first, int((view.until - view.zero) / step) + 1):
        at = x(view.zero + number * step)
        yield svg.line(at, floor, at, floor + 5, "zero")
        yield svg.text(at, floor + 19, _seconds(number * step), "tick", "middle")


def _marks(marks: Sequence[Mark], lanes: Sequence[int], x: Scale, top: float, floor: float) -> Iterator[str]:
    height = LANE * (max(lanes, default=-1) + 1)
    for mark, lane in zip(marks, lanes, strict=True):
        start, end = _extent(mark, x)
        base = top - 8 - height + LANE * lane + 12
        yield svg.line(x(mark.at), base - 4, x(mark.at), floor, "mark")
        right = start < x(mark.at) - 1
        yield svg.text(end - 6 if right else start + 5, base, mark.name, "marktext", "end" if right else "start")


def _extent(mark: Mark, x: Scale) -> tuple[float, float]:
    """From where to where the mark's words reach: to its right, or to its left at the picture's edge."""
    at, wide = x(mark.at), BOLD * svg.width_of(mark.name) + 12
    return (at, at + wide) if at + wide <= WIDTH else (at - wide, at)


def _shown(view: View) -> list[StepTaken]:
    return [step for step in view.steps if step.started is not None]


def _steps(view: View, x: Scale, top: float) -> Iterator[str]:
    for row, step in enumerate(_shown(view)):
        started = step.started.timestamp() if step.started else view.since
        ended = step.ended.timestamp() if step.ended else view.until
        y, left, wide = top + ROW * row + 6, x(started), max(x(ended) - x(started), 2.0)
        words = f"{step.name}  {step.seconds:.1f} s" if step.seconds is not None else f"{step.name}  {step.outcome}"
        yield svg.line(LEFT, y + ROW - 3, WIDTH - RIGHT, y + ROW - 3, "grid")
        yield svg.rect(Box(left, y, wide, ROW - 6), "step" if step.holds else "failed", words, radius=3)
        fits = left + wide + svg.width_of(words) + 8 < WIDTH
        yield svg.text(left + wide + 6 if fits else left - 6, y + 11, words, "steptext", "start" if fits else "end")


def _served(served: Served) -> str:
    return "failed" if served is Served.FAILED else f"served by {served}"


def _seconds(value: float) -> str:
    sign = "-" if value < 0 else ""
    minutes, seconds = divmod(abs(value), 60)
    return f"{sign}{minutes:.0f}:{seconds:02.0f}" if minutes else f"{sign}{seconds:g} s"
