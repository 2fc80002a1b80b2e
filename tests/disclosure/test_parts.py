"""What is counted of a part of a study is a row of the whole that says of which part it is."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.disclosure.counted import Shown
from analysis.disclosure.parts import PartOfStudy, together
from analysis.disclosure.plan import Release
from analysis.disclosure.printed import ABOUT, row_key
from analysis.protocol import builtin
from analysis.protocol.policies import USUAL
from analysis.report import held

PROTOCOL = builtin()


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


def test_a_group_is_planned_with_every_other_of_its_column(monkeypatch, tmp_path):
    """Of three sexes the third would follow from the whole, were it planned when it is asked for."""
    sexes = ["female", "male", "other"]
    part, planned = PartOfStudy("sex", "male", "2026Q1"), []
    tables = SimpleNamespace(changes=pd.DataFrame({"sex": [*sexes, None]}))
    assert part.with_others(tables) == [part._replace(level=sex) for sex in sexes]
    of = {f"retained; {part._replace(level=sex).name}": shown(({}, 60)).counts for sex in sexes}
    monkeypatch.setattr(held, "plan", lambda counts, *_: planned.append(counts) or Release())
    own = of.pop(f"retained; {part.name}")
    held.held_release(tmp_path / "spring", f"retained; {part.name}", own, PROTOCOL, "retained", USUAL, others=of)
    assert sorted(labels["sex"] for labels in planned[0]["labels"]) == sexes


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
