"""The first table of the index: one row a clinic, drawn from the facts that its report left in its manifest."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.factory.publishing.network_map import NetworkMap, network_map
from analysis.show.facts import Fact

WIDE, HIGH = 120, 20
"""Of a small drawing, in the units of its view box."""
WHOLE = "Whole study"
_EDGE = 3  # room for a dot at either end


@dataclass(frozen=True)
class Cell:
    """What one cell shows and is sorted by; the drawings are empty where there is nothing to draw."""

    text: str
    order: str
    stands_out: bool = False
    low: float | None = None
    dot: float | None = None
    high: float | None = None
    tick: float | None = None
    reference: float | None = None
    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Line:
    """One report in the overview."""

    group: str
    href: str
    status: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Overview:
    """The reports of one study at a glance, the whole study first."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    maps: tuple[NetworkMap, ...] = ()

    @property
    def draws(self) -> bool:
        """Whether any cell has a small drawing; where all is withheld, none has."""
        return any(cell.dots or cell.low is not None for line in self.lines for cell in line.cells)


def overview(reports: Sequence[tuple[str, str, str, Sequence[Fact]]]) -> Overview | None:
    """Lay out the facts of reports as a table; a column in which nothing is said is left out.

    Parameters
    ----------
    reports
        Group, address, status and facts of each report that has facts, in order; the whole study, if it is there,
        first: its rate is drawn through all rows.
    """
    facts = [{fact.label: fact for fact in known} for _, _, _, known in reports]
    labels = [
        label
        for label in dict.fromkeys(label for known in facts for label in known)
        if any(known[label].text for known in facts if label in known)
    ]
    if not labels:
        return None
    columns = {label: [known.get(label) for known in facts] for label in labels}
    scales = {label: _scale(column) for label, column in columns.items()}
    lines = []
    for (group, href, status, _), known in zip(reports, facts, strict=True):
        cells = [_cell(known.get(label), scales[label], columns[label][0]) for label in labels]
        lines.append(Line(group, href, status, tuple(cells)))
    return Overview(tuple(labels), tuple(lines), _maps([group for group, *_ in reports], facts, labels))


def _maps(groups: Sequence[str], facts: list[dict[str, Fact]], labels: list[str]) -> tuple[NetworkMap, ...]:
    """Draw a map of each column of rates, of all groups but the whole study."""
    first = 1 if groups[0] == WHOLE else 0
    lines = list(zip(groups, facts, strict=True))[first:]
    whole = facts[0] if first else {}
    found = (network_map(label, lines, whole.get(label)) for label in labels)
    return tuple(drawn for drawn in found if drawn)


def _scale(column: Sequence[Fact | None]) -> float:
    """Return the largest share of a column that is drawn; all its drawings reach from 0 to there."""
    shares = [0.05]
    for fact in filter(None, column):
        shares += [*(fact.ends or ()), *(share for share in fact.series if share is not None)]
        shares += [share for share in (fact.value, fact.beside) if share is not None and fact.ends]
    return max(shares)


def _cell(fact: Fact | None, scale: float, whole: Fact | None) -> Cell:
    if fact is None:
        return Cell("", "")
    order = "" if fact.value is None else f"{fact.value:.6f}"
    if fact.ends and fact.value is not None:
        low, dot, high = (_across(share, scale) for share in (fact.ends[0], fact.value, fact.ends[1]))
        tick = None if fact.beside is None else _across(fact.beside, scale)
        reference = _across(whole.value, scale) if whole and whole.value is not None else None
        return Cell(fact.text, order, fact.stands_out, low, dot, high, tick, reference)
    lines, dots = _spark(fact.series, scale)
    return Cell(fact.text, order, fact.stands_out, lines=lines, dots=dots)


def _across(share: float, scale: float) -> float:
    return round(_EDGE + (WIDE - 2 * _EDGE) * share / scale, 1)


def _spark(series: Sequence[float | None], scale: float) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Return the lines of a small time chart, broken where a share is not known, and its dots."""
    step = (WIDE - 2 * _EDGE) / max(1, len(series) - 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for place, share in enumerate(series):
        if share is None:
            runs.append([])
        else:
            runs[-1].append(
                (round(_EDGE + place * step, 1), round(HIGH - _EDGE - (HIGH - 2 * _EDGE) * share / scale, 1))
            )
    lines = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    return lines, tuple(point for run in runs for point in run)
