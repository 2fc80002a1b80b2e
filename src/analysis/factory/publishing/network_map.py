"""A small map of the network: every clinic at its place in the list, its rate and interval on one scale for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from analysis.show.facts import BESIDE_ALL, Fact

WIDE, LEFT, TOP = 640.0, 36.0, 10.0  # of the drawing without its margins; the scale stands in the left one
# The colours of the paper; a page has its own, light and dark.
MAP_STYLE = (
    "<style>path{fill:none;stroke:#0b5c74;stroke-width:.8}.axis,.reference,.none{stroke:#55606e;stroke-width:.5}"
    ".mark{fill:#0b5c74;stroke:none}.outside path{stroke:#7a3b00}.outside .mark{fill:#7a3b00;stroke:none}"
    "text{font:8px 'DejaVu Sans';fill:#55606e}</style>"
)
_MOST_IN_ROW = 160
_NAMED = 24  # so few clinics have their names beneath
_LETTER = 5.0
_NAMES, _GAP = 14.0, 6.0


@dataclass(frozen=True)
class Spot:
    """A clinic: where its mark and the ends of its interval are; no mark where its rate is withheld."""

    x: float
    low: float
    high: float
    dot: float | None
    outside: bool
    title: str
    name: str


@dataclass(frozen=True)
class Row:
    """Clinics side by side: where the scale ends, and where the rate of the whole study is."""

    top: float
    bottom: float
    reference: float | None
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class NetworkMap:
    """One column of the overview, drawn."""

    title: str
    width: float
    height: float
    highest: str
    mark: float
    rows: tuple[Row, ...]

    @property
    def box(self) -> tuple[float, float]:
        """Where a row begins and ends."""
        return LEFT, LEFT + WIDE


@dataclass(frozen=True)
class _Scale:
    """The scale of a row: where its 0 is, and how far above it the highest share."""

    bottom: float
    high: float
    highest: float

    def of(self, share: float) -> float:
        return round(self.bottom - self.high * share / self.highest, 1)


def network_map(label: str, lines: Sequence[tuple[str, dict[str, Fact]]], whole: Fact | None) -> NetworkMap | None:
    """Draw one column of the overview; nothing where fewer than two groups have a rate.

    Parameters
    ----------
    label
        Of the column.
    lines
        Name and facts by label of every group but the whole study, in the order of the table: a place in the map says
        which clinic it is, and ranks nobody.
    whole
        The same fact of the whole study, if there is one.
    """
    drawn = [facts[label] for _, facts in lines if _known(facts.get(label))]
    if len(drawn) < 2:
        return None
    reference = whole.value if whole and _known(whole) else None
    highest = ceil(10 * max([fact.ends[1] for fact in drawn if fact.ends] + [reference or 0])) / 10
    in_row = min(len(lines), _MOST_IN_ROW)
    names = _NAMES if len(lines) <= _NAMED else 0.0
    high = 70.0 if len(lines) <= in_row else 28.0
    step = WIDE / max(in_row, 12)
    rows = []
    for number, start in enumerate(range(0, len(lines), in_row)):
        scale = _Scale(TOP + high + number * (high + names + _GAP), high, highest)
        spots = [
            _spot(name, facts, label, scale, round(LEFT + step * (place + 0.5), 1), step if names else 0.0)
            for place, (name, facts) in enumerate(lines[start : start + in_row])
        ]
        line = None if reference is None else scale.of(reference)
        rows.append(Row(scale.bottom - high, scale.bottom, line, tuple(spots)))
    height = rows[-1].bottom + names + 4
    title = _title(label, lines, drawn, whole)
    return NetworkMap(
        title, LEFT + WIDE + 4, height, f"{100 * highest:.0f} %", round(min(3.5, 0.35 * step), 1), tuple(rows)
    )


def _spot(name: str, facts: dict[str, Fact], label: str, scale: _Scale, x: float, width: float) -> Spot:
    """Draw one clinic, with as much of its name as fits in a width; without a name where that is 0."""
    fact = facts.get(label)
    words = ", ".join(filter(None, [fact.text if fact else "no rate", _place(facts)]))
    low, dot, top = scale.bottom, None, scale.bottom
    if fact and fact.ends and fact.value is not None:
        low, dot, top = scale.of(fact.ends[0]), scale.of(fact.value), scale.of(fact.ends[1])
    short = name if len(name) * _LETTER <= width else f"{name[: max(1, int(width / _LETTER) - 1)]}…"
    return Spot(x, low, top, dot, _outside(facts), f"{name}: {words}", short if width else "")


def _known(fact: Fact | None) -> bool:
    return fact is not None and fact.ends is not None and fact.value is not None


def _place(facts: dict[str, Fact]) -> str:
    return facts[BESIDE_ALL].text if BESIDE_ALL in facts else ""


def _outside(facts: dict[str, Fact]) -> bool:
    return BESIDE_ALL in facts and facts[BESIDE_ALL].stands_out


def _title(label: str, lines: Sequence[tuple[str, dict[str, Fact]]], drawn: list[Fact], whole: Fact | None) -> str:
    """Say what the map shows: the lowest and the highest rate, and who lies outside the limits."""
    rates = sorted(drawn, key=lambda fact: fact.value or 0)
    groups = f"{len(lines):,}" if len(drawn) == len(lines) else f"{len(drawn):,} of {len(lines):,}"
    spread = f"{label} in {groups} groups: {_share(rates[0])} to {_share(rates[-1])}"
    in_all = f"; the whole study {_share(whole)}" if whole and _known(whole) else ""
    outside = [name for name, facts in lines if _outside(facts)]
    named = f" ({', '.join(outside)})" if 0 < len(outside) <= 5 else ""
    stands = f"; {len(outside):,} outside their limits{named}" if any(BESIDE_ALL in facts for _, facts in lines) else ""
    return f"{spread}{in_all}{stands}"


def _share(fact: Fact) -> str:
    from analysis.show.words import percent  # a run that draws no map does without pandas

    return percent(fact.value or 0.0)
