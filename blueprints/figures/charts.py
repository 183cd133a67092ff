"""Bars as a page draws them: where each stands, in per cent from the left and pixels from the top. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 120  # pixels, of the highest bar
LEAST = 2.0  # pixels: what is not 0 is seen
TOP = 20.0


@dataclass(frozen=True)
class Series:
    """Bars that mean the same: their label, and a value for each place."""

    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Bar:
    """One bar of a chart; `series` counts from 1, `label` is what it says by itself."""

    series: int
    left: float
    width: float
    top: float
    height: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Bars with their legend, the value of the highest line, and what stands under the first and last of them."""

    bars: tuple[Bar, ...]
    legend: tuple[str, ...]
    top_label: str
    first_label: str
    last_label: str
    sentence: str


def chart_of(
    series: Sequence[Series], places: Sequence[str], unit: str, sentence: str, *, is_stacked: bool = False
) -> Chart | None:
    """The chart; None where there is nothing to see. `places` are what each group of bars is of."""
    heights = [sum(some) if is_stacked else max(some) for some in zip(*(row.values for row in series), strict=True)]
    top = _round_up(max(heights, default=0))
    if top <= 0:
        return None
    group = 100 / len(places)
    width = group * 0.8 / (1 if is_stacked else len(series))
    bars = []
    for place, place_label in enumerate(places):
        ground = TOP + HEIGHT
        for number, row in enumerate(series):
            value = max(row.values[place], 0)
            if not value:
                continue
            height = max(value * HEIGHT / top, LEAST)
            left = place * group + group * 0.1 + (0 if is_stacked else number * width)
            label = f"{place_label}: {row.label} {_number(value)}{unit}"
            bars.append(Bar(number + 1, round(left, 2), round(width, 2), ground - height, round(height, 1), label))
            if is_stacked:
                ground -= height
    return Chart(
        tuple(bars),
        tuple(row.label for row in series),
        f"{_number(top)}{unit}",
        places[0],
        places[-1] if len(places) > 1 else "",
        sentence,
    )


@dataclass(frozen=True)
class Line:
    """One bar across the page: its label and value, and how long it is, in per cent of the longest."""

    label: str
    value: str
    width: float


def lines_of(values: Sequence[tuple[str, float]]) -> list[Line]:
    """Bars across the page, the longest first; none for 0."""
    longest = max((value for _, value in values), default=0)
    in_order = sorted((pair for pair in values if pair[1] > 0), key=lambda pair: -pair[1])
    return [Line(label, _number(value), round(value * 100 / longest, 1)) for label, value in in_order]


def _round_up(value: float) -> float:
    """The next number that people like: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten."""
    if value <= 0:
        return 0
    power = 1.0
    while power * 10 < value:
        power *= 10
    while power > value:
        power /= 10
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10, 20) if step * power >= value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
