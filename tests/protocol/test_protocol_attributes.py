"""What is recorded of people, and what follows from it."""

import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.protocol import builtin
from analysis.protocol.attributes import Attribute, worked_out
from analysis.protocol.faults import protocol_faults
from analysis.schema import conform


def _visits(**people):
    return pd.DataFrame({"patient_id": list("abc"), "side": "left", "timepoint": "baseline", **people})


def test_ages_are_numbers_and_their_groups_begin_where_the_protocol_says():
    table = conform(_visits(age_years=[29.9, 30, None]), "assessments", builtin())
    assert table["age_years"].tolist()[:2] == [29.9, 30]
    assert table["age"].tolist()[:2] == ["under 30", "30 to under 45"]
    assert pd.isna(table["age"][2])
    assert table["age"].cat.ordered


def test_a_body_mass_index_is_calculated_only_where_none_is_recorded_and_both_are_known():
    people = _visits(height_cm=[200, 200, 180], weight_kg=[74, 100, None], bmi=[None, 24, None])
    table = conform(people, "assessments", builtin())
    assert table["bmi"].tolist()[:2] == [18.5, 24]
    assert pd.isna(table["bmi"][2])
    assert table["weight_class"].tolist()[:2] == ["18.5 to under 25", "18.5 to under 25"]


def test_what_is_recorded_stays():
    columns = {"n": pd.Series([10.0]), "group": pd.Series(["old"], dtype="str")}
    kinds = {
        "n": Attribute(label="N", kind="number"),
        "group": Attribute(label="G", kind="level", of=("n",), groups=(30,), levels=("young", "old")),
    }
    assert worked_out(columns, kinds) == {}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kind": "level"}, "levels: needed"),
        ({"kind": "number", "levels": ["a"]}, "levels: needed"),
        ({"unit": "cm"}, "only when kind"),
        ({"kind": "number", "of": ["a"]}, "of: the number"),
        ({"kind": "level", "levels": ["a", "b"], "of": ["n"]}, "groups: needed"),
        ({"kind": "level", "of": ["n"], "groups": [5, 5]}, "from the lowest"),
        ({"kind": "level", "of": ["n"], "groups": [5], "levels": ["a"]}, "one word for each group"),
    ],
)
def test_an_attribute_that_does_not_fit_its_kind_is_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        Attribute.model_validate({"label": "X", **keys})


def test_what_an_attribute_is_of_must_be_a_number_above_it_in_the_right_unit():
    known = builtin().attributes
    of = {"age": known["age"], "age_years": known["age_years"]}
    faults = list(protocol_faults(builtin().model_copy(update={"attributes": of})))
    assert faults == ["attributes.age.of: 'age_years' is not one of the numbers above it: none defined"]
    swapped = {**known, "bmi": known["bmi"].model_copy(update={"of": ("height_cm", "weight_kg")})}
    faults = list(protocol_faults(builtin().model_copy(update={"attributes": swapped})))
    assert faults == ["attributes.bmi.of: a weight in kg, then a height in cm; these are in 'cm' and 'kg'"]
