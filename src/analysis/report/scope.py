"""What one report sees of a study, and fingerprints of exactly that.

A report of one group is made from the rows of its hips, and from two things of the whole study: what chance
does, because the first readings of all say what is usual, and the warnings about the data. Chance is shown in
whole per cent, so a change elsewhere alters a report only when it moves a percentage that the report shows.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.answers.counting import whole_percent
from analysis.answers.quality import DECLARED, problems_found
from analysis.disclosure.counted import Shown
from analysis.disclosure.parts import ALL_OF_IT, PartOfStudy
from analysis.disclosure.plan import Release
from analysis.disclosure.printed import printed_counts
from analysis.intake import load
from analysis.intake.load import fingerprint_of_files
from analysis.intake.processed import MANIFEST, is_processed
from analysis.machine.files import sha256_of
from analysis.pipeline import Tables, analyse, in_group, in_period, quarters
from analysis.report.declared import as_published
from analysis.report.held import held_release, shown_again
from analysis.report.visits import marks_of
from analysis.schema import HIP
from analysis.study import Study
from analysis.usererror import UserError

# Where a row stands in its file is no property of the hip: a line added above it changes nothing.
_CHANCES = ["chance", "chance_least", "chance_most"]
_NOT_CONTENT = {"source_file", "source_row", "chance_unknown", "chance_errors", *_CHANCES}

_preloaded: dict[Path, tuple[Study, Tables]] = {}
_released: dict[tuple[Path, str, str, str, str, int, int], tuple[pd.DataFrame, Release]] = {}
_FOR_OTHERS = "CAPSULE_FOR_OTHERS"
_NOT_KNOWN = "unknown"


def prepare(folder: str | Path) -> tuple[Study, Tables]:
    """Load a study and make its tables, unless this very content was preloaded."""
    known = _preloaded.get(Path(folder).resolve())
    if known and known[0].fingerprint == fingerprint_of_files(folder):
        return known
    study = load(folder)
    return study, analyse(study)


def preload(folder: str | Path) -> None:
    """Keep a study and its tables in this process, for the notebooks that will run in forks of it.

    A study with errors is not kept; the notebook that loads it says what is wrong.
    """
    try:
        study = load(folder)
        _preloaded[Path(folder).resolve()] = study, analyse(study)
    except (ValueError, OSError):
        _preloaded.pop(Path(folder).resolve(), None)


def person_codes(folder: Path, people: Iterable[str]) -> dict[str, str]:
    """Return identifiers by codes for file names, metadata and logs: always the same, and nobody's own words."""
    sealed = as_published(folder)
    return {sealed(hashlib.sha256(name.encode()).hexdigest())[:12]: name for name in sorted(people)}


def person_of(folder: Path, study: Study, tables: Tables, person: str, internal: bool) -> str:
    """Return the identifier of a person named by it or by a code; see :func:`person_codes`.

    Raises
    ------
    UserError
        Numbers are withheld, or there is no such person; the message repeats nothing.
    """
    if study.policy.withholds and not internal:
        raise UserError(
            "person: a page of one person is for those who treat that person; this study withholds numbers that few "
            "stand behind, so make it with --internal"
        )
    people = set(tables.changes["patient_id"].astype("str"))
    found = person if person in people else person_codes(folder, people).get(person)
    if found is None:
        raise UserError("person: no such patient in this study; identifiers are text, 001 is not 1")
    return found


def publish(program: str = "") -> None:
    """Count as shown, from now on, what reports of this process do not withhold: they are made for others to read.

    Who opens a report in JupyterLab, or asks a command with --safe, looks at the study and shows nothing yet.
    ``program`` is a fingerprint of the code and libraries that count: what they counted before they do not count again.
    """
    if not publishing():
        os.environ[_FOR_OTHERS] = program or _NOT_KNOWN  # which the kernels that this process starts have too
        _released.clear()


def publishing() -> bool:
    """Return whether this process makes reports for others to read."""
    return _FOR_OTHERS in os.environ


