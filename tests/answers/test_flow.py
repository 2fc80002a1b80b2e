"""Who came and who was lost, counted by hand on a small study."""

import pandas as pd
import pytest

from analysis import analyse, load
from analysis.answers.flow import count_steps, flow, followed_up
from analysis.protocol import builtin
from analysis.show.figures import flow_figure
from analysis.show.sentences.quality import lost_answer
from analysis.show.tables.quality import flow_table
from six_hips import HEADER, TOML, VISITS
from study_folders import write


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    study = load(write(tmp_path_factory.mktemp("study"), TOML, visits=HEADER + VISITS))
    return analyse(study), study.protocol


def test_flow_loses_one_hip_at_every_step(tables):
    tables, protocol = tables
    steps = flow(tables.assessments, tables.responses, protocol, "immediate")
    assert steps["n_hips"].tolist() == [6, 5, 4, 3, 2, 1]
    assert steps["n_patients"].tolist() == [3, 3, 3, 2, 2, 1]
    assert steps["n_hips_lost"].fillna(0).tolist() == [0, 1, 1, 1, 1, 1]
    assert steps["reason"].tolist()[1:] == [
        "without a baseline visit",
        "with no room to improve",
        "without a post visit",
        "measured in another way",
        "without a reading that is needed",
    ]
    assert steps["n_rows"].tolist()[0] == 10


def test_a_step_that_is_withheld_says_so_beside_its_reason(tables):
    tables, protocol = tables
    steps = flow(tables.assessments, tables.responses, protocol, "immediate")
    steps = steps.assign(suppressed=[False] * 4 + [True] * 2)
    lost = [row[-1] for row in flow_table(steps, builtin()).rows]
    assert lost[:2] == ["–", "1: without a baseline visit"]
    assert lost[4:] == ["withheld: measured in another way", "withheld: without a reading that is needed"]
    figure = flow_figure(steps, builtin())
    assert figure.title == "Of 6 hips, how many could be judged is withheld"
    assert (
        "; ".join(figure.alt.split("; ")[-2:])
        == f"{steps['step'].iloc[4]}: withheld; {steps['step'].iloc[5]}: withheld."
    )
    assert flow_figure(steps.assign(suppressed=False), protocol=builtin()).title == "Of 6 hips, 1 could be judged"


def test_what_was_lost_is_said_in_one_sentence(tables):
    tables, protocol = tables
    steps = flow(tables.assessments, tables.responses, protocol, "immediate").assign(suppressed=False)
    assert lost_answer(steps, builtin()).plain == (
        "1 of 6 hips could be judged; 5 could not: 1 without a baseline visit, 1 with no room to improve, 1 without a "
        "post visit, 1 measured in another way and 1 without a reading that is needed."
    )
    third = steps.assign(n_hips_lost=steps["n_hips_lost"].where(~steps["reason"].str.contains("room"), 2))
    said = lost_answer(third, builtin()).plain
    assert "2 with no room to improve (Ober's test was negative already), 1 without a " in said
    assert (
        lost_answer(steps.iloc[[0, 0]].assign(n_hips_lost=0), protocol=builtin()).plain == "Every hip could be judged."
    )
    assert lost_answer(steps.assign(suppressed=[False] * 5 + [True]), protocol=builtin()).plain.endswith(
        "are withheld."
    )


def test_few_people_behind_one_step_withhold_all_that_follow():
    def hips(n):
        return pd.DataFrame({"patient_id": [f"p{i}" for i in range(n)], "side": "left", "episode": "1"})

    table = count_steps([("a", "", hips(40)), ("b", "", hips(30)), ("c", "", hips(28)), ("d", "", hips(28))])
    assert table["n_patients_lost"].fillna(0).tolist() == [0, 10, 2, 0]
    assert table["n_patients_behind"].tolist() == [40, 10, 2, 2]


def test_followed_up(tables):
    tables, protocol = tables
    table = followed_up(tables.changes, protocol)
    assert table[["answer", "n_known", "n_yes"]].values.tolist() == [["Immediately after the stretch", 5, 4]]
