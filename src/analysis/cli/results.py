"""Commands that answer the two questions: who responds, and is the left worse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd
import typer

from analysis.answers.arms import against_first
from analysis.answers.asymmetry import asymmetry_of
from analysis.answers.both_sides import columns_of_both_sides
from analysis.answers.both_times import both_times
from analysis.answers.change_of_asymmetry import change_of_asymmetry_of
from analysis.answers.flow import flow
from analysis.answers.parts import Asked, asked_for
from analysis.answers.rates import rates as count_responders
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.answers.responses_of_visits import responses_of_visits
from analysis.answers.sides import compare_sides, sides_between_groups
from analysis.cli.app import (
    WRONG_USAGE,
    By,
    Comparison,
    Every,
    JsonFile,
    Response,
    Safe,
    Stop,
    StudyFolder,
    app,
    columns,
    put,
)
from analysis.cli.in_words import not_recorded, rates_in_full, rates_in_short, say, sides_in_full, sides_in_short
from analysis.disclosure import protect
from analysis.hips.counted import columns_counted, groups_counted
from analysis.intake import load
from analysis.intake.processed import blocks, described, is_processed, refuse_too_large
from analysis.machine.memory import A_VISIT_OF_BOTH_SIDES
from analysis.outputs.documents import rates_document, sides_document
from analysis.pipeline import Tables, analyse, responses_alone
from analysis.protocol import Protocol
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
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Of a processed study: how many processes. Left out, as many as pay.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="Of a processed study: a Dask scheduler to count on.")
    ] = None,
) -> None:
    """Count responders in groups, with intervals and the rate that chance alone would give; in words, then a table."""
    loaded, count = _in_blocks(study, columns(by), safe, response, jobs, scheduler)
    made, protocol = None if count else analyse(loaded), loaded.protocol
    arms = () if protocol.types else (protocol.group_by,)
    groupings = [columns(by), (), *([arms] if arms else [])]
    if count:
        tables = [_open(table) for table in count.tables(asked_for(groupings, response, comparison, protocol))]
    else:
        assert made
        door = _door(study, loaded, made, comparison) if safe else _open
        tables = [
            door(count_responders(made.responses, groups, response, comparison), "rates", groups)
            for groups in groupings
        ]
    shown, whole, *of_arms = tables

    def show() -> None:
        apart = against_first(of_arms[0], protocol.group_by) if of_arms else shown.iloc[:0]
        rule, pair = (str(whole[name].iloc[0]) for name in ("response", "comparison"))
        lost = None
        if rule == protocol.primary_response and not (count and count.route):  # of blocks only counts are made
            responses = made.responses if made else responses_alone(loaded)
            outcomes = flow(loaded.assessments, responses, protocol, pair)
            lost = lost_answer(door(outcomes, "flow") if safe else _open(outcomes), protocol)
        say(arms_answer(apart, shown.iloc[:0], protocol), responder_answer(whole, protocol), lost)
        if columns(by) or every:
            print()
            rates_in_full(shown, protocol) if every else rates_in_short(shown, columns(by), protocol)
        say(*not_recorded(shown, columns(by), protocol.words))
        print(f"{rule}, {pair}; {whole['interval'].iloc[0]}")

    put(rates_document(loaded, shown, safe=safe, route=count.route if count else ""), json, show, private=not safe)


def _in_blocks(
    folder: Path,
    by: Sequence[str],
    safe: bool,
    response: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
) -> tuple[Study, _Count | None]:
    """Return a study, and what counts its visits in blocks; nothing where only all its tables tell what is asked."""
    processed = is_processed(folder)
    study = described(folder) if processed else load(folder)
    known = groups_counted(study.protocol)
    if safe or not set(by) <= set(known):
        if jobs or scheduler:
            raise Stop(WRONG_USAGE, f"--jobs and --scheduler count by {', '.join(known)}, and not with --safe")
        return (load(folder) if processed else study), None
    if not processed:
        if jobs or scheduler:
            raise Stop(WRONG_USAGE, "--jobs and --scheduler are for a folder that `capsule process` wrote")
        return study, _Count(partial(rates_of_visits, [study.assessments]))
    arms = [] if study.protocol.types else [study.protocol.group_by]
    rule = response if response in study.protocol.responses else None  # another is refused when rates are counted
    needed = columns_counted([*by, *arms, "clinic_id"], study.protocol, rule)

    from analysis.outputs.routes import rates_of_blocks, route_in_words  # other processes are rarely needed

    found = blocks(folder, needed, study.protocol)
    count = partial(rates_of_blocks, found, jobs=jobs, scheduler=scheduler)
    return study, _Count(count, route_in_words(found, jobs, scheduler))


class _Count(NamedTuple):
    """What counts visits, a table for each grouping; and how the blocks of a processed study are gone through."""

    tables: Callable[[Asked], list[pd.DataFrame]]
    route: str = ""


def _open(table: pd.DataFrame, name: str = "", groups: Sequence[str] = ()) -> pd.DataFrame:
    """Withhold nothing."""
    return table.assign(suppressed=False)


def _door(folder: Path, study: Study, tables: Tables, comparison: str | None) -> Callable[..., pd.DataFrame]:
    """Return the door, with what the reports of the study withhold together."""
    from analysis.disclosure.plan import counts_groups  # solving what to withhold loads much
    from analysis.report.scope import release_of

    release = release_of(folder, study, tables, comparison or study.protocol.primary_comparison)

    def shown(table: pd.DataFrame, name: str, groups: Sequence[str] = ()) -> pd.DataFrame:
        besides = release.besides(table, name, groups)
        apart = not counts_groups(table, name, study.protocol)
        return protect(table, name, groups, study.policy.minimum, study.n_patients, besides, all_or_none=apart)

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
    loaded, responses, visits, made = _both_sides(study, columns(by), response, comparison, safe)
    protocol = loaded.protocol
    overall = compare_sides(responses, (), response, comparison)
    groups = compare_sides(responses, columns(by), response, comparison) if columns(by) else None
    between = sides_between_groups(responses, protocol.group_by, list(protocol.types), response, comparison)
    degrees, closer = _in_degrees(visits, comparison, protocol)
    if safe:
        assert made
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


def _both_sides(
    folder: Path, by: Sequence[str], response: str | None, comparison: str | None, safe: bool
) -> tuple[Study, pd.DataFrame, Iterable[pd.DataFrame], Tables | None]:
    """Return a study, its responses, its visits in blocks, and all its tables where only these tell what is asked."""
    processed = is_processed(folder)
    study = described(folder) if processed else load(folder)
    protocol, groups = study.protocol, [*by, study.protocol.group_by]
    if safe or not set(groups) <= set(groups_counted(protocol)) - {"side"}:  # of sides, what can be asked for is said
        study = load(folder) if processed else study
        made = analyse(study)
        return study, made.responses, [study.assessments], made
    asked = asked_for([groups], response, comparison, protocol)
    if not processed:
        return study, responses_of_visits([study.assessments], asked), [study.assessments], None
    refuse_too_large(folder, A_VISIT_OF_BOTH_SIDES, "left minus right of everyone at once")
    needed = columns_counted(["side", "episode", *asked.columns], protocol, asked.response)
    responses = responses_of_visits(blocks(folder, needed, protocol), asked)
    return study, responses, blocks(folder, columns_of_both_sides(protocol), protocol), None


def _in_degrees(
    visits: Iterable[pd.DataFrame], comparison: str | None, protocol: Protocol
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how left and right differ at each visit, and whether they came closer; empty without an asymmetry."""
    if protocol.asymmetry is None:
        return pd.DataFrame(), pd.DataFrame()
    pair = comparison or protocol.primary_comparison
    found = both_times(visits, pair, protocol)
    return asymmetry_of(found.visits, protocol), change_of_asymmetry_of(found, pair, protocol)
