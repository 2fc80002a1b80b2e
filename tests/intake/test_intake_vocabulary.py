"""How many columns of made-up header rows in seven languages `capsule init` drafts rightly, with nobody's help."""

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from analysis.intake.recognise import Reading, Recogniser
from analysis.intake.sheet import Sheet, text_column
from analysis.intake.source_draft import SourceDraft
from analysis.intake.vocabulary import Vocabulary
from analysis.protocol import builtin

ROWS = tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))["row"]
HELD_OUT = [row for row in ROWS if row.get("held_out")]
VOCABULARY = Vocabulary(builtin())
TUNED = [row for row in ROWS if not row.get("held_out")]


def _words(meaning, more):
    """Twelve cells: the words that the row gives, else what such a column holds."""
    usual = ["2024-03-02", "2024-03-04"] if meaning.strip("?") == "date" else ["18", "25"]
    return (12 * (more[0].split(", ") if more else usual))[:12]


def _drafted(row):
    """Return what each column was drafted as, and whether without a question."""
    cells = pd.DataFrame({header: text_column(_words(meaning, more)) for header, meaning, *more in row["columns"]})
    sheet = Sheet("export.csv", cells, pd.Series(range(1, 13)))
    drafted, visit, part = {}, "", ""
    for line in SourceDraft(sheet, "export", VOCABULARY).lines("."):
        if head := re.match(r"\[source\.(\w+)(?:\.(\w+))?\]", line):
            part, visit = head[1], head[2] or ""
        elif line and not line.startswith("#") and part in ("columns", "timepoints"):
            ((name, column),) = tomllib.loads(line).items()
            for side, header in column.items() if isinstance(column, dict) else [("", column)]:
                drafted[header] = (" ".join(filter(None, [name, visit, side])), "# ?" not in line)
    return drafted


def _counted(rows):
    """Return how many columns the protocol knows, those that were missed, and those wrong without a question."""
    known, missed, wrong = 0, [], []
    for row in rows:
        drafted = _drafted(row)
        for header, meaning, *_ in row["columns"]:
            read, sure = drafted.get(header, ("", False))
            open_ones = {"", meaning[1:]} if meaning.startswith("?") else {meaning}
            known += "" not in open_ones
            if read not in open_ones:
                missed += [] if "" in open_ones else [(row["name"], header, read)]
                wrong += [(row["name"], header, read)] if sure else []
    return known, missed, wrong


def test_a_third_of_forty_header_rows_or_more_is_kept_apart():
    assert len(ROWS) >= 40
    assert 3 * len(HELD_OUT) >= len(ROWS)


@pytest.mark.parametrize("rows", [TUNED, HELD_OUT], ids=["tuned", "held out"])
def test_nine_of_ten_known_columns_are_drafted_and_none_is_silently_wrong(rows):
    known, missed, wrong = _counted(rows)
    assert wrong == []
    assert len(missed) <= 0.1 * known, missed


LOOKS_LIKE = """
Date of birth, Date of injury, Next visit date, Patient name, Patient phone, Age group, Age at onset,
Hip ID, Visit ID, Session ID, Dominant leg, Affected side, Leg length, Pain, Hip pain, Pain side, Knee pain, Treatment,
IR change, IR target, IR 90, IR supine, IR normal, IR 1, Total IR, IR asymmetry, IR strength (Nm), Shoulder IR, Pain IR,
ER visits, Hip flexion, HOOS pain, Ober comment, IR/ER ratio, SLR SD, Differenz IR, IR Kraft, Knie IR, Schulter IR,
Schmerz, Betroffene Seite, Geburtsdatum, Date de naissance, Douleur, Dolor, Fecha de nacimiento, Data di nascita,
IR verschil, Geboortedatum, Diferença RI, Média RI, Extra, Her, Re, Endo, Note, Complete?, Postcode, Initial IR,
hip_ir_diff, hip_ir_arom, hip_ir_vel_max_drive, supine_hip_ir_l, peak_lead_hip_ir_torque_Nm, pelvis_tilt_range_deg,
scapular_internal_rotation_left, tibial_internal_rotation_l, positive_straight_leg_raise_right, posture_hip_ir_er
"""


