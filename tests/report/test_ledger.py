"""What was shown of a growing study is remembered, and what is shown next does not tell of the few who came since."""

import json
import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations, product
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from analysis.answers.people import SIZE
from analysis.disclosure.counted import Shown
from analysis.disclosure.people_in_groups import RATES
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import ABOUT, row_key
from analysis.protocol import builtin
from analysis.protocol.policies import USUAL
from analysis.report import held, open_report, scope
from analysis.report.held import held_release, shown_again, shown_before
from analysis.report.ledger import keyed, ledger_of, take_back, waits_since
from analysis.report.scope import series_of
from analysis.usererror import UserError
from tests_support import preloaded, rows_of, write_private, write_study

PROTOCOL = builtin()
WHEN = PROTOCOL.primary_comparison
CLINICS, TYPES = ["", "A", "B"], ["", "T1", "T2"]
STUDIES, RELEASES = 6, 4


def counts(people):
    """The counts of people with one judged hip each: ``clinic``, ``kind``, ``responded``."""
    rows = []
    for clinic, kind in product(CLINICS, TYPES):
        own = people[people["clinic"].eq(clinic) | (clinic == "")]
        own = own[own["kind"].eq(kind) | (kind == "")]
        labels = {"response": PROTOCOL.primary_response, "comparison": WHEN}
        labels |= {"stretch_type": kind} if kind else {}
        n, yes = len(own), int(own["responded"].sum())
        key = row_key("rates", labels)
        rows.append(["rates", key, labels, clinic, key, n, n, n, yes, 0, n, yes, n - yes])
    return pd.DataFrame(rows, columns=[*ABOUT, *RATES])


def growing(seed):
    """A study of 40 people to which 1 to 10 come between two releases."""
    random = np.random.default_rng(seed)
    size = 40 + np.r_[0, random.integers(1, 11, RELEASES - 1).cumsum()]
    many = size[-1]
    people = pd.DataFrame({"clinic": random.choice(["A", "B"], many), "kind": random.choice(["T1", "T2"], many)})
    people["responded"] = random.random(many) < 0.5
    return [counts(people.iloc[:n]) for n in size]


def by_subtraction(counted, withheld):
    """What a reader of one release knows: hips that responded and that did not, of each clinic and type."""
    known = {}
    for row in counted.to_dict("records"):
        kind = row["labels"].get("stretch_type", "")
        if (row["clinic"], row["key"]) not in withheld:
            yes, n = row["n_responders"], row["n_evaluable"]
            known |= {(row["clinic"], kind, "yes"): yes, (row["clinic"], kind, "no"): n - yes}
    for _ in range(4):
        for clinic, kind, answer in product(CLINICS, TYPES, ["yes", "no"]):
            sums = [[(c, kind, answer) for c in CLINICS], [(clinic, t, answer) for t in TYPES]]
            for whole, one, other in sums:
                if whole in known and one in known:
                    known.setdefault(other, known[whole] - known[one])
                if whole in known and other in known:
                    known.setdefault(one, known[whole] - known[other])
                if one in known and other in known:
                    known.setdefault(whole, known[one] + known[other])
    return known


def recovered(releases):
    """How many numbers of 1 to 4 people who came between two releases a reader of both can tell."""
    told = 0
    for one, other in combinations([by_subtraction(*release) for release in releases], 2):
        told += sum(0 < other[name] - one[name] < 5 for name in one.keys() & other.keys())
    return told


def released(series, with_ledger):
    before = []
    for counted in series:
        found = plan(counted, PROTOCOL, WHEN, 5, before if with_ledger else [])
        before.append(Shown(counted, found.rows, found.cells))
    return [(shown.counts, shown.rows) for shown in before]


def test_releases_of_growing_studies_tell_nothing_of_1_to_4_who_came():
    series = [released(growing(seed), with_ledger=True) for seed in range(STUDIES)]
    assert sum(map(len, series)) == STUDIES * RELEASES
    assert [recovered(releases) for releases in series] == [0] * STUDIES
    leads = [row for releases in series for _, rows in releases[1:] for row in rows if row[0] == ""]
    assert len(leads) < 3 * STUDIES * (RELEASES - 1)  # some are shown anew


def test_without_the_ledger_subtraction_tells_them():
    assert recovered(released(growing(1), with_ledger=False)) > 20


