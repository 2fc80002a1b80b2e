"""Every notebook runs on studies of many kinds; what it says is counted again in ``test_notebook_numbers``."""

import pytest

from analysis.factory.parameters import read_parameters
from analysis.show.display import Text
from notebook_runs import ODD, check_soundness, odd_study, shown_by
from tests_support import NOTEBOOKS, ROOT

BATH = str(ROOT / "data/raw/bath-hips")
WITH_A_TARGET = [path for path in NOTEBOOKS if "target" in read_parameters(path)]


@pytest.fixture(scope="module", params=ODD)
def odd(request, tmp_path_factory):
    return str(odd_study(request.param, tmp_path_factory.mktemp("odd")))


@pytest.mark.parametrize("internal", [True, False])
@pytest.mark.parametrize("notebook", WITH_A_TARGET, ids=lambda path: path.stem)
def test_unusual_studies_give_a_report_without_a_target_too(odd, notebook, internal):
    check_soundness(shown_by(notebook, study=odd, internal=internal))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_bath_trial_is_not_said_to_lack_a_control_group(notebook):
    shown = shown_by(notebook, study=BATH)
    check_soundness(shown)
    words = " ".join(item.plain for item in shown if isinstance(item, Text))
    assert "no control group" not in words
    if "cannot_show" in notebook.read_text(encoding="utf-8"):
        assert "were allocated to the arms" in words


def test_the_tour_runs_to_its_end():
    shown = shown_by(ROOT / "notebooks/explore.ipynb", folder=str(ROOT / "data/raw/demo"), own_folder=BATH)
    assert shown[-1]["n_responders"].tolist() == [13, 21]
