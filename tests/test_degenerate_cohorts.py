"""Every results table of cohorts that leave little or nothing to estimate: no crash, no infinite, no row lost."""

import numpy as np
import pytest

from analysis import asymmetry, compare_sides, rates
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.clinics import clinic_funnel, rates_over_time
from analysis.answers.degrees import gain_curves, hip_changes, mean_changes
from analysis.answers.gains import adjusted_gains, gains_by_group, with_match
from analysis.answers.matching import compare_matched, match_balance, matched_hips
from analysis.answers.sides import sides_between_groups
from analysis.protocol import builtin
from analysis.show.tables import balance_table, gains_table, mean_change_table
from analysis.stats.rate_intervals import RATE_INTERVALS
from builders import T1, analysed, assessments, interventions, visit

PROTOCOL = builtin()
RISE = (5, 10, "negative")
NOTHING = (0, 0, "positive")


def people(n, gain=lambda person, side: (5 * (person % 3), 10, "negative"), **other):
    """T1 hips of n people before and after; ``other`` says what differs from the rest."""
    settings = {
        "sides": lambda _: ("left", "right"),
        "clinic": lambda person: f"C{person % 12}",
        "before": lambda person, _: 12 + person % 5,
        "at": ("baseline", "post"),
        "date": lambda person: f"2024-{1 + person % 12:02}-03",
    } | other
    rows = []
    for person in range(n):
        for side in settings["sides"](person):
            ir, (more_ir, more_slr, ober) = settings["before"](person, side), gain(person, side)
            readings = {
                "baseline": T1 | {"hip_ir_deg": ir, "slr_deg": 60, "ober": "positive"},
                "post": {"hip_ir_deg": ir + more_ir, "slr_deg": 60 + more_slr, "ober": ober},
            }
            who = {"patient": f"p{person:03}", "side": side}
            where = {"clinic_id": settings["clinic"](person), "date": settings["date"](person)}
            rows += [visit(when, **who, **where, **readings[when]) for when in settings["at"]]
    return assessments(*rows)


COHORTS = {
    "nobody": people(0),
    "one hip": people(1, sides=lambda _: ("left",)),
    "one person": people(1),
    "all responded": people(20, lambda *_: RISE),
    "none responded": people(20, lambda *_: NOTHING),
    "no bilateral people": people(24, sides=lambda person: ("left", "right")[person % 2 : person % 2 + 1]),
    "left hips only": people(20, sides=lambda _: ("left",)),
    "one clinic": people(20, clinic=lambda _: "C"),
    "no clinic": people(20, clinic=lambda _: None),
    "all alike": people(20, lambda *_: RISE, before=lambda *_: 12),
    "never seen again": people(20, at=("baseline",)),
    "not seen before": people(20, at=("post",)),
    "no dates": people(20, date=lambda _: None),
}


def every_table(visits, care):
    """Return every results table by its name."""
    found = analysed(visits, care)
    responses, changes = found.responses, with_match(found.changes, found.care) if len(found.care) else found.changes
    hips = matched_hips(responses, changes, PROTOCOL, "ir")
    tables = {
        "compare_matched": compare_matched(hips),
        "match_balance": match_balance(hips),
        "funnel": clinic_funnel(responses, "ir"),
        "over time": rates_over_time(responses, "ir", every="M"),
        "asymmetry": asymmetry(visits),
        "change of asymmetry": change_of_asymmetry(visits),
        "means": mean_changes(changes, PROTOCOL, "immediate"),
        "curves": gain_curves(hip_changes(changes, PROTOCOL, "immediate")),
        **{f"gains by {by}": gains_by_group(changes, PROTOCOL, "immediate", by) for by in ("side", "clinic_id")},
        **{f"rates, {name}": rates(responses, ["side"], "ir", interval=name) for name in RATE_INTERVALS},
    }
    for by in ("stretch_type", "clinic_id"):
        tables |= {
            f"sides by {by}": compare_sides(responses, [by], "ir"),
            f"sides between {by}": sides_between_groups(responses, by, response="ir"),
        }
    if "match" in changes:
        tables["adjusted"] = adjusted_gains(changes, PROTOCOL, "immediate")
    return tables


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_table_has_an_answer(cohort):
    visits = COHORTS[cohort]
    hips = visits[["patient_id", "side"]].drop_duplicates()
    given = ["T1" if place % 4 < 2 else "T2" for place in range(len(hips))]
    care = interventions(*hips.assign(stretch_given=given).to_dict("records"))
    tables = every_table(visits, care)
    for name, table in tables.items():
        assert not np.isinf(table.select_dtypes("number").to_numpy("float64")).any(), name
        if "not_estimable" in table and "difference" in table:
            missing = table["difference"].isna()
            assert (table.loc[missing, "not_estimable"] != "").all(), name
    for name in RATE_INTERVALS:
        assert tables[f"rates, {name}"]["side"].tolist() == ["left", "right"]


def test_a_mean_without_an_interval_says_why():
    changes = analysed(COHORTS["all alike"]).changes
    means, gains = mean_changes(changes, PROTOCOL, "immediate"), gains_by_group(changes, PROTOCOL, "immediate", "side")
    for table in (
        mean_change_table(means.assign(suppressed=False), PROTOCOL),
        gains_table(gains.assign(suppressed=False), "side", PROTOCOL),
    ):
        assert "A mean without an interval is that of one person" in "".join(table.notes)


def test_a_balance_without_weights_says_why():
    hips = COHORTS["one person"][["patient_id", "side"]].drop_duplicates()
    care = interventions(*hips.assign(stretch_given=["T1", "T2"]).to_dict("records"))
    found = analysed(COHORTS["one person"], care)
    hips = matched_hips(found.responses, with_match(found.changes, found.care), PROTOCOL, "ir")
    table = balance_table(match_balance(hips).assign(suppressed=False), protocol=builtin())
    assert table.notes[-1] == "No weighting: a group has fewer than 2 hips."