def release_of(
    folder: str | Path, study: Study, tables: Tables, comparison: str, part: PartOfStudy = ALL_OF_IT
) -> Release:
    """Return what the reports of a study, or of a part of it, withhold together; worked out once.

    It is worked out from all clinics, whichever reports are asked for, and held against what was shown before: a report
    made alone withholds the same. That of a group is worked out with the other groups, and held against the whole
    study. Where this process makes reports for others, it counts as shown from then on.

    Parameters
    ----------
    folder
        Of the study; its ledger lies beside it.
    study, tables
        The whole study, and its tables.
    comparison
        The pair of timepoints.
    part
        A group or a period; all if left out.
    """
    return _shown_of(folder, study, tables, comparison, part)[1]


def _shown_of(
    folder: str | Path, study: Study, tables: Tables, comparison: str, part: PartOfStudy
) -> tuple[pd.DataFrame, Release]:
    hips = tables.responses
    content = Path(folder).resolve(), *_data_of(Path(folder), study), comparison, part.name, len(hips), _digest_of(hips)
    if content not in _released:
        made_from = _made_from(content[1:])
        again = None if part.name else shown_again(Path(folder), comparison, made_from, study.policy)
        _released[content] = again or _shown_anew(folder, study, tables, comparison, part, made_from)
    return _released[content]


def _shown_anew(
    folder: str | Path, study: Study, tables: Tables, comparison: str, part: PartOfStudy, made_from: str
) -> tuple[pd.DataFrame, Release]:
    series = {series_of(comparison, one.name): one for one in part.with_others(tables)}
    counts = {name: printed_counts(one.of(tables), study.protocol, comparison) for name, one in series.items()}
    whole = None
    if part.name:
        of_all, release = _shown_of(folder, study, tables, comparison, ALL_OF_IT)
        whole = Shown(of_all, release.rows, release.cells)
    own = series_of(comparison, part.name)
    return counts[own], held_release(
        Path(folder),
        own,
        counts.pop(own),
        study.protocol,
        comparison,
        study.policy,
        data=study.fingerprint,
        made_from=made_from,
        visits=partial(marks_of, study),
        note=publishing(),
        whole=whole,
        others=counts,
    )


def _data_of(folder: Path, study: Study) -> tuple[str, str]:
    """Return fingerprints of what a study is read from, and of its rules.

    A processed folder keeps the tables and the rules of the program that wrote it, under the fingerprint of the files.
    """
    written = sha256_of(folder / MANIFEST) if is_processed(folder) else ""
    return study.fingerprint + written, study.protocol.model_dump_json(by_alias=True)


def _made_from(content: Sequence[object]) -> str:
    """Return a fingerprint of everything that decides what is counted; empty where the program is not known."""
    program = os.environ.get(_FOR_OTHERS, _NOT_KNOWN)
    return "" if program == _NOT_KNOWN else hashlib.sha256(repr((*content, program)).encode()).hexdigest()


def series_of(comparison: str, part: str = "") -> str:
    """Return what the releases of a pair of timepoints, and of a period or a group, are called in the ledger."""
    return "; ".join(filter(None, [comparison, part]))


def _digest_of(table: pd.DataFrame) -> int:
    return int(np.bitwise_xor.reduce(_row_hashes(table)))


def narrow(study: Study, tables: Tables, column: str, value: str, period: str = "") -> tuple[Study, Tables]:
    """Return a study and its tables for the hips of one group and period; all where these are empty.

    Warnings stay those of the whole study. The fingerprint of a group is that of its rows.
    """
    narrowed = in_period(in_group(tables, column, value), period)
    if not value:
        return study, narrowed
    rows = _digest({name: _row_hashes(table) for name, table in vars(narrowed).items()})
    own = replace(study, assessments=narrowed.assessments, interventions=narrowed.interventions, fingerprint=rows)
    return own, narrowed


def check_scope(study: Study, tables: Tables, period: str = "", comparison: str = "") -> None:
    """Refuse a scope in which there is nothing to report.

    A report of nothing says that nothing was measured, and nobody would think of a slip in an order.

    Parameters
    ----------
    study, tables
        As :func:`prepare` returns them.
    period, comparison
        As :func:`analysis.report.open_report` takes them; empty for all, and for the primary one.

    Raises
    ------
    UserError
        There is no such comparison, the period is not written as one, or no hip was seen in it; with what there is.
    """
    known = study.protocol.comparisons
    if comparison and comparison not in known:
        raise UserError(f"comparison is {comparison!r}; it can be {', '.join(known)}")
    if period and in_period(tables, period).changes.empty:
        seen = quarters(tables)
        there = f"the study has visits from {seen[0]} to {seen[1]}" if seen else "no visit of the study has a date"
        hip = study.protocol.words.hip
        raise UserError(f"period is {period!r}, and no {hip} has its earlier visit in it; {there}")


