"""The state of a growing study that a report which withholds is made from.

Few people come between two releases, and a rate shown anew would tell of them, so it waits. Until enough have come, a
report is made from the visits that were there when it last showed its rate, and says of which day they are: all that
it shows was shown then.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.disclosure.parts import ALL_OF_IT, PartOfStudy
from analysis.disclosure.plan import Release
from analysis.disclosure.printed import WHOLE, printed_counts
from analysis.pipeline import Tables, analyse
from analysis.report.held import earlier_releases
from analysis.report.scope import prepare, publishing, release_of, series_of
from analysis.report.visits import with_visits
from analysis.study import Study


class State(NamedTuple):
    """What a report that withholds is made from.

    Attributes
    ----------
    study, tables
        As they are now, or without what came since ``on``.
    release
        What is withheld.
    on
        The day, as in 2026-11-29; empty for now.
    """

    study: Study
    tables: Tables
    release: Release
    on: str = ""


_as_it_was: dict[tuple[Path, str, bytes], tuple[Study, Tables]] = {}
_counted: dict[tuple[Path, str, bytes, str, str], pd.DataFrame] = {}


def get_ready(folder: Path) -> None:
    """Work out in this process what the reports of a study withhold, for notebooks that will run in forks of it."""
    try:
        study, tables = prepare(folder)
        if publishing() and study.policy.withholds:
            state_to_show(folder, study, tables, study.protocol.primary_comparison)
    except (ValueError, OSError):  # the notebook that loads it says what is wrong
        pass


def state_to_show(
    folder: Path,
    study: Study,
    tables: Tables,
    comparison: str,
    clinic: str = "",
    part: PartOfStudy = ALL_OF_IT,
) -> State:
    """Return what a report is made from: the study as it is, or as it was when the rate that now waits was shown.

    Parameters
    ----------
    folder
        Of the study; its ledger lies beside it.
    study, tables
        As they are now.
    comparison
        The pair of timepoints.
    clinic
        Whose report it is; empty for the whole study.
    part
        A group or a period; everything if left out.

    Notes
    -----
    The latest state is taken in which both the rate of the clinic and that of all, beside which it stands, are shown;
    else the latest that shows the clinic's; where none does, that which shows most of its rows, if more than now does.
    With readings changed since, it would not be what was shown: such a state is passed over.
    """
    now = release_of(folder, study, tables, comparison, part)
    if now.first or _shows(now, clinic, WHOLE):
        return State(study, tables, now.of(clinic))
    earlier = [one for one in earlier_releases(folder, series_of(comparison, part.name)) if one.visits]
    both = [one for one in earlier if one.led(clinic, WHOLE)]
    if _shows(now, clinic):
        candidates = both
    else:
        more = [one for one in earlier if one.knows(clinic) and _hidden(one.release, clinic) < _hidden(now, clinic)]
        more.sort(key=lambda one: _hidden(one.release, clinic))
        candidates = [*both, *(one for one in earlier if one.led(clinic)), *more]
    for one in candidates:
        was, made = _as_of(folder, study, one.visits)
        content = folder.resolve(), study.fingerprint, one.visits, comparison, part.name
        if content not in _counted:
            _counted[content] = printed_counts(part.of(made), was.protocol, comparison)
        if one.has(_counted[content]):
            return State(was, made, one.release.of(clinic), one.on)
    return State(study, tables, now.of(clinic))


def _shows(release: Release, *clinics: str) -> bool:
    return all(release.of(clinic).shows_lead for clinic in clinics)


def _hidden(release: Release, clinic: str) -> int:
    return sum(place == clinic for place, _ in release.rows)


def _as_of(folder: Path, study: Study, visits: bytes) -> tuple[Study, Tables]:
    content = folder.resolve(), study.fingerprint, visits
    if content not in _as_it_was:
        was = with_visits(study, visits)
        _as_it_was[content] = was, analyse(was)
    return _as_it_was[content]
