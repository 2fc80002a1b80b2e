"""A study folder for files that somebody sent."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from analysis.intake.draft import draft_study, read_sent
from analysis.intake.questions import Ask, nobody
from analysis.protocol import builtin, load_protocol
from analysis.usererror import StudyError


def start_study(files: Sequence[Path], folder: Path, protocol: Path | None = None, ask: Ask = nobody) -> Path:
    """Write a first ``study.toml`` for files, and copy each beside it that lies elsewhere.

    Parameters
    ----------
    files
        What a clinic sent; each becomes a ``[[source]]``, a workbook one for each of its sheets that tells of patients.
        They are never written to.
    folder
        The study folder; made when it does not exist.
    protocol
        A protocol file for the study, copied like the files; the built-in one if left out.
    ask
        Who is asked what only a person knows; nothing is written before the last answer.

    Returns
    -------
    pathlib.Path
        The ``study.toml``.

    Raises
    ------
    StudyError, ProtocolError
        A file or the protocol cannot be read, or two files have one name.
    FileExistsError
        The folder has a ``study.toml``, or another file of the same name; nothing is written then.
    """
    sent = [*files, *([protocol] if protocol else [])]
    beside = [path for path in sent if path.resolve().parent != folder.resolve()]
    for name in [path.name for number, path in enumerate(sent) if path.name in {p.name for p in sent[:number]}]:
        raise StudyError(f"{name}: two of the files have this name; rename one of them")
    for path in [folder / "study.toml", *(folder / other.name for other in beside)]:
        if path.exists():
            raise FileExistsError(f"{path.name} is in {folder.name}/ already; nothing was written. Name another --out")
    rules, own = load_protocol(protocol) if protocol else builtin(), protocol.name if protocol else None
    text = draft_study(read_sent(files), rules, own, ask)
    folder.mkdir(parents=True, exist_ok=True)
    for path in beside:
        shutil.copyfile(path, folder / path.name)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"
