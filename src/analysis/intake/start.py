"""A study folder for a file that somebody sent."""

from __future__ import annotations

import shutil
from pathlib import Path

from analysis.intake.draft import draft_study
from analysis.protocol import builtin, load_protocol


def start_study(file: Path, folder: Path, protocol: Path | None = None) -> Path:
    """Write a first ``study.toml`` for a file, and copy the file beside it where it lies elsewhere.

    Parameters
    ----------
    file
        What a clinic sent. It is never written to.
    folder
        The study folder; made when it does not exist.
    protocol
        A protocol file for the study, copied like the file; the built-in one if left out.

    Returns
    -------
    pathlib.Path
        The ``study.toml``.

    Raises
    ------
    StudyError, ProtocolError
        The file or the protocol cannot be read.
    FileExistsError
        The folder has a ``study.toml``, or another file of the same name; nothing is written then.
    """
    beside = [path for path in (file, protocol) if path is not None and path.resolve().parent != folder.resolve()]
    for path in [folder / "study.toml", *(folder / other.name for other in beside)]:
        if path.exists():
            raise FileExistsError(f"{path.name} is in {folder.name}/ already; nothing was written. Name another --out")
    text = draft_study(file, load_protocol(protocol) if protocol else builtin(), protocol.name if protocol else None)
    folder.mkdir(parents=True, exist_ok=True)
    for path in beside:
        shutil.copyfile(path, folder / path.name)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"