def people(*answers):
    """People of one clinic and type, so many of whom responded and did not."""
    yes, no = answers
    return pd.DataFrame({"clinic": "A", "kind": "T1", "responded": [True] * yes + [False] * no})


def lead(release):
    return ("", release.lead) in release.rows


@pytest.mark.parametrize(
    ("then", "withheld"),
    [((102, 108), False), ((103, 109), True), ((106, 112), True), ((107, 113), False), ((107, 108), True)],
)
def test_a_number_is_shown_anew_when_5_came_to_it_and_to_its_complement(tmp_path, then, withheld):
    """102 of 210, then 103 of 212 would tell the two new hips."""
    study = tmp_path / "spring"
    assert not lead(held_release(study, WHEN, counts(people(102, 108)), PROTOCOL, WHEN, USUAL))
    assert lead(held_release(study, WHEN, counts(people(*then)), PROTOCOL, WHEN, USUAL)) == withheld


def test_a_withheld_number_is_held_against_the_last_that_was_shown(tmp_path):
    found = [
        lead(held_release(tmp_path / "spring", WHEN, counts(people(50 + more, 60 + more)), PROTOCOL, WHEN, USUAL))
        for more in (0, 3, 6, 9, 12)
    ]
    assert found == [False, True, False, True, False]


def test_the_same_counts_are_the_same_release_and_other_parts_are_not_held_against_it(tmp_path):
    study = tmp_path / "spring"
    first = held_release(study, WHEN, counts(people(50, 60)), PROTOCOL, WHEN, USUAL)
    assert held_release(study, WHEN, counts(people(50, 60)), PROTOCOL, WHEN, USUAL) == first
    assert len(ledger_of(study).read_text().splitlines()) == 2
    assert not lead(held_release(study, f"{WHEN}; 2026", counts(people(51, 61)), PROTOCOL, WHEN, USUAL))


@pytest.mark.parametrize("part", ["sex={}", "sex={}, 2026Q1"])
def test_a_group_is_held_against_the_whole_and_the_other_groups(tmp_path, part):
    """Of 53 people who responded 3 are women: the whole less the men would tell them, whoever is asked of first."""
    series = {sex: f"{WHEN}; {part.format(sex)}" for sex in ("female", "male")}
    of = {"female": counts(people(3, 40)), "male": counts(people(50, 60))}
    everyone = counts(people(53, 100))
    found = []
    for first, then in (("female", "male"), ("male", "female")):
        study, shown = tmp_path / first, {}
        whole = held_release(study, WHEN, everyone, PROTOCOL, WHEN, USUAL)
        assert not lead(whole)
        for sex, other in ((first, then), (then, first)):
            among = {"whole": Shown(everyone, whole.rows, whole.cells), "others": {series[other]: of[other]}}
            shown[sex] = held_release(study, series[sex], of[sex], PROTOCOL, WHEN, USUAL, **among)
        assert len(ledger_of(study).read_text().splitlines()) == 1 + 3
        found.append((shown["female"].rows, shown["male"].rows))
        assert lead(shown["female"])
        assert lead(shown["male"]) == (part == "sex={}")
    assert found[0] == found[1]


def test_a_group_of_many_is_shown_beside_the_whole(tmp_path):
    study, everyone = tmp_path / "spring", counts(people(90, 100))
    of = {f"{WHEN}; sex={sex}": counts(people(n, 50)) for sex, n in (("female", 50), ("male", 40))}
    whole = held_release(study, WHEN, everyone, PROTOCOL, WHEN, USUAL)
    for series, own in of.items():
        others = {name: table for name, table in of.items() if name != series}
        among = {"whole": Shown(everyone, whole.rows, whole.cells), "others": others}
        assert not lead(held_release(study, series, own, PROTOCOL, WHEN, USUAL, **among))


def test_what_a_person_only_looks_at_is_not_held_against_what_comes(tmp_path):
    study = tmp_path / "spring"
    held_release(study, WHEN, counts(people(50, 60)), PROTOCOL, WHEN, USUAL, note=False)
    assert not lead(held_release(study, WHEN, counts(people(51, 61)), PROTOCOL, WHEN, USUAL))


