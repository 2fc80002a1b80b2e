"""Every number in the text of a notebook follows from the tables, and what it claims is counted again by hand."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis import display
from analysis.export import result_tables
from analysis.report import open_report
from analysis.scope import preload
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from claims import CLAIMS, recount
from test_notebooks import shown_by
from test_notebooks import study as odd_study
from tests_support import ROOT

NAMES = ["responders", "left_right", "classification", "clinic", "network", "degrees", "matched", "data_quality"]
# What is said in every case, whatever the data: the wording of rules and of methods.
FIXED = ["95 % CI", "95 % limits", "95 of 100 cases",
         "fewer than 5 patients", "Fewer than 5 patients", "Fewer than 3", "fewer than 3", "more than 1,000 times",
         "fewer than 12", "fewer than 5 responders or non-responders", "5 hips or more"]  # fmt: skip
NUMBER = re.compile(r"(?<![\w.])([−+]?\d[\d,]*(?:\.\d+)?)( %|°)?")
COUNTS = r"\*\*(\S+) of (\S+) hips? responded \((\S+) %; 95 % CI (\d+)–(\d+)\)\*\*, from (\S+) patients?"


def numbers_in(text, report):
    """The numbers that the data decide, each with its unit."""
    rules = report.protocol
    labels = [kind.label for part in (rules.types, rules.measures, rules.responses) for kind in part.values()]
    names = [*report.tables.changes["clinic_id"].dropna().unique(), *report.over_time().get("period", [])]
    names += [*report.study.problems["message"].unique()]
    for fixed in sorted([*FIXED, rules.caution, *labels, *[label.lower() for label in labels], *names], key=len)[::-1]:
        text = text.replace(fixed, "")
    # How many draws failed is in no table; the gain asked of a responder is the rule's.
    text = re.sub(r"\d+ of 1000 bootstrap samples|\d+° or more", "", text)
    found = NUMBER.findall(text.replace("fewer than 1 %", "").replace("more than 99 %", ""))
    return [(float(n.replace(",", "").replace("−", "-")), u.strip() or ("°" if "." in n else "")) for n, u in found]


class Facts:
    """Every count, share and number of degrees that the tables of a report hold."""

    def __init__(self, report, network):
        classes, flow, paired = (
            report.classes(),
            report.flow(),
            [of_hips(report, name) for name in report.protocol.measures],
        )
        tables = [*result_tables(report).values(), network.clinics(), report.problems(), flow, report.followed_up()]
        numbers = [table[name].dropna() for table in tables for name in table.select_dtypes("number")]
        whole = [column for column in numbers if pd.api.types.is_integer_dtype(column)]
        warned = report.study.problems[report.study.problems["severity"] == "warning"]
        asymmetry = report.asymmetry()
        clinics = network.clinics()
        outside = int((~clinics["position"].isin(["within", "not judged"])).sum()) if len(clinics) else 0
        more = {len(table) for table in tables} | {len(warned), warned["rule"].nunique(), outside}
        more |= set(warned["message"].value_counts())
        safety = report.safety()
        more |= set((safety["n_hips"] - safety["n_known"]).dropna()) if len(safety) else set()
        more |= set(asymmetry["n_left_worse"] + asymmetry["n_right_worse"]) if len(asymmetry) else set()
        periods = report.over_time()
        more |= {int((periods["n_evaluable"] > 0).sum())} if len(periods) else set()
        if len(classes):
            firm = [int(classes[f"n_{word}"].sum()) for word in ("definite", "borderline")]
            more |= {*firm, sum(firm)}
        lost = flow["n_hips"].iloc[0] - flow["n_hips"].iloc[-1]
        more |= counted_in_titles(report) | (set() if pd.isna(lost) else {int(lost)})
        tilted = report.tilted_rates()
        more |= set((tilted["n_evaluable"] + tilted["n_missing"]).dropna())
        turns = np.exp(tilted[["turns_below", "turns_above"]].abs().to_numpy().ravel())
        more |= {round(times) for times in turns if times >= 10}
        self.counts = {int(value) for column in whole for value in column} | more.union(*(of[0] for of in paired))
        self.others = {float(value) for column in numbers if column.dtype.kind == "f" for value in column}
        self.others = self.others.union(*(of[1] for of in paired))
        self.others |= set(turns)
        steps = flow["n_hips"].dropna()
        self.others |= {steps.iloc[-1] / steps.iloc[0]} if len(steps) and steps.iloc[0] else set()

    def hold(self, number, unit):
        if unit == "%":
            return any(abs(100 * share - number) <= 0.5 + 1e-9 for share in self.others)
        if unit == "°":
            return any(abs(abs(value) - abs(number)) <= 0.05 + 1e-9 for value in self.others)
        points = any(abs(100 * share - number) <= 0.5 + 1e-9 for share in self.others)
        return int(number) in self.counts or points


def counted_in_titles(report):
    """What the titles of figures count over the rows of a table."""
    rates, sides = report.rates(report.groups), report.sides_of_each_test()
    drawn = rates[~rates["suppressed"] & (rates["n_evaluable"] >= 5).fillna(False)]
    known = drawn[drawn["chance_rate"].notna()]
    counts = {len(drawn), len(known), int((known["against_chance"] == "more than chance").sum())}
    drawn = sides[~sides["suppressed"] & sides["difference"].notna()]
    counts |= {len(drawn), int(((drawn["newcombe_low"] > 0) | (drawn["newcombe_high"] < 0)).sum())}
    return counts


def of_hips(report, measure):
    """Count what the figures of single hips show: gains, how many reach error and the rule, both hips of one person."""
    rows, rules = report.tables.changes, report.protocol
    rows, sem = rows[(rows["comparison"] == report.comparison) & rows["comparable"]], rules.measures[measure].sem
    if sem is None or f"{measure}_after" not in rows:
        return set(), set()
    hips = rows.dropna(subset=[f"{measure}_before", f"{measure}_after"])
    before, after = hips[f"{measure}_before"].astype(float), hips[f"{measure}_after"].astype(float)
    gains, band = (after - before).round(1), 1.96 * 2**0.5 * sem
    if rules.measures[measure].better == "lower":
        gains = -gains
    sides = hips.assign(before=before).pivot(index=["patient_id", "episode"], columns="side", values="before")
    sides = sides.reindex(columns=["left", "right"]).dropna()
    apart = (sides["left"] - sides["right"]).round(1).abs()
    steps = [rule.strict for test in rules.responses.values() for rule in getattr(test, "rules", ())
             if rule.measure == measure and hasattr(rule, "op")]  # fmt: skip
    asked = steps[0] if steps and steps[0] != "mdc95" else band
    shares = (gains >= asked).groupby(hips["side"], observed=True).mean()
    counts = {int((gains.abs() <= band).sum()), int((apart <= band).sum())}
    ends = {gains.min(), gains.median(), gains.max(), sides["left"].mean(), sides["right"].mean()}
    return counts, {*ends, *shares, asked, band}


def texts(notebook, **parameters):
    """Return the sentences of a notebook, and the title and the words of each of its figures."""
    said = []
    for item in shown_by(ROOT / f"notebooks/{notebook}.ipynb", **parameters):
        if isinstance(item, display.Text):
            said.append(item.plain)
        elif isinstance(item, display.Figure):
            said += [item.title, item.alt]
    return said


@cache
def check(study, clinic_id="", internal=False):
    """Check every text of every notebook; return the claims that were counted again."""
    preload(study)  # as the report factory does: each notebook would read the same files again
    report, network = open_report(study, clinic_id, internal=internal), open_report(study, internal=internal)
    facts, counted = Facts(report, network), set()
    for name in NAMES:
        said = texts(name, study=str(study), clinic_id=clinic_id, internal=internal)
        for text in said:
            wrong = [number for number in numbers_in(text, report) if not facts.hold(*number)]
            assert not wrong, f"{name}: {wrong} in {text}"
            counted |= recount(text, report, network)
        for answer in (text for text in said if " responded (" in text):
            check_answer(answer, report)
    return counted


def check_answer(text, report):
    """Count the responders again, with nothing but the outcomes."""
    rows = report.tables.responses
    rows = rows[(rows["response"] == report.protocol.primary_response) & (rows["comparison"] == report.comparison)]
    judged = rows[rows["outcome"].isin(["responder", "non_responder"])]
    n, x = len(judged), int((judged["outcome"] == "responder").sum())
    said_x, said_n, percent, low, high, people = (part.replace(",", "") for part in re.search(COUNTS, text).groups())
    assert (int(said_x), int(said_n), int(people)) == (x, n, judged["patient_id"].nunique())
    share = 100 * x / n
    assert percent in (f"{share:.0f}", "<1" if 0 < share < 0.5 else "", ">99" if 99.5 < share < 100 else "")
    assert int(low) <= share + 0.5
    assert int(high) >= share - 0.5
    lost = len(rows) - n - int((rows["reason"] == "no room to improve").sum())
    if lost:
        bounds = re.search(r"The outcome of (\S+) hips? is missing", text)
        assert int(bounds.group(1).replace(",", "")) == lost


OURS = [("demo", ""), ("demo", "C12"), ("bath-hips", "")]


@pytest.mark.parametrize(("study", "clinic_id"), OURS)
def test_our_studies(study, clinic_id):
    check(ROOT / "data/raw" / study, clinic_id)


def test_each_claim_is_found_somewhere(tmp_path):
    """Where a sentence is worded anew, its claim must be too, or it would no longer be counted again."""
    twice = simulate(40, 5, CohortParameters(reread_share=0.5))
    write_cohort(twice, tmp_path / "twice", "Some were read twice")
    found = [check(ROOT / "data/raw" / study, clinic_id) for study, clinic_id in OURS]
    found.append(check(odd_study("nobody seen after", tmp_path), internal=True))
    assert set().union(*found, check(tmp_path / "twice")) == set(CLAIMS)


@pytest.mark.parametrize("kind", ["one patient", "all left", "nobody seen after", "one hip", "two dozen"])
@pytest.mark.parametrize("internal", [True, False])
def test_odd_studies(kind, internal, tmp_path):
    check(odd_study(kind, tmp_path), internal=internal)


@pytest.mark.parametrize("seed", range(10, 20))
def test_random_cohorts(seed, tmp_path):
    parameters = CohortParameters(reread_share=0.4 * (seed % 3 == 0))
    write_cohort(simulate(20 + seed, seed, parameters), tmp_path / "cohort", "A small cohort")
    check(tmp_path / "cohort", "C01" if seed % 2 else "")


def test_a_false_number_is_found():
    report = open_report(ROOT / "data/raw/bath-hips")
    facts = Facts(report, report)
    assert [facts.hold(*number) for number in numbers_in("34 of 78 hips responded (44 %)", report)] == [True] * 3
    assert not facts.hold(1234.0, "")
    assert not facts.hold(99.0, "%")
    with pytest.raises(AssertionError):
        check_answer("**33 of 78 hips responded (44 %; 95 % CI 30–58)**, from 39 patients", report)
