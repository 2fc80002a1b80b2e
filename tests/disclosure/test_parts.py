"""What is counted of a part of a study is a row of the whole that says of which part it is."""

import pandas as pd
import pytest

from analysis.disclosure.counted import Shown
from analysis.disclosure.parts import PartOfStudy, together
from analysis.disclosure.printed import ABOUT, row_key


def shown(*rows, hidden=()):
    """Rates of so many hips, by what they are about; those about what is ``hidden`` are withheld."""
    keys = [row_key("rates", labels) for labels, _ in rows]
    table = [["rates", key, labels, "", key, n] for key, (labels, n) in zip(keys, rows, strict=True)]
    withheld = frozenset(("", row_key("rates", labels)) for labels in hidden)
    return Shown(pd.DataFrame(table, columns=[*ABOUT, "n_hips"]), withheld, frozenset())


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("", {}),
        ("town=Bath, Avon, 2026Q1", {"town": "Bath, Avon", "period": "2026Q1"}),
        ("2026Q1", {"period": "2026Q1"}),
        ("sex=female, 2026-03", {"sex": "female", "within": "2026-03"}),
        ("2026", {"within": "2026"}),
        ("age=40, 50 or more", {"age": "40, 50 or more"}),
    ],
)
def test_a_part_is_known_by_its_name(name, labels):
    part = PartOfStudy.named(name, dated=True)
    assert (part.labels, part.name) == (labels, name)


def test_in_the_report_of_an_arm_its_row_is_that_of_the_whole_and_the_other_arm_is_nobody():
    part, arm = PartOfStudy("arm", "treated"), {"arm": "treated"}
    own = shown(({}, 54), (arm, 54), ({"arm": "control"}, 0), ({"side": "left"}, 27), hidden=[{"side": "left"}])
    in_all = part.in_all(own)
    assert in_all.counts["labels"].tolist() == [arm, {"side": "left"} | arm]
    assert in_all.rows == {("", row_key("rates", {"side": "left"} | arm))}
    withheld = in_all._replace(rows=frozenset({("", row_key("rates", arm))}))
    assert part.of_all(own.counts, withheld).rows == {("", row_key("rates", about)) for about in ({}, arm)}


def test_a_number_that_one_report_shows_is_shown():
    one, other = shown(({}, 60), ({"side": "left"}, 30), hidden=[{}]), shown(({}, 60), hidden=[])
    assert together([one, other]).rows == frozenset()
    assert together([one]).rows == one.rows
    assert len(together([one, other]).counts) == 2