def test_a_report_counts_as_shown_where_it_is_made_for_others(tmp_path, monkeypatch):
    study = write_study(tmp_path, rows_of(6))
    monkeypatch.setenv(scope._FOR_OTHERS, "")
    monkeypatch.delenv(scope._FOR_OTHERS)

    def shown():
        scope._released.clear()
        open_report(study)
        return len(ledger_of(study).read_text().splitlines()) - 1

    assert shown() == 0
    scope.publish()
    assert shown() == 1
    assert shown() == 1  # the same again


def test_a_release_knows_whether_it_is_the_first(tmp_path):
    study = tmp_path / "spring"

    def first(*answers):
        return held_release(study, WHEN, counts(people(*answers)), PROTOCOL, WHEN, USUAL, f"{answers}").first

    assert first(50, 60)
    assert first(50, 60)  # the same again
    assert not first(55, 65)
    assert not first(55, 65)


def test_what_the_same_program_counted_of_the_same_data_is_not_counted_again(tmp_path):
    study = tmp_path / "spring"

    def release(made_from):
        return held_release(study, WHEN, counts(people(50, 60)), PROTOCOL, WHEN, USUAL, made_from=made_from)

    assert shown_again(study, WHEN, "these data", USUAL) is None
    first = release("these data")
    release("other data")  # of which the counts are the same, so nothing is noted
    shown, again = shown_again(study, WHEN, "these data", USUAL)
    assert (again, len(shown)) == (first, len(counts(people(50, 60))))
    for series, made_from, policy in (
        (WHEN, "other data", USUAL),
        (WHEN, "", USUAL),  # not known from what
        (WHEN, "these data", USUAL._replace(minimum=10)),
        ("retained", "these data", USUAL),
    ):
        assert shown_again(study, series, made_from, policy) is None


def test_what_was_counted_by_other_rules_or_of_other_tables_is_counted_again(tmp_path, monkeypatch):
    """A processed folder keeps what the program that wrote it made of the files, under the fingerprint of these."""
    measure = PROTOCOL.measures["hip_ir_deg"].model_copy(update={"sem": 2.0})
    other = PROTOCOL.model_copy(update={"measures": PROTOCOL.measures | {"hip_ir_deg": measure}})
    tables, asked = mock.Mock(responses=pd.DataFrame({"patient_id": ["a"]})), []
    monkeypatch.setenv("CAPSULE_FOR_OTHERS", "program")
    monkeypatch.setattr(scope, "shown_again", lambda *about: asked.append(about[2]) or (pd.DataFrame(), Release()))
    for protocol, manifest in ((PROTOCOL, "{}"), (other, "{}"), (PROTOCOL, '{"tables": {}}'), (PROTOCOL, "{}")):
        monkeypatch.setattr(scope, "_released", {})
        (tmp_path / "manifest.json").write_text(manifest)
        study = mock.Mock(fingerprint="same", policy=USUAL, protocol=protocol)
        scope.release_of(tmp_path, study, tables, WHEN)
    assert asked[0] == asked[3]
    assert len(set(asked)) == 3


def test_what_people_are_like_is_told_once_and_of_everyone(tmp_path):
    """Nothing else holds it together: a clinic would follow from the others, and who came from two months."""
    study = preloaded(write_private(tmp_path / "spring", 30, 1, clinics=2))
    whole = open_report(study)
    clinic = open_report(study, whole.rates(["clinic_id"])["clinic_id"].astype("str").iloc[0])
    later = replace(whole, release=replace(whole.release, first=False))
    of_sex = open_report(study, group="sex=female")
    assert not whole.who_was_assessed().query("characteristic == 'age_years'")["suppressed"].all()
    assert not whole.beside_norms()["suppressed"].all()
    for report in (clinic, later, of_sex):
        table = report.who_was_assessed()
        assert set(table.loc[~table["suppressed"], "characteristic"]) <= {SIZE}
        assert report.beside_norms()["suppressed"].all()
    assert not open_report(study, internal=True).who_was_assessed()["suppressed"].any()


