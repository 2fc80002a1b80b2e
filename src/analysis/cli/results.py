"""Commands that answer the two questions: who responds, and is the left worse."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.answers.asymmetry import asymmetry, change_of_asymmetry
from analysis.answers.counting import NOT_RECORDED, RATES_DIFFER
from analysis.answers.rates import rates as count_responders
from analysis.answers.rates import rates_of_visits
from analysis.answers.sides import compare_sides
from analysis.answers.sides_by_group import sides_between_groups
from analysis.cli.app import By, Comparison, JsonFile, Response, Safe, StudyFolder, app, columns, put
from analysis.cli.terminal import show_table
from analysis.disclosure import protect
from analysis.hips.counted import columns_counted, groups_counted
from analysis.intake import load
from analysis.intake.processed import blocks, described, is_processed
from analysis.outputs.documents import rates_document, sides_document
from analysis.pipeline import Tables, analyse
from analysis.protocol.words import Words
from analysis.show.words import count, in_unit, sentence_start
from analysis.study import Study

# What stands together, and first, where a terminal is narrow.
_CHIEF = ["n_responders", "n_evaluable", "rate", "ci_low", "ci_high", "chance_rate", "against_chance"]
_SHARES = [
    *("rate", "ci_low", "ci_high", "chance_rate", "chance_low", "chance_high", "rate_if_none", "rate_if_all"),
    *("excess", "excess_low", "excess_high", "rate_per_person"),
]
# Words and second intervals, which the JSON document has; what they say of every row stands beneath the table.
_BENEATH = ["response", "comparison", "interval", "cluster_note", "clustered_by", "n_clinics", "ci_low_people"]
_BENEATH += ["ci_high_people", "chance_errors", "chance_unknown"]


@app.command()
def rates(
    study: StudyFolder,
    by: By = "",
    response: Response = None,
    comparison: Comparison = None,
    json: JsonFile = None,
    safe: Safe = False,
) -> None:
    """Count responders in groups, with intervals and the rate that chance alone would give."""
    loaded, visits = _in_blocks(study, columns(by))
    if visits is not None and not safe:
        shown = table = rates_of_visits(visits, columns(by), response, comparison, loaded.protocol)
    else:
        loaded = load(study)
        made = analyse(loaded)
        table = count_responders(made.responses, columns(by), response, comparison)
        shown = _door(study, loaded, made, comparison)(table, "rates", columns(by)) if safe else table

    def show() -> None:
        behind = [name for name in shown if str(name).startswith("n_patients_")]
        numbers = shown.drop(columns=[*behind, *_BENEATH])
        differ = (numbers["rate_per_person"] - numbers["rate"]).abs().gt(RATES_DIFFER).any()
        numbers = numbers if differ else numbers.drop(columns="rate_per_person")
        groups = list(numbers)[: list(numbers).index("n_patients")]
        rest = numbers.columns.difference([*groups, *_CHIEF], sort=False)
        show_table(numbers[[*groups, *_CHIEF, *rest]], dict.fromkeys(_SHARES, "{:.3f}".format), keys=len(groups))
        if len(table):
            for line in _not_recorded(shown, groups, loaded.protocol.words):
                print(line)
            if differ:
                print("rate is per hip: every hip counts alike; in rate_per_person every person counts alike.")
            for note in dict.fromkeys(shown["cluster_note"].dropna()):
                print(f"{sentence_start(note)}.")
            for errors in dict.fromkeys(filter(None, shown["chance_errors"].dropna())):
                print(f"Chance, lowest and highest: over measurement errors (SEM) of {errors}.")
            for why in dict.fromkeys(filter(None, shown["chance_unknown"].dropna())):
                print(f"The rate expected by chance cannot be calculated: {why}.")
            print(f"{table['response'].iloc[0]}, {table['comparison'].iloc[0]}; {table['interval'].iloc[0]}")

    document = rates_document(loaded, shown if safe else table.assign(suppressed=False), safe=safe)
    put(document, json, show, private=not safe)


def _in_blocks(folder: Path, by: Sequence[str]) -> tuple[Study, Iterable[pd.DataFrame] | None]:
    """Return a study and its visits in blocks; none where hips are grouped by what only all its tables tell."""
    study = described(folder) if is_processed(folder) else load(folder)
    if not set(by) <= set(groups_counted(study.protocol)):
        return study, None
    if not is_processed(folder):
        return study, [study.assessments]
    return study, blocks(folder, columns_counted([*by, "clinic_id"], study.protocol), study.protocol)


def _door(folder: Path, study: Study, tables: Tables, comparison: str | None) -> Callable[..., pd.DataFrame]:
    """Return the door, with what the reports of the study withhold together."""
    from analysis.report.scope import release_of  # solving what to withhold loads much

    release = release_of(folder, study, tables, comparison or study.protocol.primary_comparison)

    def shown(table: pd.DataFrame, name: str, groups: Sequence[str] = ()) -> pd.DataFrame:
        besides = release.besides(table, name, groups)
        return protect(table, name, groups, study.policy.minimum, study.n_patients, besides)

    return shown


def _not_recorded(table: pd.DataFrame, groups: Sequence[Hashable], noun: Words) -> Iterator[str]:
    """Say of each column how many hips lack it: with them the groups add up to the study."""
    for name in groups:
        rows = table[(table[name] == NOT_RECORDED) & ((table["n_hips"] > 0) | table["n_hips"].isna())]
        if len(rows):
            whom = "some"
            if rows["n_hips"].notna().all():
                people = f"{count(int(rows['n_patients'].iloc[0]), 'patient')} with " if len(groups) == 1 else ""
                whom = f"{people}{int(rows['n_hips'].sum()):,} of {noun.count(int(table['n_hips'].sum()))}"
            yield f"{name} is not recorded for {whom}: the groups and these together are the study."


@app.command()
def sides(
    study: StudyFolder,
    response: Response = None,
    comparison: Comparison = None,
    by: By = "",
    json: JsonFile = None,
    safe: Safe = False,
) -> None:
    """Compare left with right: the paired table, the difference, tests, and the asymmetry in degrees."""
    loaded = load(study)
    made, protocol = analyse(loaded), loaded.protocol
    responses = made.responses
    overall = compare_sides(responses, (), response, comparison)
    groups = compare_sides(responses, columns(by), response, comparison) if columns(by) else None
    between = sides_between_groups(responses, protocol.group_by, list(protocol.types), response, comparison)
    degrees = asymmetry(loaded.assessments, protocol)
    closer = change_of_asymmetry(loaded.assessments, protocol, comparison, made.changes)
    if safe:
        door = _door(study, loaded, made, comparison)
        overall, between = door(overall, "sides"), door(between, "sides_between_groups", [protocol.group_by])
        groups = None if groups is None else door(groups, "sides", columns(by))
        degrees = door(degrees, "asymmetry") if len(degrees) else degrees
        closer = door(closer, "change_of_asymmetry") if len(closer) else closer

    def show() -> None:
        print("Left minus right: who responded")
        _show_upright(overall)
        if groups is not None:
            _show_upright(groups)
        print("\nIs left minus right the same in all groups?")
        _show_upright(between)
        rule = protocol.asymmetry
        print(f"\nLeft minus right {in_unit(protocol.measures[rule.measure])}" if rule else "\nLeft minus right")
        _show_upright(degrees)
        print("\nHow it changed")
        _show_upright(closer)

    put(sides_document(loaded, overall, groups, between, degrees, closer, safe=safe), json, show, private=not safe)


def _show_upright(table: pd.DataFrame) -> None:
    """Print few rows of many numbers with the numbers below each other."""
    text = table.astype("object").map(_four_digits)
    upright = text.T.reset_index()
    upright.columns = ["left − right", *[str(number + 1) for number in range(len(text))]]
    show_table(upright)


def _four_digits(value: Any) -> Any:
    return f"{value:.4f}" if isinstance(value, float) and not pd.isna(value) else value
