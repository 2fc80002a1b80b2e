"""Who responded, where the missing might lie, and the clinics and periods beside each other, as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.arms import against_first
from analysis.answers.clinics import clinic_funnel, clinics_compared, rates_over_time
from analysis.answers.counting import NOT_RECORDED, whole_percent
from analysis.answers.gains import adjusted_gains
from analysis.answers.missing import tilted_rates
from analysis.answers.rates import rates, rates_of_each_rule, with_excess
from analysis.report.scoped import Scoped, worked_out_once
from analysis.schema import NO_STRETCH


class RateTables(Scoped):
    """Responder rates of a report."""

    def in_scope(self) -> pd.DataFrame:
        """Return one row with ``n_patients`` and ``n_hips``: whom the report is about."""
        return self._shown(self._rates((), None)[["n_patients", "n_hips"]], "in_scope")

    def rates(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return responder rates as they may be shown, chance in whole per cent; see :func:`analysis.rates`."""
        return self._shown(self._rates(by, response), "rates", by)

    def rates_of_each_test(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return the rates under every responder rule, the primary one first."""
        table = rates_of_each_rule(self._tables.responses, by, self.comparison)
        return self._shown(_in_whole_percent(table), "rates", by)

    @worked_out_once
    def _rates(self, by: Sequence[str], response: str | None) -> pd.DataFrame:
        return _in_whole_percent(rates(self._tables.responses, by, response, self.comparison))

    def arms(self) -> pd.DataFrame:
        """Return the rate of each arm of a study that has arms and no types, and how it differs from the first's."""
        by = self.protocol.group_by
        return pd.DataFrame() if self.protocol.types else against_first(self.rates([by]), by)

    def arms_alike(self) -> pd.DataFrame:
        """Return the arms compared at the same first reading, one row per measure and arm; else no row."""
        if self.protocol.types:
            return pd.DataFrame()
        table = adjusted_gains(self._tables.changes, self.protocol, self.comparison)
        return self._shown(table[table["contrast"] == self.protocol.group_by], "adjusted_gains")

    def stretched(self) -> pd.DataFrame:
        """Return the rate of the hips given a stretch, where other judged hips are recorded as given none.

        No row where of a judged hip it is not recorded, or where this rate less that of all hips gives away another.
        """
        none, every = self.unstretched(), self.rates()
        if none.empty or none["suppressed"].any() or every["suppressed"].any() or not none["n_evaluable"].sum():
            return pd.DataFrame()
        responses = self._tables.responses
        given = responses["stretch_given"]
        if given[responses["outcome"] != "not_evaluable"].isna().any():
            return pd.DataFrame()
        stretched = responses[given.notna() & (given.astype("object") != NO_STRETCH)]
        return self._shown(_in_whole_percent(rates(stretched, (), None, self.comparison)))

    def unstretched(self) -> pd.DataFrame:
        """Return the rate of the hips recorded as given no stretch; no row where that is not recorded."""
        if "stretch_given" not in self._tables.responses:
            return pd.DataFrame()
        table = self.rates(["stretch_given"])
        return table[table["stretch_given"] == NO_STRETCH]

    def other_visits(self) -> pd.DataFrame:
        """Return the rate under the primary rule of the other pairs of timepoints between which something was done."""
        pairs = self.protocol.comparisons.items()
        others = [name for name, pair in pairs if name != self.comparison and not pair.unchanged]
        tables = [_in_whole_percent(rates(self._tables.responses, (), None, name)) for name in others]
        return pd.concat([self._shown(table) for table in tables], ignore_index=True) if tables else pd.DataFrame()

    def tilted_rates(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return what the missing outcomes may make of the rates; see :func:`analysis.answers.missing.tilted_rates`."""
        table, tables = self._rates(by, response), self._tables
        table = tilted_rates(table, tables.responses, tables.changes, self.protocol, by)
        return self._shown(table, "missing_outcomes", by)

    def tilted_rates_of_each_test(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return the same under every responder rule, the primary one first."""
        names = self._tables.responses["response"].cat.categories
        return pd.concat([self.tilted_rates(by, name) for name in names], ignore_index=True)

    def clinics(self, response: str | None = None) -> pd.DataFrame:
        """Return the clinics in scope with funnel limits; see :func:`analysis.answers.clinics.clinic_funnel`.

        Limits and shrunk rates rest on all clinics. Where counts are withheld they follow from rounded rates, so
        that the clinics that are shown do not give away one that is not; whether clinics differ is told of these.
        """
        table = clinic_funnel(self._tables.responses, response, self.comparison, coarse=self.withholds)
        table = self._shown(table, "clinics")
        return clinics_compared(table) if len(table) else table

    def without_clinic(self) -> pd.DataFrame:
        """Return the rate of the hips of which no clinic is recorded; no row where all have one, or none has."""
        table = self.rates(["clinic_id"])
        return table[(table["clinic_id"] == NOT_RECORDED) & (len(table) > 1)]

    def every_clinic(self, response: str | None = None) -> pd.DataFrame:
        """Return :meth:`clinics` with those of which no hip was judged, among the others in the order of their names.

        Left out, a clinic would pass for one that took no part; where counts are withheld, as one without a judged hip.
        """
        judged, every = self.clinics(response), self.rates(["clinic_id"], response)
        if judged.empty:
            return judged
        others = every[~every["clinic_id"].isin([*judged["clinic_id"], NOT_RECORDED])]
        others = others.reindex(columns=judged.columns).assign(position="not judged", position_by_size="not judged")
        return pd.concat([judged, others]).sort_values("clinic_id", kind="stable", ignore_index=True)

    def over_time(self, response: str | None = None, every: str = "Q") -> pd.DataFrame:
        """Return the rate per period with control limits; see :func:`analysis.answers.clinics.rates_over_time`."""
        return self._shown(rates_over_time(self._tables.responses, response, self.comparison, every), "over_time")


def _in_whole_percent(table: pd.DataFrame) -> pd.DataFrame:
    """Return rates whose chance is in whole per cent, as every report shows it."""
    names = ["chance_rate", "chance_low", "chance_high"]
    return with_excess(table.assign(**{name: whole_percent(table[name]) for name in names}))