def test_reports_that_nobody_has_seen_are_taken_back(tmp_path, monkeypatch):
    """An error is found in the first reports of March and mended: the next are held against those of February."""
    study = tmp_path / "spring"

    def show(month, *answers):
        monkeypatch.setattr(held, "datetime", mock.Mock(now=lambda _: datetime(2026, month, 1, tzinfo=UTC)))
        return lead(held_release(study, WHEN, counts(people(*answers)), PROTOCOL, WHEN, USUAL, f"{month} {answers}"))

    assert not show(2, 50, 60)
    assert not show(3, 60, 70)
    assert waits_since(study) == ""
    assert show(3, 61, 69)
    assert waits_since(study) == "2026-03-01"
    take_back(study, date(2026, 3, 1))
    assert waits_since(study) == ""
    assert not show(3, 61, 69)
    assert show(4, 62, 69)
    assert waits_since(study) == "2026-03-01"


def test_the_ledger_is_private_and_lies_beside_the_study(tmp_path, monkeypatch):
    held_release(tmp_path / "spring", WHEN, counts(people(50, 60)), PROTOCOL, WHEN, USUAL)
    path = tmp_path / ".spring.ledger"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("CAPSULE_LEDGERS", str(tmp_path / "kept"))
    with pytest.raises(OSError, match="must be kept: name a folder for it in CAPSULE_LEDGERS"):
        keyed(tmp_path / "spring")("f")


def test_a_processed_folder_has_the_ledger_of_its_study(tmp_path, monkeypatch, capsule):
    study = tmp_path / "raw/spring"
    study.mkdir(parents=True)
    made, moved = tmp_path / "made/tables", tmp_path / "elsewhere/further/tables"
    assert capsule("process", write_study(study, rows_of(12)), "--out", made)[0] == 0
    assert ledger_of(made) == ledger_of(study) == tmp_path / "raw/.spring.ledger"
    moved.parent.mkdir(parents=True)
    made.rename(moved)
    assert ledger_of(moved) == tmp_path / "elsewhere/further/.spring.ledger"
    monkeypatch.setenv("CAPSULE_LEDGERS", str(tmp_path))
    assert ledger_of(moved) == ledger_of(study) == tmp_path / ".spring.ledger"


def test_a_manifest_names_no_other_file_as_ledger(tmp_path, capsule):
    made = tmp_path / "tables"
    assert capsule("process", write_study(tmp_path, rows_of(12)), "--out", made)[0] == 0
    manifest = made / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"study": told["study"] | {"ledger": "../others.txt"}}))
    assert ledger_of(made) == tmp_path / ".tables.ledger"


def test_a_damaged_ledger_stops_and_what_a_power_cut_left_is_passed_over(tmp_path):
    study = tmp_path / "spring"
    key = keyed(study)("a fingerprint")
    with ledger_of(study).open("a") as file:
        file.write('{"series": "half')
    assert keyed(study)("a fingerprint") == key
    ledger_of(study).write_text("{}\n")
    with pytest.raises(UserError, match="is damaged"):
        keyed(study)("a fingerprint")


def test_a_fingerprint_tells_change_and_nothing_to_those_without_the_secret(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    assert keyed(one)("f") == keyed(one)("f") != keyed(one)("g")
    assert keyed(one)("f") != keyed(other)("f")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("", {}),
        ("sex=female", {"sex": "female"}),
        ("2026Q1", {"within": "2026Q1"}),
        ("town=Bath, Avon, 2026Q1", {"town": "Bath, Avon", "within": "2026Q1"}),
    ],
)
def test_a_release_of_a_part_says_so_in_its_rows(tmp_path, part, said):
    """Else an audit holds the women of a study against everybody."""
    study = tmp_path / "spring"
    held_release(study, series_of(WHEN, part), counts(people(102, 108)), PROTOCOL, WHEN, USUAL)
    (shown,) = shown_before(study)
    asked = counts(people(102, 108))["labels"]
    assert shown.counts["labels"].tolist() == [labels | said for labels in asked]


def test_a_release_of_a_group_has_no_rows_of_another(tmp_path):
    """Else the nobody of the other arm would stand for those of this one."""
    study, rows = tmp_path / "spring", counts(people(102, 108))
    side_of = {"T1": {"side": "left"}, "T2": {"side": "right"}}
    rows["labels"] = [labels | side_of.get(labels.get("stretch_type", ""), {}) for labels in rows["labels"]]
    held_release(study, series_of(WHEN, "side=left"), rows, PROTOCOL, WHEN, USUAL)
    (shown,) = shown_before(study)
    assert len(shown.counts) == len(rows) - len(CLINICS)
    assert {labels["side"] for labels in shown.counts["labels"]} == {"left"}
