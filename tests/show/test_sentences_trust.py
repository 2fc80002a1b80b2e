"""Whether the first page can be trusted: what was judged, what is missing, how many warnings; nothing withheld."""

import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.show.sentences import trust_answer

RATES = {"suppressed": False, "n_evaluable": 30, "n_missing": 4, "rate_if_none": 0.1, "rate_if_all": 0.25}
WARNED = [("warning", "a", 3, False), ("warning", "b", 2, False), ("error", "c", 9, False)]


def said(hips, problems=WARNED, hidden=False, **row):
    flow = pd.DataFrame({"n_hips": hips, "suppressed": [False, hidden]})
    found = pd.DataFrame(problems, columns=["severity", "message", "n", "suppressed"])
    return trust_answer(flow, pd.DataFrame([RATES | row]), found, builtin()).plain


def test_each_part_is_said_with_its_number():
    assert said([40, 30]) == (
        "**Can it be trusted?** 30 of 40 hips could be judged (75 %). The outcome of 4 hips is missing; whatever it "
        "was, the rate lies between 10 % and 25 %. The data of the whole study have 5 warnings of 2 kinds. "
        "Most frequent, 3 times: “a”. `capsule check` lists them."
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"hips": [40, 40], "n_missing": 0}, "Every hip could be judged. The data"),
        ({"hips": [0, 0], "n_evaluable": 0}, "No hip was measured. The data"),
        ({"hips": [40, 30], "problems": []}, "There are no warnings about the data."),
        ({"hips": [40, 30], "problems": WARNED[:1]}, "The data of the whole study have 3 warnings: “a”."),
        ({"hips": [40, pd.NA], "hidden": True}, "The number of hips that could be judged is withheld. The outcome"),
        ({"hips": [40, 30], "suppressed": True}, "could be judged (75 %). The data"),
        ({"hips": [40, 30], "n_missing": pd.NA}, "Few outcomes are missing; their number is withheld."),
        ({"hips": [40, 30], "problems": [("warning", "a", pd.NA, True)]}, "have warnings of 1 kind; their number"),
    ],
)
def test_what_is_withheld_or_absent_is_said_so(asked, words):
    assert words in said(**asked)