def fingerprints(
    study: Study, tables: Tables, column: str, period: str = "", comparison: str = ""
) -> dict[str, dict[str, str]]:
    """Say for every group what its report is made from.

    Parameters
    ----------
    study, tables
        As :func:`prepare` returns them.
    column
        What divides the hips, such as ``clinic_id``.
    period, comparison
        As the reports get them; see :func:`analysis.report.open_report`.

    Returns
    -------
    dict of str to dict of str to str
        For every value of the column, in order, one SHA-256 for each part of the input.
    """
    tables = in_period(tables, period)
    pairs = tables.changes[list(dict.fromkeys([*HIP, column]))].dropna().drop_duplicates().astype({column: "str"})
    if pairs.empty:
        return {}
    groups = sorted(pairs[column].unique())
    hashes = {name: _split(table, pairs, column) for name, table in vars(tables).items()}
    nothing = np.array([], dtype="uint64")
    chance = _chance_as_shown(
        tables.responses, pairs, column, study.protocol.group_by, comparison or study.protocol.primary_comparison
    )
    noted = study.problems.loc[study.problems["rule"].isin(DECLARED)]
    told = "".join(table.to_json(orient="values") for table in (problems_found(study), noted))
    warnings = hashlib.sha256(told.encode()).hexdigest()
    return {
        group: {
            f"rows of the {column}": _digest({name: parts.get(group, nothing) for name, parts in hashes.items()}),
            "chance in the whole study": chance[group],
            "warnings about the data": warnings,
        }
        for group in groups
    }


def _row_hashes(table: pd.DataFrame) -> np.ndarray:
    content = table[[name for name in table if name not in _NOT_CONTENT]]
    return pd.util.hash_pandas_object(content, index=False).to_numpy()


def _split(table: pd.DataFrame, pairs: pd.DataFrame, column: str) -> dict[str, np.ndarray]:
    """Return the hashes of a table's rows, in its order, for each group."""
    keys = table[HIP].assign(hash=_row_hashes(table)).merge(pairs, on=HIP, how="inner")
    return {str(group): rows.to_numpy() for group, rows in keys.groupby(column, observed=True)["hash"]}


def _digest(hashes: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(hashes):
        digest.update(f"{name} {len(hashes[name])}\n".encode() + hashes[name].tobytes())
    return digest.hexdigest()


def _chance_as_shown(
    responses: pd.DataFrame, pairs: pd.DataFrame, column: str, kind: str, comparison: str
) -> dict[str, str]:
    """Hash every group's chance rates as reports show them: by type or arm, by side, by both, and in all."""
    rows = responses[(responses["outcome"] != "not_evaluable") & (responses["comparison"] == comparison)]
    # The column itself may be the arms or types; it comes with the pairs.
    kinds = [] if kind == column else [kind]
    rows = rows[[*HIP, "response", *kinds, *_CHANCES, "chance_unknown", "chance_errors"]].merge(
        pairs, on=HIP, how="inner"
    )
    # Words about chance are those of the whole study.
    said = rows[["response", "chance_unknown", "chance_errors"]].drop_duplicates().to_csv(index=False)
    shown: dict[str, list[str]] = {str(group): [said] for group in pairs[column].unique()}
    for by_kind, by_side in product([[], kinds], [[], ["side"]]):
        keys = [column, "response", *by_kind, *by_side]
        rates = rows.groupby(keys, observed=True, dropna=False)[_CHANCES].mean(skipna=False)
        text = (
            rates.apply(lambda chance: whole_percent(chance).map(str)).agg(" ".join, axis=1)
            + " "
            + rates.index.map(str)
        )
        for group, lines in text.groupby(level=0, observed=True):
            shown[str(group)] += lines.tolist()
    return {group: hashlib.sha256("\n".join(lines).encode()).hexdigest() for group, lines in shown.items()}
