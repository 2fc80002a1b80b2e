"""`capsule audit` finds what a reader of a whole folder could work out, wherever it was planted."""

import json
from collections import Counter

import pandas as pd
import pytest

from analysis.disclosure.attack import Seen, attack
from analysis.disclosure.counted import Shown
from analysis.factory.publishing.audit import told_by
from analysis.factory.publishing.handed_out import HandedOut, read_folder
from analysis.factory.publishing.seen import Reader, Scope
from analysis.outputs.analysis_data import analysis_data
from analysis.outputs.export import ANALYSIS_FORMATS
from analysis.outputs.paper import Paper, markdown
from analysis.outputs.word import word
from analysis.protocol import builtin
from analysis.protocol.load import load_protocol
from analysis.show.display import Table
from analysis.usererror import UserError
from tests_support import ROOT, small_study

PROTOCOL = builtin()
OURS = "clinic_id,n_patients,n_hips,n_evaluable,n_responders,response,comparison,suppressed\n"
ASKED = f"{PROTOCOL.primary_response},{PROTOCOL.primary_comparison}"
WHOLE = f"30,60,50,20,{ASKED},False\n"


def put(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_csv", ".csv").replace("_html", ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def export(folder, hips, responders):
    """A safe export: a whole study of so many hips, with its manifest."""
    text = OURS.removeprefix("clinic_id,") + f"{hips // 2},{hips},{hips},{responders},{ASKED},False\n"
    put(folder, rates_csv=text)
    manifest = {"files": {"rates.csv": ""}, "small_counts_withheld": True, "provenance": {"study": "Spring"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def leaks(folder, earlier=(), study=""):
    return told_by(read_folder(folder, PROTOCOL), earlier, study).leaks


def test_tables_that_tell_nothing_are_clean(tmp_path):
    put(tmp_path, clinics_csv=OURS + f"A,15,30,25,10,{ASKED},False\nB,15,30,25,10,{ASKED},False\n")
    put(tmp_path, rates_csv=OURS.removeprefix("clinic_id,") + WHOLE)
    assert leaks(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Clinic,Hips\nA,30\nB,3\n", "n_hips"),
        ("Side,Judged,Responders\nleft,30,12\nright,30,28\n", "others"),
        ("Type,Hips,Judged,Responders\nT1,30,20,0\n", "n_responders"),
    ],
    ids=["a small count", "its complement", "none, which tells how all fared"],
)
def test_a_table_made_by_hand_is_held_against_the_fewest_patients(tmp_path, text, place):
    put(tmp_path, extra_csv=text)
    (found,) = leaks(tmp_path)
    assert (found.file, found.column) == ("extra.csv", place)


def test_what_another_table_makes_of_a_withheld_number_is_found(tmp_path):
    """60 hips in all, 30 in A; ours withholds B and C, and the table beside it has 27 of B: 3 are left."""
    withheld = f"B,,,,,{ASKED},True\nC,,,,,{ASKED},True\n"
    put(tmp_path, clinics_csv=OURS + f"A,15,30,25,10,{ASKED},False\n{withheld}")
    put(tmp_path, rates_csv=OURS.removeprefix("clinic_id,") + WHOLE)
    assert leaks(tmp_path) == []
    put(tmp_path, by_hand_csv="Site,Hips\nB,27\n")
    (found,) = leaks(tmp_path)
    assert found.file == "clinics.csv"
    assert found.row == f"row 3 (C, {ASKED.replace(',', ', ')})"
    assert "follows from by_hand.csv and clinics.csv and rates.csv" in found.how


def test_an_export_and_a_report_that_withhold_nothing_are_found(tmp_path):
    export(tmp_path, 210, 102)
    said = tmp_path / "manifest.json"
    said.write_text(said.read_text().replace("true", "false"))
    assert [leak.how for leak in leaks(tmp_path)] == ["an export without --safe withholds nothing"]


@pytest.mark.parametrize(("then", "found"), [((212, 103), 1), ((210, 102), 0), ((224, 109), 0), ((224, 102), 1)])
def test_two_exports_are_held_against_each_other(tmp_path, then, found):
    """102 of 210, then 103 of 212; 14 more hips of which none responded tell of each of them."""
    export(tmp_path / "march", 210, 102)
    export(tmp_path / "april", *then)
    assert len(leaks(tmp_path)) == found


def test_what_was_shown_before_is_held_against_a_folder(tmp_path):
    export(tmp_path, 212, 103)
    row = {"family": "rates", "key": f"rates; {ASKED}", "clinic": "", "like": "", "n_hips": 210, "n_evaluable": 210}
    row["labels"] = {"response": PROTOCOL.primary_response, "comparison": PROTOCOL.primary_comparison}
    shown = Shown(pd.DataFrame([row]), frozenset(), frozenset(), "2026-03-01")
    assert leaks(tmp_path) == leaks(tmp_path, [shown], "Summer") == []
    (found,) = leaks(tmp_path, [shown], "Spring")
    assert (found.file, found.how) == ("rates.csv", "differs by few from the release of 2026-03-01")
    hidden = Shown(shown.counts, frozenset({("", row["key"])}), frozenset(), "2026-03-01")
    assert leaks(tmp_path, [hidden], "Spring") == []


def test_two_releases_are_not_one_state_because_they_show_different_numbers(tmp_path):
    """Of 23 hips on both sides in March, and 13 on the left in April, nobody knows how many are on the right."""
    put(tmp_path, page_html="<p>40 of 90 hips were given no stretch.</p>")

    def release(on, sides):
        rows = [{"family": "rates", "key": f"rates; {ASKED}{key}", "clinic": "A", "like": "", "n_hips": n,
                 "labels": {"response": PROTOCOL.primary_response, "comparison": PROTOCOL.primary_comparison, **labels}}
                for key, labels, n in sides]  # fmt: skip
        hidden = frozenset(("A", row["key"]) for row, (*_, n) in zip(rows, sides, strict=True) if n < 10)
        return Shown(pd.DataFrame(rows), hidden, frozenset(), on)

    left, right = (f"; side={side}" for side in ("left", "right"))
    march = release("2026-03-01", [("", {}, 15), (left, {"side": "left"}, 6), (right, {"side": "right"}, 9)])
    april = release("2026-04-01", [(left, {"side": "left"}, 12), (right, {"side": "right"}, 9)])
    assert leaks(tmp_path, [march, april], "") == []


@pytest.mark.parametrize(
    "words",
    [
        "3 of 3 pairs of clinics cannot be told apart",
        "Two groups differ in 2 of 5 characteristics",
        "a difference is clear in 1 of 2 comparisons",
        "about 3 of all 140 are expected to have truly changed",
        "the group has hips of fewer than 2 people",
        "Newest period of 3 judged hips or more, 2026Q3",
        "Every group has fewer than 3 judged hips or a withheld rate",
    ],
)
def test_sentences_that_count_no_people(tmp_path, words):
    put(tmp_path, one_html=f"<p>{words}.</p>", two_html="<p>40 of 90 hips responded.</p>")
    assert leaks(tmp_path) == []


@pytest.mark.parametrize("heading", ["Odds", "p", "p, adjusted"])
def test_columns_that_count_no_people(tmp_path, heading):
    put(tmp_path, one_html=Table(["Group", heading], [["Type 1", "1"]], "A table").html)
    assert leaks(tmp_path) == []


def test_pages_are_read_with_their_sentences_and_pictures(tmp_path):
    table = Table(["Group", "Hips", "Responders of hips judged"], [["Type 1", "40", "37/40 (92 %)"]], "Rates")
    words = "<p>12 of 40 hips responded, 3 patients did not come.</p><p>95 of 100 cases, more than chance in 1 of 6</p>"
    picture = '<img alt="Left: 38 of 40" src="data:image/png;base64,AAAA">'
    put(tmp_path, one_html=table.html, two_html=words, three_html=picture)
    assert sorted((leak.file, leak.table) for leak in leaks(tmp_path)) == [
        ("one.html", "Rates"), ("three.html", "text"), ("two.html", "text")
    ]  # fmt: skip


GROUPS = Table(
    columns=["Group", "Hips", "Responders of hips judged"],
    rows=[["left"], ["Type 1", "40", "37/40 (92 %)"], ["Type 2", "30", "11/30 (37 %)"]],
    caption="Rates",
    notes=["Of 30 hips 12 responded, 3 patients did not come."],
)


@pytest.mark.parametrize("kind", ["docx", "md"])
def test_tables_and_notes_of_a_paper_are_read_as_those_of_a_page(tmp_path, kind):
    write = {"docx": word, "md": markdown}[kind]
    (tmp_path / f"paper.{kind}").write_bytes(write(Paper("Tables", ["About the study."], [GROUPS])))
    told = [leak[1:4] for leak in leaks(tmp_path)]
    (tmp_path / f"paper.{kind}").unlink()
    assert [leak[1:4] for leak in leaks(put(tmp_path, page_html=GROUPS.html))] == told
    assert [table for table, *_ in told] == ["text", "Rates"]
    assert told[1] == ("Rates", "left, Type 1", "others")


@pytest.mark.parametrize("kind", ["xpt", "json", "sav", "dta"])
def test_analysis_data_are_rows_of_people(tmp_path, kind):
    data = analysis_data(small_study(4, internal=True))
    (tmp_path / f"adbds.{kind}").write_bytes(ANALYSIS_FORMATS[kind](data))
    (found,) = leaks(tmp_path)
    assert (found.file, found.how) == (f"adbds.{kind}", "it has a row, or the identifier, of a single patient")


def test_the_same_words_about_two_measures_are_two_sentences(tmp_path):
    put(tmp_path, one_html="<p>IR: 27 of 51 hips meet the rule. SLR: 20 of 50 hips meet the rule.</p>")
    assert leaks(tmp_path) == []


def test_items_of_two_lists_are_held_together_by_what_they_are_of():
    """With IR withheld in B, its first item is of SLR; its newest period is another than that of all."""
    said = {
        "": ["• IR: so. 63 of 88 hips meet it.", "• SLR: so. 53 of 88 hips meet it.", "2026Q1: 12 of 40."],
        "A": ["• IR: so. 40 of 58 hips meet it.", "• SLR: so. 32 of 58 hips meet it."],
        "B": ["• SLR: so. 21 of 30 hips meet it.", "2025Q4: 11 of 38."],
    }
    rows = []
    for clinic, items in said.items():
        again = Counter()
        for item in items:
            rows += Reader(PROTOCOL).sentences(item, Scope(f"{clinic}.html", "", clinic, {}, {}), again)
    assert attack(rows, 5).leaks == []


def test_a_page_and_a_file_that_mean_the_same_are_held_together(tmp_path):
    """Of 60 hips 30 are of type 1 on the page, and 28 of type 2 in the file: the others are 2."""
    put(tmp_path, rates_csv=OURS.removeprefix("clinic_id,") + WHOLE)
    rows = [["Type 1", "30", "10/25"], ["Type 2", "withheld", "withheld"], ["Unclassified", "withheld", "withheld"]]
    page = Table(["Group", "Hips", "Responders of hips judged"], rows, "Rates")
    put(tmp_path, page_html=page.html)
    assert leaks(tmp_path) == []
    put(tmp_path, by_hand_csv="stretch_type,n_hips\nT2,28\n")
    assert [(leak.file, leak.row, leak.column) for leak in leaks(tmp_path)] == [("page.html", "Unclassified", "n_hips")]


def test_a_side_under_a_heading_is_a_part_of_the_side(tmp_path):
    """57 left hips of which 20 responded, and 55 of them with a matched stretch, of which 19 did: 1 of the rest."""
    columns = ["Compared", "Responders of hips judged"]
    put(tmp_path, one_html=Table(columns, [["Left", "20/57"]], "Rates").html)
    for part, found in (("10/30", []), ("19/55", [("one.html", "few are in none of the groups of two.html")])):
        put(tmp_path, two_html=Table(columns, [["Matched"], ["Left", part]], "Rates").html)
        assert [(leak.file, leak.how) for leak in leaks(tmp_path)] == found


def test_the_centre_of_a_chart_is_no_clinic(tmp_path):
    """Of 60 hips, 57 are of the first quarter, so 3 are of the second."""
    head = "period,n_hips,n_evaluable,n_responders,centre,response,comparison,suppressed\n"
    text = head + f"2026Q1,57,50,20,0.4,{ASKED},False\n2026Q2,,,,0.4,{ASKED},True\n"
    put(tmp_path, rates_csv=OURS.removeprefix("clinic_id,") + WHOLE, over_time_csv=text)
    found = told_by(read_folder(tmp_path, PROTOCOL))
    assert [(leak.file, leak.column) for leak in found.leaks] == [("over_time.csv", "n_hips")]


def test_rows_of_people_are_found_and_not_repeated(tmp_path):
    put(tmp_path, list_csv="ID,IR\nP0017,30\n", one_html="<p>Of P0017 40 hips</p>")
    found = told_by(read_folder(tmp_path, PROTOCOL, ["P0017"]))
    assert [leak.file for leak in found.leaks] == ["list.csv", "one.html"]
    assert "P0017" not in str(found)


def test_what_cannot_be_read_is_said(tmp_path):
    put(tmp_path, one_csv="Side,Hips,Strength\nleft,30,7\n")
    (tmp_path / "two.pdf").touch()
    (tmp_path / "three.docx").touch()
    (tmp_path / "five.rtf").touch()
    (tmp_path / "six.sav").write_bytes(b"$FL3 and no more")
    (tmp_path / "seven.xpt").write_bytes(b"no such file")
    (tmp_path / "four.parquet").write_text("no such file")
    unread = dict(read_folder(tmp_path, PROTOCOL).unread)
    assert sorted(unread) == [
        "five.rtf", "four.parquet", "one.csv", "seven.xpt", "six.sav", "three.docx", "two.pdf",
    ]  # fmt: skip
    assert unread["three.docx"] == "it is no Word file"
    assert unread["six.sav"].startswith("a compressed SPSS file is not read")
    assert unread["one.csv"] == "columns that are not known: Strength"


def test_a_folder_in_which_nothing_can_be_read_is_refused(tmp_path):
    with pytest.raises(UserError, match="no report, export or table"):
        read_folder(tmp_path, PROTOCOL)


def test_the_policy_of_a_folder_decides(tmp_path):
    put(tmp_path, extra_csv="Clinic,Hips\nA,7\n")
    found = read_folder(tmp_path, PROTOCOL)
    assert told_by(found).leaks == []
    found.fewest = 10
    assert len(told_by(found).leaks) == 1


def test_numbers_that_contradict_each_other_do_not_stop_the_attack():
    def row(clinic, **counts):
        return Seen("f", "t", clinic, "", clinic, "rates", {}, counts)

    rows = [row("", n_hips=20, n_evaluable=30), row("A", n_hips=30, n_evaluable=12), row("B", n_hips=3)]
    assert [leak.row for leak in attack(rows, 5).leaks] == ["B"]


def test_a_table_that_contradicts_the_others_hides_no_leak(tmp_path):
    """Of 60 hips, clinics A and B have 57, so C has 3; another table has 65 left ones and does not say of the right."""
    text = OURS + f"A,15,30,25,10,{ASKED},False\nB,15,27,25,10,{ASKED},False\nC,,,,,{ASKED},True\n"
    put(tmp_path, rates_csv=OURS.removeprefix("clinic_id,") + WHOLE, clinics_csv=text)
    before = told_by(read_folder(tmp_path, PROTOCOL))
    assert {(leak.file, leak.column) for leak in before.leaks} == {("clinics.csv", "n_hips")}
    assert before.contradicting == []
    put(tmp_path, extra_csv="Side,Hips\nleft,65\nright,\n")
    after = told_by(read_folder(tmp_path, PROTOCOL))
    assert after.leaks == before.leaks
    assert after.contradicting == ["extra.csv and rates.csv"]


def test_a_clinic_whose_page_has_no_such_table_may_have_hips_of_it_too():
    """75 right hips of all clinics and 58 of A: 17 are of B, whose page says nothing of sides."""

    def row(clinic, side, n):
        return Seen("f", "t", side, "", clinic, "rates", {"side": side} if side else {}, {"n_hips": n})

    rows = [row("", "left", None), row("", "right", 75), row("A", "left", 69), row("A", "right", 58), row("B", "", 40)]
    told = attack(rows, 5)
    assert (told.leaks, told.contradicting) == ([], [])


def test_what_stands_before_a_colon_says_what_is_counted(tmp_path):
    """The second class of the whole is not the second of the clinic."""
    put(tmp_path, network_html="<p>Type 1: 53 hips, 18 definite; Not restricted: 23 hips, 23 definite.</p>")
    put(tmp_path, clinic_id__a__one_html="<p>Type 1: 30 hips, 9 definite; Indeterminate: 21 hips, 0 definite.</p>")
    assert leaks(tmp_path) == []


@pytest.mark.parametrize(("family", "found"), [("classes", 0), ("care", 1)])
def test_that_nobody_who_came_is_of_a_class_is_no_news(family, found):
    """5 of 72 hips, then 5 of 86."""
    rows = [
        Seen(when, "t", "r", when, "", family, {"answer": "T3"}, {"n_known": n, "n_yes": 5})
        for when, n in (("May", 72), ("June", 86))
    ]
    assert len(attack(rows, 5).leaks) == found


def test_what_is_only_a_sum_is_called_one():
    """100 hips responded in May; in June 50 left and 53 right ones did."""
    sides = [("June", {"side": side}, n) for side, n in (("left", 50), ("right", 53))]
    rows = [
        Seen(when, "t", "r", when, "", "rates", {"response": "ir", **labels}, {"n_responders": n, "n_evaluable": 2 * n})
        for when, labels, n in [("May", {}, 100), *sides]
    ]
    assert {leak.how for leak in attack(rows, 5).leaks} == {"differs by few from what others add up to"}


@pytest.mark.parametrize(
    ("heading", "whole", "part", "column"),
    [
        ("Hips, left and right", "30 and 40", "27 and 30", "Hips left"),
        ("Hips beyond it", "30 up, down withheld", "28 up, down withheld", "Hips beyond it up"),
        ("Lost since the step before", "16: with no room", "14: with no room", "Lost since the step before"),
        ("Within error", "30", "28", "Within error"),
        ("Readings that end in 0 or 5", "30/90 (33 %)", "28/60 (47 %)", "Readings that end in 0 or 5"),
    ],
)
def test_every_form_of_a_count_on_a_page_is_read(heading, whole, part, column):
    cells = {"": whole, "A": part, "B": "withheld and withheld" if " and " in whole else "withheld"}
    rows = [
        seen
        for clinic, cell in cells.items()
        for seen in Reader(PROTOCOL).table(
            Table(["Visit", heading], [["Post", cell]], "A table"), Scope(f"{clinic}.html", "", clinic, {}, {})
        )
    ]
    assert column in {leak.column for leak in attack(rows, 5).leaks}


def test_arms_have_one_name_on_a_page_and_in_the_ledger(tmp_path):
    """A page writes Control for control: taken for two groups they would not add up, and hide what follows."""
    bath = load_protocol(ROOT / "data/raw/bath-hips/protocol.toml")
    scope = Scope("one.html", "", "", {}, {"response": "rotation", "comparison": "immediate"})
    columns = ["Group", "Hips", "Responders of hips judged"]
    (row,) = Reader(bath).table(Table(columns, [["Control", "40", "12/30 (40 %)"]], "Rates"), scope)
    assert row.labels == {"arm": "control", "response": "rotation", "comparison": "immediate"}


def test_a_row_of_the_other_arm_is_of_nobody_in_the_report_of_one(tmp_path):
    """Taken for the other arm, its 0 would contradict what all is the sum of."""
    bath = load_protocol(ROOT / "data/raw/bath-hips/protocol.toml")
    scope = Scope("one.html", "", "", {"arm": "treatment"}, {"response": "rotation", "comparison": "immediate"})
    rows = [["Control", "0", "0/0"], ["Treatment", "54", "12/54 (22 %)"]]
    found = Reader(bath).table(Table(["Group", "Hips", "Responders of hips judged"], rows, "Rates"), scope)
    assert [row.labels["arm"] for row in found] == ["treatment"]
    file = pd.DataFrame({"arm": ["control", "treatment"], "n_hips": [0, 54]})
    assert [row.labels["arm"] for row in Reader(bath).frame(file, "rates", scope)[0]] == ["treatment"]


@pytest.mark.parametrize(("of_women", "found"), [(8, []), (3, ["female"])])
def test_who_has_no_sex_recorded_is_in_no_report_by_sex(of_women, found):
    """Of 40 people 21 are men and 8 women, which is no contradiction; 3 women that are printed are few."""
    rows = []
    for sex, people in (("", 40), ("male", 21), ("female", of_women)):
        part = {"sex": sex} if sex else {}
        about = {"condition": "device"} | part
        rows.append(Seen("f", "t", sex, "", "", "comparability", about, {"n_patients": people}))
        rows.append(Seen("f", "t", sex, "", "", "in_scope", part, {"n_patients": None}))
    told = attack(rows, 5)
    assert [leak.row for leak in told.leaks] == found
    assert told.contradicting == []


def test_a_page_of_an_earlier_state_is_not_subtracted_from_pages_of_now(tmp_path):
    """60 hips as of May less 58 of A now tell of nobody: others of A may have come since. All as of May they would."""
    may = "<p>All clinics as of 1 May 2026</p>"

    def told(state):
        rows = []
        for clinic, hips, said in (("", "60", may), ("A", "58", state), ("B", "withheld", state)):
            folder = tmp_path / f"{clinic}{len(state)}"
            put(folder, one_html=said + Table(["Visit", "Hips"], [["Post", hips]], "A table").html)
            rows += [row._replace(clinic=clinic) for row in read_folder(folder, PROTOCOL).rows[""]]
        return told_by(HandedOut({"": rows}, n_files=3)).leaks

    assert told(may)
    assert not told("")
