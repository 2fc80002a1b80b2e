"""Tables in which each row is one reading load as they are drafted."""

import pandas as pd
import pyreadstat
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study

HIPS = [("p1", "left", 12, 18, 60, 70), ("p1", "right", 20, 22, 66, 68), ("p2", "left", 10, 12, 50, 55)]
ROWS = [
    (person, side, visit, measure, reading)
    for person, side, *readings in HIPS
    for (visit, measure), reading in zip(
        [(visit, measure) for measure in ("IR", "SLR") for visit in ("pre", "post")], readings, strict=True
    )
]


def _readings(folder, columns=("hip_ir_deg", "slr_deg")):
    visits = load(folder).assessments
    keys = zip(visits["patient_id"], visits["side"], visits["timepoint"].astype("str"), strict=True)
    return dict(zip(keys, visits[list(columns)].values.tolist(), strict=True))


EXPECTED = {
    (person, side, visit): [ir, slr]
    for person, side, before, after, slr_before, slr_after in HIPS
    for visit, ir, slr in (("baseline", before, slr_before), ("post", after, slr_after))
}


def _csv(folder, head, rows):
    path = folder / "long.csv"
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return start_study([path], folder / "study", None)


@pytest.mark.parametrize(
    "head",
    ["id,side,visit,test,value", "person_id,laterality,visit,measurement_concept_name,value_as_number",
     "Patient-ID,Seite,Zeitpunkt,Messung,Messwert", "id,side,visit,parameter,x17"],
)  # fmt: skip
def test_a_source_is_drafted_for_each_measure(tmp_path, head):
    drafted = _csv(tmp_path, head, ROWS).read_text()
    assert drafted.count("# ? each row is one reading") == 2
    assert drafted.count("completes_visits = true") == 1
    assert _readings(tmp_path / "study") == EXPECTED


def test_findings_of_sdtm(tmp_path):
    rows = [("S", person, n, measure, str(reading), "deg", float(reading), "deg", side.upper(), visit.upper())
            for n, (person, side, visit, measure, reading) in enumerate(ROWS)]  # fmt: skip
    names = ["STUDYID", "USUBJID", "MKSEQ", "MKTEST", "MKORRES", "MKORRESU", "MKSTRESN", "MKSTRESU", "MKLAT", "VISIT"]
    pyreadstat.write_xport(pd.DataFrame(rows, columns=names), str(tmp_path / "mk.xpt"), file_format_version=5)
    file = start_study([tmp_path / "mk.xpt"], tmp_path / "study", None)
    assert 'hip_ir_deg = "MKSTRESN"' in file.read_text()
    assert _readings(tmp_path / "study") == EXPECTED


def test_a_side_in_two_columns(tmp_path):
    rows = [("p", "pre", "IR", 12, 20), ("p", "post", "IR", 18, 22), ("p", "pre", "SLR", 60, 66)]
    _csv(tmp_path, "Patient,Visit,Test,Left,Right", rows)
    readings = _readings(tmp_path / "study")
    assert readings["p", "left", "baseline"] == [12, 60]
    assert readings["p", "right", "post"][0] == 22


def test_a_side_and_a_visit_in_the_words_of_the_measure(tmp_path):
    rows = [("p", f"{test} {side} {visit}", value)
            for test, side, visit, value in (("IR", "L", "pre", 12), ("IR", "L", "post", 18), ("IR", "R", "pre", 20),
                                             ("SLR", "L", "pre", 60))] + [("q", "IR L pre", 11)]  # fmt: skip
    _csv(tmp_path, "Patient,Parameter,Value", rows)
    assert {key: [x for x in values if x == x] for key, values in _readings(tmp_path / "study").items()} == {
        ("p", "left", "baseline"): [12, 60], ("p", "left", "post"): [18], ("p", "right", "baseline"): [20],
        ("q", "left", "baseline"): [11],
    }  # fmt: skip


def test_rows_in_radians_become_degrees_beside_rows_in_degrees(tmp_path):
    rows = [("p", "left", "pre", "IR", 12, "deg"), ("p", "left", "post", "IR", 0.3491, "rad"),
            ("p", "left", "pre", "SLR", 60, "deg")]  # fmt: skip
    _csv(tmp_path, "id,side,visit,test,value,unit", rows)
    readings = _readings(tmp_path / "study")
    assert readings["p", "left", "baseline"] == [12, 60]
    assert readings["p", "left", "post"][0] == 20


def test_other_measures_among_them_are_left_out_and_counted(tmp_path):
    rows = [*ROWS, *(("p1", "left", "pre", name, 99) for name in ("Knee flexion", "Weight", "IR change", "HOOS", "x"))]
    _csv(tmp_path, "id,side,visit,test,value", rows)
    assert _readings(tmp_path / "study") == EXPECTED
    left_out = read_study(tmp_path / "study").problems.query("rule == 'rows_left_out'")["value_shown"].tolist()
    assert left_out == ["11 rows"]


def test_results_in_words_are_read_beside_numbers(tmp_path):
    rows = [(person, side, visit, {"SLR": "Ober"}.get(test, test), {60: "pos", 66: "pos"}.get(value, "neg")
             if test == "SLR" else value) for person, side, visit, test, value in ROWS]  # fmt: skip
    _csv(tmp_path, "id,side,visit,test,value", rows)
    assert _readings(tmp_path / "study", ("hip_ir_deg", "ober"))["p1", "left", "baseline"] == [12, "positive"]
