"""What holds for every row of one table, as no column tells it: the lines of ``[source.set]``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.intake.questions import NONE, Question, keep
from analysis.intake.recognise import LOOK
from analysis.intake.source_cells import SourceCells
from analysis.intake.vocabulary import plain
from analysis.protocol.tomlmodel import quoted
from analysis.schema import SIDES


class SourceConstants(SourceCells):
    """The side, the visit and the conditions of a table."""

    def _constants(self) -> Iterator[str]:
        for key, levels in {"side": SIDES, "timepoint": self.protocol.timepoints}.items():
            told = getattr(self.title, key)
            if told in levels and not self._has(key):
                yield keep(self.ask, f"{key} = {quoted(told)}", f"as the file or sheet is called; {LOOK}")
            elif key == "timepoint" and not self._has(key):
                yield self._constant(key, levels, self.protocol.classify_at)
        for name, condition in self.protocol.conditions.items():
            if condition.must_match and not self._named(name):
                yield self._in_names(name) or self._constant(name, condition.levels, condition.levels[0])

    def _in_names(self, name: str) -> str:
        """Take a condition that the names of the measures tell, as in ``IR prone``; nothing where they do not."""
        angles = [column for column, reading in self.read.items() if self._is_angle(reading.name)]
        levels = {column: set(self.recogniser.levels(name, plain(column)).values()) for column in angles}
        told = {column: min(words) for column, words in levels.items() if len(words) == 1}
        if len(set(told.values())) > 1:
            each = ", ".join(f"{quoted(column)} {level}" for column, level in told.items())
            return f"# {name} = …  # ? the columns differ: {each}; only readings taken alike are compared"
        if not told or len(told) < len(angles):
            return ""
        column, level = next(iter(told.items()))
        return keep(self.ask, f"{name} = {quoted(level)}", f"as {quoted(column)} says; {LOOK}")

    def _is_angle(self, name: str | None) -> bool:
        return name in self.measures and self.protocol.measures[str(name)].kind == "angle"

    def _constant(self, name: str, levels: Sequence[str], example: str) -> str:
        answer = self.ask(Question(f"{name} of every row, which no column tells:", (*levels, NONE)))
        if answer in levels:
            return f"{name} = {quoted(answer)}"
        by_days = "; where dates tell the visits, see [source.visits]" * (
            name == "timepoint" and bool(self._named("date"))
        )
        return f"# {name} = {quoted(example)}  # ? one of {', '.join(levels)}{by_days}"
