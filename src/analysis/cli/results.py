"""Commands that answer the two questions: who responds, and is the left worse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.answers.arms import against_first
from analysis.answers.asymmetry import asymmetry, change_of_asymmetry
from analysis.answers.quality import flow
from analysis.answers.rates import rates as count_responders
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.answers.sides import compare_sides
from analysis.answers.sides_by_group import sides_between_groups
from analysis.cli.app import By, Comparison, Every, JsonFile, Response, Safe, StudyFolder, app, columns, put
from analysis.cli.in_words import not_recorded, rates_in_full, rates_in_short, say, sides_in_full, sides_in_short
from analysis.disclosure import protect
from analysis.hips.counted import columns_counted, groups_counted
from analysis.intake import load
from analysis.intake.processed import blocks, described, is_processed
from analysis.outputs.documents import rates_document, sides_document
from analysis.pipeline import Tables, analyse
from analysis.show.sentences import (
    arms_answer,
    asymmetry_answer,
    between_groups_answer,
    change_of_asymmetry_answer,
    lost_answer,
    responder_answer,
    sides_answer,
)
from analysis.study import Study


@app.command()
def rates(
    study: StudyFolder,
    by: By = "",
    response: Response = None,
    comparison: Comparison = None,
    json: JsonFile = None,
    safe: Safe = False,
    every: Every = False,
) -> None:
    """Count responders in groups, with intervals and the rate that chance alone would give; in words, then a table."""
    loaded, visits = _in_blocks(study, columns(by), safe, response)
    made, protocol = None if visits else analyse(loaded), loaded.protocol
    door = _door(study, loaded, made, comparison) if safe and made else _open

    def counted(groups: Sequence[str]) -> pd.DataFrame:
        if visits:
            return _open(rates_of_visits(visits(), groups, response, comparison, protocol))
        assert made
        return door(count_responders(made.responses, groups, response, comparison), "rates", groups)

    shown = counted(columns(by))

    def show() -> None:
        whole, arm = counted(()), protocol.group_by
        arms = shown.iloc[:0] if protocol.types else against_first(counted([arm]), arm)
        rule, pair = (str(whole[name].iloc[0]) for name in ("response", "comparison"))
        lost = None
        if rule == protocol.primary_response and not (visits and is_processed(study)):  # of blocks only counts are made
            responses = (made or analyse(loaded)).responses
            lost = lost_answer(door(flow(loaded.assessments, responses, protocol, pair), "flow"), protocol)
        say(arms_answer(arms, shown.iloc[:0], protocol), responder_answer(whole, protocol), lost)
        if columns(by) or every:
            print()
            rates_in_full(shown) if every else rates_in_short(shown, columns(by), protocol)
        say(*not_recorded(shown, columns(by), protocol.words))
        print(f"{rule}, {pair}; {whole['interval'].iloc[0]}")

    document = rates_document(loaded, shown, safe=safe)
    put(document, json, show, private=not safe)


def _in_blocks(
    folder: Path, by: Sequence[str], safe: bool, response: str | None = None
) -> tuple[Study, Callable[[], Iterable[pd.DataFrame]] | None]:
    """Return a study and what gives its visits in blocks; nothing where only all its tables tell what is asked."""
    study = described(folder) if is_processed(folder) else load(folder)
    if safe or not set(by) <= set(groups_counted(study.protocol)):
        return (load(folder) if is_processed(folder) else study), None
    if not is_processed(folder):
        return study, lambda: [study.assessments]
    arms = [] if study.protocol.types else [study.protocol.group_by]
    known = response if response in study.protocol.responses else None  # another is refused when rates are counted
    needed = columns_counted([*by, *arms, "clinic_id"], study.protocol, known)
    return study, partial(blocks, folder, needed, study.protocol)


def _open(table: pd.DataFrame, name: str = "", groups: Sequence[str] = ()) -> pd.DataFrame:
    """Withhold nothing."""
    return table.assign(suppressed=False)


def _door(folder: Path, study: Study, tables: Tables, comparison: str | None) -> Callable[..., pd.DataFrame]:
    """Return the door, with what the reports of the study withhold together."""
    from analysis.report.scope import release_of  # solving what to withhold loads much

    release = release_of(folder, study, tables, comparison or study.protocol.primary_comparison)

    def shown(table: pd.DataFrame, name: str, groups: Sequence[str] = ()) -> pd.DataFrame:
        besides = release.besides(table, name, groups)
        return protect(table, name, groups, study.policy.minimum, study.n_patients, besides)

    return shown


@app.command()
def sides(
    study: StudyFolder,
    response: Response = None,
    comparison: Comparison = None,
    by: By = "",
    json: JsonFile = None,
    safe: Safe = False,
    every: Every = False,
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
        tables = [overall, *([] if groups is None else [groups]), between, degrees, closer]
        chief, *parts, apart, before, moved = (table if safe else table.assign(suppressed=False) for table in tables)
        say(sides_answer(chief, protocol), between_groups_answer(apart, protocol))
        say(asymmetry_answer(before, protocol), change_of_asymmetry_answer(moved, protocol))
        print()
        if every:
            asked = [
                "who responded",
                *(["who responded, in groups"] if parts else []),
                "in each group, and whether alike",
            ]
            for what, table in zip([*asked, "of the readings", "how it changed"], tables, strict=True):
                sides_in_full(what, table)
        else:
            sides_in_short(parts[0] if parts else chief, columns(by), protocol)
        print(f"{overall['response'].iloc[0]}, {overall['comparison'].iloc[0]}; {overall['method'].iloc[0]}")

    put(sides_document(loaded, overall, groups, between, degrees, closer, safe=safe), json, show, private=not safe)
