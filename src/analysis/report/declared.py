"""What ``study.toml`` says of a study, as a run needs it to plan: read without loading what reads studies."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.report.ledger import keyed


def study_name(study: Path) -> str:
    """Return the name in study.toml, or the folder's when there is none to read."""
    name = (_declared(study) or {}).get("name")
    return name if isinstance(name, str) and name else study.name


def needs_ledger(study: Path) -> bool:
    """Return whether people stand behind a study whose rows are neither published nor made up; False for no study.

    So says a ``study.toml`` that does not say otherwise, whatever else is wrong in it, and one that cannot be read.
    """
    declared = _declared(study)
    marks = [] if declared is None else [declared.get("public", False), declared.get("synthetic", False)]
    if declared is None or not all(isinstance(mark, bool) for mark in marks):
        return _is_of_people(study)
    return not any(marks) or declared.get("policy", "") != ""


def as_published(study: Path) -> Callable[[str], str]:
    """Return what makes a fingerprint of a study fit to be published: keyed where people stand behind its rows.

    A plain hash of a few answers can be guessed back; see :func:`analysis.report.ledger.keyed`.
    """
    return keyed(study) if needs_ledger(study) else str


def _declared(study: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads((study / "study.toml").read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return None


def _is_of_people(study: Path) -> bool:
    """Ask what reads studies, as of processed folders and of marks that are written as text; it loads much."""
    from analysis.intake.processed import described, is_processed
    from analysis.intake.study_file import read_study_file
    from analysis.protocol.policies import OPEN, chosen_policy

    try:
        if is_processed(study):
            return described(study).policy != OPEN
        file = read_study_file(study)
        return chosen_policy(file.policy, file.public or file.synthetic) != OPEN
    except (ValueError, OSError):
        return is_processed(study) or (study / "study.toml").exists()