@pytest.mark.parametrize("beside", ["Patient sex", "Geschlecht", "Edad"])
def test_what_only_looks_like_ours_is_never_drafted_without_a_question(beside):
    headers = LOOKS_LIKE.replace("\n", " ").strip().split(", ")
    readings = Recogniser(VOCABULARY, [*headers, beside]).readings()
    sure = {header for header, reading in readings.items() if reading.name and not reading.doubt} - {beside}
    assert {header for header in sure if not readings[header].numbered} == set()


@pytest.mark.parametrize(
    ("name", "words", "levels"),
    [
        ("side", "G, D", "left, right"),
        ("side", "I, D", "left, right"),
        ("side", "D", ""),
        ("side", "links, rechts", "left, right"),
        ("side", "Izquierda, Derecha", "left, right"),
        ("sex", "M, H", "female, male"),
        ("sex", "F, M", "female, male"),
        ("sex", "F, H", "female, male"),
        ("sex", "M", ""),
        ("ober", "+, -", "positive, negative"),
        ("ober", "pos., neg.", "positive, negative"),
        ("ober", "ja, nein", ""),
        ("pelvic_tilt", "antiversione, retroversione", "anterior, posterior"),
        ("timepoint", "Before the stretch, After the stretch, Visit 2", "baseline, post"),
        ("timepoint", "Before and after", ""),
        # A later visit is none at once after the stretch, whatever words tell how much later.
        ("timepoint", "Antes del estiramiento, Un mes después", "baseline"),
        ("timepoint", "vor Dehnung, eine Woche danach", "baseline"),
        ("timepoint", "the day after, one year after, after discharge", ""),
        ("timepoint", "immediately after, unmittelbar danach, subito dopo", "post, post, post"),
        ("timepoint", "Baseline (Arm 1: Stretch), After stretch (Arm 1: Stretch)", "baseline, post"),
        # A dash is a result only beside a plus, and where no other word says the same; else it may say: not done.
        ("ober", "pos, neg, -", "positive, negative"),
        ("ober", "pos, -", "positive"),
        ("ober", "+, -, neg", "positive, negative"),
        ("side", "Left hip, Right hip", "left, right"),
        ("side", "linkes Bein, rechtes Bein", "left, right"),
        ("pelvic_tilt", "anterior pelvic tilt, no anterior tilt", "anterior"),
        ("side", "both hips, left and right", ""),
    ],
)
def test_words_mean_a_level_only_where_that_is_sure(name, words, levels):
    found = VOCABULARY.levels(name, words.split(", "), None)
    assert ", ".join(found.values()) == levels


def test_a_header_that_explains_its_codes_is_read_without_them_and_asked():
    reading = Recogniser(VOCABULARY, ["Ober left before (1=tight)"]).readings()["Ober left before (1=tight)"]
    assert (reading.name, reading.side, reading.timepoint) == ("ober", "left", "baseline")
    assert reading.doubt
    assert Recogniser(VOCABULARY, ["IR (change)", "IR (shoulder)"]).readings() == {}


def test_single_letters_for_sides_do_not_make_a_file_english():
    """L and R stand in files of many languages, a sure word of Dutch in those of one."""
    headers = ["Proefpersoon", "Datum", "Endo L", "Endo R", "Exo L", "Exo R", "SBH L", "SBH R", "Ober L", "Ober R"]
    readings = Recogniser(VOCABULARY, headers).readings()
    assert {header: reading.doubt for header, reading in readings.items() if reading.doubt} == {}
    assert readings["SBH R"] == Reading("slr_deg", side="right")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("USUBJID", "patient_id"), ("SUBJID", "patient_id"), ("Unique Subject Identifier", "patient_id"),
        ("VPN-Nr", "patient_id"), ("Versuchspersonennummer", "patient_id"), ("vpnr", "patient_id"),
        ("DOS", "date"), ("Date of service", "date"), ("MKDTC", "date"), ("measurement_date", "date"),
        ("SITEID", "clinic_id"), ("care_site_id", "clinic_id"), ("MKLAT", "side"), ("Laterality", "side"),
        ("VISIT", "timepoint"), ("redcap_survey_identifier", None),
    ],
)  # fmt: skip
def test_names_of_registries_and_programs(header, name):
    reading = Recogniser(VOCABULARY, [header]).readings().get(header)
    assert (reading and reading.name) == name
