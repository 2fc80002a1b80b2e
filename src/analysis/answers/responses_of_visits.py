"""The responses of one rule and one comparison, straight from visits in blocks: what left against right asks for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.answers.parts import Asked
from analysis.hips.change import comparison_order
from analysis.hips.classify import Known
from analysis.hips.counted import counted, words_together
from analysis.hips.judge import judge
from analysis.hips.response import response_order
from analysis.schema import OUTCOMES, ordered


def responses_of_visits(visits: Iterable[pd.DataFrame], asked: Asked) -> pd.DataFrame:
    """Judge visits that come in blocks, by one rule, over one comparison.

    Parameters
    ----------
    visits
        Conformed assessments, each person within one block. Words may be categories in the order of the words.
    asked
        The rule, the comparison and the groupings; see :func:`analysis.answers.parts.asked_for`.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`analysis.respond` of that rule and comparison, people by number, with ``side``, ``episode``,
        ``clinic_id``, what the groupings are by, ``outcome``, ``response`` and ``comparison``.
    """
    known, protocol = Known({}, {}), asked.protocol
    by = list(dict.fromkeys(["side", "episode", *asked.columns]))
    parts: dict[str, list[pd.Categorical]] = {name: [] for name in (*by, "outcome")}
    patients, reached, n_people = [], np.zeros(2, dtype=bool), 0
    for block in visits:
        hips = counted(block, asked.response, asked.comparison, by, protocol, known)
        answer = judge(hips.pairs, protocol, "strict", [asked.response])[asked.response]
        outcome = pd.Categorical.from_codes(answer.outcome, dtype=ordered(OUTCOMES))
        for name, column in {**hips.groups, "outcome": outcome}.items():
            parts[name].append(column)
        patients.append(hips.pairs.patient + n_people)
        n_people += int(hips.pairs.patient.max(initial=-1)) + 1
        reached |= [hips.pairs.has_start.any(), hips.pairs.has_end.any()]
    if asked.comparison != protocol.primary_comparison and not reached.all():
        # A comparison of which one visit never took place has no rows.
        patients = [patient[:0] for patient in patients]
        parts = {name: [column[:0] for column in of_blocks] for name, of_blocks in parts.items()}
    together = {name: words_together(of_blocks) for name, of_blocks in parts.items()}
    rows = pd.DataFrame({"patient_id": np.concatenate(patients), **together})
    names = {"response": response_order(protocol), "comparison": comparison_order(protocol)}
    one = {"response": asked.response, "comparison": asked.comparison}
    same = {name: pd.Categorical([one[name]], dtype=ordered(levels)) for name, levels in names.items()}
    return rows.assign(**{name: word.repeat(len(rows)) for name, word in same.items()})
