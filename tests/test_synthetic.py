"""The whole chain against cohorts whose truth is known: from the file a clinic would send to rates."""

import pandas as pd
import pytest

from analysis import analyse, load, rates
from analysis.simulate import CohortParameters, simulate, write_study

PATIENTS = 5_000


def loaded(folder, **parameters):
    """The truth, and every table the analysis makes of the files."""
    cohort = simulate(PATIENTS, seed=1, parameters=CohortParameters(gross_error_share=0, **parameters))
    return cohort.truth, analyse(load(write_study(cohort, folder, "Synthetic")))


@pytest.fixture(scope="module")
def without_error(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("without-error"), measurement_error=False)


@pytest.fixture(scope="module")
def nothing_changed(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("nothing-changed"), null=True)[1]


@pytest.mark.parametrize("column", ["stretch_type", "certainty", "presentation"])
def test_every_hip_has_its_true_class(without_error, column):
    truth, tables = without_error
    truth = truth.assign(side=truth["Side"].map({"L": "left", "R": "right"})).set_index(["Patient", "side"])[column]
    found = tables.classifications.astype({"side": "str"}).set_index(["patient_id", "side"])[column]
    assert len(found) == len(truth) == 2 * PATIENTS
    both = pd.DataFrame({"true": truth, "found": found.astype("str")})
    assert both[both["true"].fillna("") != both["found"].fillna("")].empty
    assert both["true"].nunique() == truth.nunique()


def test_every_kind_of_class_occurs(without_error):
    truth, _ = without_error
    counts = truth.groupby(["stretch_type", "certainty"], dropna=False).size()
    assert len(counts) == 10
    assert counts.min() >= 20


def test_gains_are_those_that_were_drawn(without_error):
    truth, tables = without_error
    changes = tables.changes[tables.changes["comparison"] == "immediate"]
    gain = changes.astype({"side": "str"}).set_index(["patient_id", "side"])["hip_ir_deg_change"]
    truth = truth.assign(side=truth["Side"].map({"L": "left", "R": "right"})).set_index(["Patient", "side"])
    drawn = truth["hip_ir_gain_deg_post"].rename_axis(["patient_id", "side"])
    known = gain.dropna()
    assert len(known) > 0.85 * len(truth)  # the others were read another way, or not at all
    pd.testing.assert_series_equal(known.sort_index(), drawn.loc[known.index].sort_index(), check_names=False)


# With no true change, each responder rate should be what the table says chance alone gives. About 9,000 hips
# of 5,000 people make the standard error of a rate of one in six 0.5 points; 2 points are four of these.
@pytest.mark.parametrize("response", ["all", "ir", "slr", "ober", "two_of_three"])
def test_rate_of_responders_by_chance_is_foretold(nothing_changed, response):
    row = rates(nothing_changed.responses, response=response).iloc[0]
    assert row["n_evaluable"] > 1_000
    assert row["rate"] == pytest.approx(row["chance_rate"], abs=0.02)


# The smallest type has some 300 hips; besides, its hips are not like those of the cohort as a whole.
def test_rate_by_chance_is_foretold_for_each_type(nothing_changed):
    by_type = rates(nothing_changed.responses, ["stretch_type"], response="ir").set_index("stretch_type")
    assert by_type["n_evaluable"].min() > 200
    assert (by_type["rate"] - by_type["chance_rate"]).abs().max() <= 0.06


def test_selected_hips_gain_more_by_chance_than_measurement_error_alone_would_give(nothing_changed):
    """Regression to the mean: hips that started low seem to improve; P(gain >= 5) unselected is 12 % at SEM 3."""
    by_type = rates(nothing_changed.responses, ["stretch_type"], response="ir").set_index("stretch_type")
    assert by_type.loc["T3", "chance_rate"] > by_type.loc["not_restricted", "chance_rate"]
    assert by_type.loc["T3", "rate"] > 0.12 > by_type.loc["not_restricted", "rate"]
