"""A study folder becomes a :class:`~analysis.study.Study`."""

from __future__ import annotations

from pathlib import Path

from analysis.intake.memory import everyone_that_fits
from analysis.intake.problems import place_of
from analysis.intake.processed import described, is_processed, read_processed
from analysis.intake.reading import Reading, fingerprint
from analysis.intake.study_file import read_study_file
from analysis.study import Study
from analysis.usererror import StudyError


def read_study(folder: str | Path) -> Study:
    """Read a study with everything that is wrong with it.

    Cells with errors are missing in the tables. Use :func:`load` for analysis.

    Raises
    ------
    StudyError, ProtocolError
        ``study.toml`` or the protocol cannot be used at all.
    """
    folder = Path(folder)
    if is_processed(folder):
        return read_processed(folder)
    reading = Reading.of(folder, everyone_that_fits(folder))
    (tables,) = reading
    return reading.study(*tables)


def fingerprint_of_files(folder: str | Path) -> str:
    """Return the fingerprint that loading a study folder would give, without reading its tables."""
    folder = Path(folder)
    return described(folder).fingerprint if is_processed(folder) else fingerprint(folder, read_study_file(folder))


def load(folder: str | Path) -> Study:
    """Load a study for analysis.

    Parameters
    ----------
    folder
        A folder with a ``study.toml``, or one that ``capsule process`` wrote.

    Returns
    -------
    Study
        Validated tables; ``problems`` lists the warnings and notes.

    Raises
    ------
    StudyError
        The study has errors. The message counts them and names the first ones without showing any
        value; ``capsule check`` lists all.
    """
    return without_errors(read_study(folder))


def without_errors(study: Study) -> Study:
    """Return a study that has none; see :func:`load`."""
    if len(study.errors):
        first = study.errors.head(5)
        lines = [f"{study.folder}: errors in the data ({len(study.errors)}); `capsule check` lists all. The first:"]
        lines += [f"  {place_of(item)}: {item['message']}" for item in first.to_dict("records")]
        raise StudyError("\n".join(lines))
    return study
