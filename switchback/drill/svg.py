"""Scalable drawings, as text: a few shapes and a scale. Colours and fonts are the page's, by class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

CHARACTER = 6.3  #: pixels of a character of ordinary text, at 12 px
NICE = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Where a value lies on the drawing."""

    low: float
    high: float
    start: float  #: pixels of `low`
    end: float  #: pixels of `high`

    def __call__(self, value: float) -> float:
        """The value's pixel."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Box:
    """A rectangle's place, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


def rect(box: Box, kind: str, title: str = "", *, radius: float = 0) -> str:
    """A rectangle, with a tooltip."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{max(box.width, 0):.1f}" height="{max(box.height, 0):.1f}"'
        f' rx="{radius:g}" class="{kind}">{inner}</rect>'
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words; y is their base line."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def circle(x: float, y: float, radius: float, kind: str, title: str = "") -> str:
    """A dot, with a tooltip."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{kind}"><title>{escape(title)}</title></circle>'


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    """A line through these points."""
    return f'<path d="M{" L".join(f"{x:.1f},{y:.1f}" for x, y in points)}" class="{kind}"/>'


def drawing(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """The whole drawing; `label` is read out to those who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}"'
        f' xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def width_of(words: str) -> float:
    """About how wide ordinary text is, in pixels."""
    return CHARACTER * len(words)


def nice(span: float, most: int) -> float:
    """A round step that divides `span` into at most `most` parts."""
    return next((step for step in NICE if span / step <= most), NICE[-1])


def lanes(items: Sequence[tuple[float, float]]) -> list[int]:
    """For items (start, end) in the order of their starts: a lane for each, such that none overlap."""
    ends: list[float] = []
    chosen = []
    for start, end in items:
        lane = next((number for number, taken in enumerate(ends) if taken <= start), len(ends))
        ends[lane : lane + 1] = [end]
        chosen.append(lane)
    return chosen
