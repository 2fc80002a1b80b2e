"""In which units the columns of one table are: by their names, a row of units, and what stands in their cells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from analysis.intake.questions import keep
from analysis.intake.source_reading import NUMBER
from analysis.intake.source_rows import SourceRows
from analysis.intake.written_units import units_of
from analysis.protocol.tomlmodel import quoted

_FEW = 4
# Heights of people that only one unit can mean; none is that tall in centimetres.
_HEIGHTS = {"m": (1.0, 2.5), "inches": (45, 84)}


class SourceUnits(SourceRows):
    """The units of a table: the lines of ``[source.units]``."""

    def _units(self) -> Iterator[str]:
        """Declare units that are not ours, and ask where the cells alone tell them or columns differ."""
        lines = [line for name in sorted(self.names) if units_of(name, self.protocol) for line in self._unit(name)]
        yield from ["", "[source.units]", *lines] if lines else []

    def _unit(self, name: str) -> Iterator[str]:
        known, columns = units_of(name, self.protocol), self._named(name)
        ours = known[0]
        told = {column: self._told_unit(column, ours) for column in columns}
        units = {unit or ours for unit in told.values()}
        if len(units) > 1:
            each = ", ".join(f"{quoted(column)} in {unit or ours}" for column, unit in told.items())
            yield f"# {name} = …  # ? its columns are in several units: {each}; give all the same in the file"
        elif (unit := units.pop()) == "cm" and ours == "degrees":
            yield f"# {name} = {{ lever_cm = 40 }}  # ? the column is in cm: how many are there from the hip to where?"
        elif unit != ours and unit in known:
            yield f"{name} = {quoted(unit)}"
        elif unit != ours:
            yield f"# {name} = …  # ? the column is in {unit}; it can be in {', '.join(known)}"
        elif not any(told.values()) and (seen := self._unit_by_cells(name, columns)):
            yield keep(self.ask, f"{name} = {quoted(seen)}", f"its cells look like {seen}", self._holds(*columns))

    def _unit_by_cells(self, name: str, columns: list[str]) -> str | None:
        words = self.words_in(columns)
        numbers = {float(word.replace(",", ".")) for word in words if re.fullmatch(NUMBER, word)}
        if not numbers:
            return None
        if measure := self.protocol.measures.get(name):
            largest = math.radians(max(map(abs, measure.possible or (0, 90))))
            rows = sum(int((self.sheet.cells[column] != "").sum()) for column in columns)
            small = rows >= _FEW and all(abs(number) < largest for number in numbers)
            return "radians" if small and any(number % 1 for number in numbers) else None
        heights = _HEIGHTS if name == "height_cm" else {}
        fits = (unit for unit, (low, high) in heights.items() if all(low <= number <= high for number in numbers))
        return next(fits, None)
