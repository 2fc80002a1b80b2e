"""A synthetic cohort as a study folder, ready for every command."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd
from pyarrow import ArrowInvalid, BufferOutputStream, Table
from pyarrow.csv import WriteOptions, write_csv

from analysis.simulate.cohort import Cohort
from analysis.simulate.parameters import CohortParameters, Phenotype, parameter_meanings
from analysis.simulate.sheet import COLUMNS, TIMEPOINT_COLUMNS, WORDS
from analysis.simulate.truth import TRUTH_COLUMNS

# Numbers as a clinic types them: 25, 21.3 and, from a wrong unit, 0.37.
AS_TYPED = "%g"


def write_study(cohort: Cohort, folder: Path | str, name: str) -> Path:
    """Write `study.toml`, `hips.csv`, `truth.csv` and `README.md` into a new or empty folder.

    Parameters
    ----------
    cohort : Cohort
    folder : path
        Made when it does not exist.
    name : str
        Title of the study.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    FileExistsError
        If the folder has any content, or is a file; nothing is written then.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from analysis.simulate import simulate
    >>> folder = write_study(simulate(patients=2, seed=1), mkdtemp(), "Demo")
    >>> sorted(file.name for file in folder.iterdir())
    ['README.md', 'hips.csv', 'study.toml', 'truth.csv']
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder}: not an empty folder; name a new or empty one")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in {
        "hips.csv": _as_typed(cohort.hips),
        "truth.csv": cohort.truth.to_csv(index=False, float_format=AS_TYPED, lineterminator="\n"),
        "study.toml": _describe_study(cohort, name),
        "README.md": _describe_cohort(cohort, name),
    }.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return folder


def _as_typed(hips: pd.DataFrame) -> str:
    """Return what a clinic would send; pyarrow writes what pandas would, much faster, but no text with commas."""
    options = WriteOptions(include_header=False, quoting_style="none")
    rows = BufferOutputStream()
    try:
        write_csv(Table.from_pandas(hips, preserve_index=False), rows, options)
    except ArrowInvalid:
        return hips.to_csv(index=False, float_format=AS_TYPED, lineterminator="\n")
    return ",".join(hips.columns) + "\n" + rows.getvalue().to_pybytes().decode()


def _describe_study(cohort: Cohort, name: str) -> str:
    """Build the mapping from the file to our names, in the form that the intake reads."""
    # Nobody is drawn for a reading: the phenotype without limits is in the cohort too.
    head = [f"name = {_quote(name)}", "synthetic = true", 'admission = "none"']
    lines = [*head, "", "[[source]]", 'file = "hips.csv"']
    tables = {"columns": COLUMNS}
    written = {when: names for when, names in TIMEPOINT_COLUMNS.items() if set(names.values()) <= set(cohort.hips)}
    tables |= {f"timepoints.{timepoint}": columns for timepoint, columns in written.items()}
    for table, columns in tables.items():
        lines += ["", f"[source.{table}]"]
        lines += [f"{ours} = {_quote(column)}" for ours, column in columns.items()]
    for column, words in WORDS.items():
        lines += ["", f"[source.values.{column}]"]
        lines += [f"{ours} = [{_quote(word)}]" for ours, word in words.items()]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Quote a text for TOML, whose basic strings escape as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _describe_cohort(cohort: Cohort, name: str) -> str:
    patients = cohort.hips["Patient"].nunique()
    return (
        "\n".join(
            [
                f"# {name}",
                "",
                "**SYNTHETIC.** A computer drew every value in this folder. No person stands behind any row,",
                "and no finding from it says anything about patients.",
                "",
                f"- `hips.csv`: {patients} people, one row per hip, as a clinic might type it.",
                "- `truth.csv`: what is true of each hip of `hips.csv`, in the same order;",
                "  never read by the analysis.",
                "- `study.toml`: how the columns of `hips.csv` map to the names of the analysis.",
                "",
                f"Drawn with seed {cohort.seed}. The same seed and parameters give the same files.",
                "",
                "## How to read truth.csv",
                "",
                "True values are whole tenths of a degree, so that the class of a hip is exact.",
                "",
                "| column | meaning |",
                "|---|---|",
                *(f"| {column} | {meaning} |" for column, meaning in TRUTH_COLUMNS.items()),
                "",
                "## Parameters",
                "",
                "Angles and gains in degrees, shares from 0 to 1.",
                "",
                *_list_parameters(cohort.parameters),
            ]
        )
        + "\n"
    )


def _list_parameters(parameters: CohortParameters) -> list[str]:
    rows = ["| parameter | value | meaning |", "|---|---|---|"]
    for parameter, meaning in parameter_meanings().items():
        value = getattr(parameters, parameter)
        rows.append(f"| {parameter} | {'see below' if parameter == 'phenotypes' else value} | {meaning} |")
    names = [field.name for field in fields(Phenotype)]
    rows += ["", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    rows += [f"| {' | '.join(map(str, asdict(kind).values()))} |" for kind in parameters.phenotypes]
    return rows
