"""Every reading, counted over kinds of people, against the whole chain run again with the rules rewritten."""

import pandas as pd
import pytest

from analysis import Study, analyse, compare_sides, load, rates
from analysis.protocol import builtin
from analysis.protocol.alternatives import with_options
from analysis.schema import HIP
from analysis.sensitivity.readings import every_reading
from analysis.sensitivity.steps import only_indicated, reading_of
from analysis.simulate import CohortParameters, simulate, write_study

COHORTS = {
    "as designed": (60, 5, CohortParameters(gross_error_share=0)),
    "nothing changes": (45, 6, CohortParameters(gross_error_share=0, null=True)),
    "much missing": (70, 7, CohortParameters(gross_error_share=0, missing_post_share=0.4)),
}
# Which of four random readings are tried, one for each gain that counts and choice of hips: the chain takes long.
TRIED = {"as designed": [0, 1, 2, 3], "nothing changes": [0, 3], "much missing": [1, 2]}


@pytest.fixture(scope="module", params=COHORTS)
def cohort(request, tmp_path_factory) -> Study:
    patients, seed, parameters = COHORTS[request.param]
    folder = tmp_path_factory.mktemp("cohort") / "study"
    return load(write_study(simulate(patients, seed, parameters), folder, request.param))


@pytest.fixture(scope="module")
def table(cohort) -> pd.DataFrame:
    return every_reading(cohort.assessments)


def brute_force(study: Study, row: pd.Series) -> dict[str, float]:
    """The same numbers from the chain itself, under a protocol that has this reading for its own."""
    decisions = study.protocol.alternatives
    options = [next(o for o in decisions[name].options if o.label == row[name]) for name in decisions]
    protocol = with_options(study.protocol, options)
    tables = analyse(Study(**{**vars(study), "protocol": protocol}), reading_of(options))
    responses = tables.responses
    if only_indicated(options):
        # Whether drills changed nothing is judged by the study's own rules, whatever gain counts as a response.
        kept = with_options(study.protocol, [option for option in options if "responses" not in option.replace])
        care = analyse(Study(**{**vars(study), "protocol": kept})).care[[*HIP, "indicated"]]
        responses = responses.drop(columns="indicated", errors="ignore").merge(care, on=HIP)
        typed = responses["stretch_type"].isin(list(protocol.types))
        responses = responses[typed & (responses["indicated"] == "yes")]
    rate = rates(responses, response=protocol.primary_response).iloc[0]
    sides = compare_sides(responses, response=protocol.primary_response).iloc[0]
    sides = sides.rename({"ci_low": "sides_low", "ci_high": "sides_high"})
    classes = tables.classifications["stretch_type"].value_counts()
    return {
        **{f"hips_{name}": n for name, n in classes.items()},
        **{name: rate[name] for name in RATE},
        **{name: sides[name] for name in SIDES},
    }


RATE = ("n_patients_evaluable", "n_evaluable", "n_responders", "rate", "ci_low", "ci_high", "chance_rate",
        "n_patients_with", "n_patients_without")  # fmt: skip
SIDES = ("both", "left_only", "right_only", "neither", "difference", "sides_low", "sides_high")


def test_every_reading_gives_what_the_whole_chain_gives(cohort, table):
    assert len(table) == 6_912
    rows = table.groupby(["gain_of_ir", "counted"], observed=True).sample(1, random_state=len(cohort.assessments))
    assert len(rows) == 4
    for _, row in rows.iloc[TRIED[cohort.name]].iterrows():
        expected = brute_force(cohort, row)
        found = row[list(expected)].astype("float64").to_dict()
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True), row.iloc[:11].to_dict()
        counts = [name for name in expected if name.startswith(("hips_", "n_")) or name in SIDES[:4]]
        assert [found[name] for name in counts] == [expected[name] for name in counts]


def test_each_reading_stands_once_and_every_hip_is_in_a_class(cohort, table):
    assert not table.duplicated(list(builtin().alternatives)).any()
    hips = table.filter(like="hips_").sum(axis=1)
    assert set(hips) == {2 * cohort.assessments["patient_id"].nunique()}


def test_a_protocol_without_alternatives_has_no_readings(cohort):
    protocol = builtin().model_copy(update={"alternatives": {}})
    assert every_reading(cohort.assessments, protocol).empty


def test_a_person_with_two_episodes_is_one_person(cohort, table):
    again = cohort.assessments.assign(episode="2")
    twice = pd.concat([cohort.assessments, again], ignore_index=True)
    once, both = table, every_reading(twice)
    every_hip = once["counted"] == "every hip judged"
    assert (both["n_evaluable"] == 2 * once["n_evaluable"])[every_hip].all()
    assert (both["n_patients_evaluable"] == once["n_patients_evaluable"])[every_hip].all()
    assert (both["left_only"] == once["left_only"])[every_hip].all()
