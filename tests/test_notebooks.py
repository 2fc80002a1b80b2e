"""Every notebook runs on studies of many kinds; what it says is counted again in ``test_notebook_numbers``."""

import pytest

from analysis.factory.parameters import read_parameters
from analysis.show.display import Text
from analysis.simulate import simulate
from analysis.simulate import write_study as write_cohort
from notebook_runs import ODD, check_soundness, odd_study, shown_by
from tests_support import NOTEBOOKS, ROOT

BATH = str(ROOT / "data/raw/bath-hips")
WITH_A_TARGET = [path for path in NOTEBOOKS if "target" in read_parameters(path)]


@pytest.mark.parametrize("notebook", WITH_A_TARGET, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", ODD)
def test_unusual_studies_give_a_report_without_a_target_too(notebook, kind, tmp_path):
    for internal in (True, False):
        check_soundness(shown_by(notebook, study=str(odd_study(kind, tmp_path)), internal=internal))


@pytest.fixture(scope="module", params=[3, 4])
def cohort(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort") / "cohort"
    write_cohort(simulate(40, request.param), folder, "Forty people")
    return str(folder)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_random_cohorts_and_their_clinics(notebook, cohort):
    for clinic in ("", "C01"):
        for comparison in ("", "retained"):
            shown = shown_by(notebook, study=cohort, clinic_id=clinic, comparison=comparison)
            one = clinic and "clinic_id" in read_parameters(notebook)
            assert shown[-1].document["subtitle"].startswith("Clinic C01" if one else "All clinics, 20")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_bath_trial_is_not_said_to_lack_a_control_group(notebook):
    words = " ".join(item.plain for item in shown_by(notebook, study=BATH) if isinstance(item, Text))
    assert "no control group" not in words
    if "cannot_show" in notebook.read_text(encoding="utf-8"):
        assert "were allocated to the arms" in words


def test_the_tour_runs_to_its_end():
    shown = shown_by(ROOT / "notebooks/explore.ipynb", folder=str(ROOT / "data/raw/demo"), own_folder=BATH)
    assert shown[-1]["n_responders"].tolist() == [13, 21]
