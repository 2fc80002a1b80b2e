"""Left minus right and what chance changes in it, from visits in blocks, beside the tables of everyone."""

import pandas as pd
import pytest

from analysis import asymmetry, change, load
from analysis.answers.asymmetry import asymmetry_of
from analysis.answers.both_times import both_times
from analysis.answers.change_of_asymmetry import change_of_asymmetry, change_of_asymmetry_of
from analysis.hips.by_chance import with_changes_by_chance
from analysis.protocol import builtin
from analysis.schema import conform
from analysis.simulate import CohortParameters, simulate, write_study


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """40 people in several clinics, some read twice and some in two episodes of care; one left hip came only later."""
    made = simulate(40, 5, CohortParameters(reread_share=0.5))
    cohort = load(write_study(made, tmp_path_factory.mktemp("made") / "study", "Made up")).assessments
    people = cohort["patient_id"].unique()
    again = cohort[cohort["patient_id"].isin(people[:5])].assign(episode="2", clinic_id="C99")
    later = (cohort["patient_id"] == people[7]) & (cohort["side"] == "left") & (cohort["timepoint"] != "followup")
    whole = pd.concat([again, cohort[~later]], ignore_index=True).sort_values("patient_id", kind="stable")
    return conform(whole, "assessments", builtin())


def in_blocks(visits, n_people):
    names = sorted(visits["patient_id"].unique())
    for start in range(0, len(names), n_people):
        block = visits[visits["patient_id"].isin(names[start : start + n_people])].reset_index(drop=True)
        words = [name for name in block if block[name].dtype == "str" and name != "patient_id"]
        yield block.astype(dict.fromkeys(words, "category"))


@pytest.mark.parametrize("n_people", [1, 7, 40])
@pytest.mark.parametrize("pair", ["immediate", "retained"])
def test_what_blocks_tell_is_what_the_tables_of_everyone_tell(visits, n_people, pair):
    protocol = builtin()
    found = both_times(in_blocks(visits, n_people), pair, protocol)
    pd.testing.assert_frame_equal(asymmetry_of(found.visits, protocol), asymmetry(visits), check_exact=True)
    wanted = change_of_asymmetry(visits, protocol, pair, with_changes_by_chance(change(visits), protocol))
    assert wanted["by_chance"].notna().any()
    pd.testing.assert_frame_equal(change_of_asymmetry_of(found, pair, protocol), wanted, check_exact=True)


def test_where_the_error_is_not_known_nothing_is_said_of_chance(visits):
    protocol = builtin()
    unknown = protocol.measures["hip_ir_deg"].model_copy(update={"sem": None})
    band = protocol.asymmetry.model_copy(update={"strict": 8})
    protocol = protocol.model_copy(update={"measures": protocol.measures | {"hip_ir_deg": unknown}, "asymmetry": band})
    found = both_times([visits], "immediate", protocol)
    assert list(found.by_chance) == []
    assert change_of_asymmetry_of(found, "immediate", protocol)["by_chance"].isna().all()
