"""Whether the declared admission fits the first readings, and whether they look chosen where none is declared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.pairs import measures_compared, people_in_episodes
from analysis.hips.usual import does_fit, looks_chosen, reading_step, sides_of_people
from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.schema import VISIT
from analysis.stats.cut_off import FEWEST_PEOPLE


def check_admission(assessments: pd.DataFrame, protocol: Protocol, problems: Problems) -> None:
    """Add readings that the declared admission would have kept out, or measures whose first readings look cut off.

    Parameters
    ----------
    assessments
        The table, conformed.
    protocol
        Declares the admission, if it is known.
    problems
        Receives warnings (``admission_not_met``, ``admission_not_declared``).
    """
    rule = protocol.admission
    if isinstance(rule, AdmissionRule):
        at = assessments[assessments["timepoint"] == (rule.at or protocol.classify_at)]
        reading = at[rule.measure].to_numpy(dtype="float64", na_value=np.nan)
        # Each hip that was enrolled for itself is judged for itself.
        sides, person = np.stack([reading, np.full(len(at), np.nan)]), np.arange(len(at))
        if rule.by != "hip":
            person = people_in_episodes(at)
            sides, _ = sides_of_people(person, (at["side"] == "right").to_numpy(), reading, np.ones(len(at)))
        kept_out = ~does_fit(sides, rule, protocol)[person] & ~np.isnan(reading)
        message = (
            "this reading does not meet the declared admission, so it cannot be told what chance alone would give: "
            "correct the reading, or `admission` in study.toml"
        )
        report_rows(at, kept_out, problems, "warning", "admission_not_met", message, rule.measure)
    elif rule is None and assessments["patient_id"].nunique() >= FEWEST_PEOPLE:
        for name in measures_compared(protocol):
            if protocol.measures[name].sem is not None:
                _not_declared(assessments, name, protocol, problems)


def _not_declared(assessments: pd.DataFrame, name: str, protocol: Protocol, problems: Problems) -> None:
    """Add that first readings of a measure look cut off; all its readings tell what they are rounded to."""
    pair, measure = protocol.comparisons[protocol.primary_comparison], protocol.measures[name]
    visits = assessments.loc[assessments["timepoint"].isin([pair.start, pair.end]), [*VISIT, name]]
    if visits["patient_id"].nunique() < FEWEST_PEOPLE:
        return
    readings = pd.DataFrame(
        {"patient_id": visits["patient_id"], f"{name}_before": visits[name], f"{name}_after": visits[name]}
    )
    step = reading_step(readings, name, measure.step)
    first = (visits["timepoint"] == pair.start).to_numpy()
    rows = visits[first]
    reading, right = rows[name].to_numpy(dtype="float64", na_value=np.nan), (rows["side"] == "right").to_numpy()
    sides, step_of = sides_of_people(people_in_episodes(rows), right, reading, step[first])
    if looks_chosen(sides, step_of, measure.better):
        noun = protocol.words
        message = (
            f"First readings look cut off, as if {noun.hips} had been enrolled because of them: what chance alone "
            "would give then depends on who was. Declare it under [admission] in study.toml, or "
            'admission = "none" if no '
            "reading decided; until then no report gives a verdict on chance"
        )
        problems.add("warning", "admission_not_declared", message, column=name)
