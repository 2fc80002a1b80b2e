"""What ``study.toml`` says of a study, as a run needs it to plan: read without loading what reads studies."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def study_name(study: Path) -> str:
    """Return the name in study.toml, or the folder's when there is none to read."""
    name = _declared(study).get("name")
    return name if isinstance(name, str) and name else study.name


def may_need_ledger(study: Path) -> bool:
    """Return False only where rows are said to be published or made up and no policy is named.

    There `analysis.report.scope.needs_ledger` says no, whatever else is in the file; elsewhere ask it.
    """
    declared = _declared(study)
    is_open = declared.get("public") is True or declared.get("synthetic") is True
    return not is_open or declared.get("policy", "") != ""


def needs_ledger(study: Path) -> bool:
    """Return whether people stand behind a study; see `analysis.report.scope.needs_ledger`."""
    if not may_need_ledger(study):
        return False
    from analysis.report import scope

    return scope.needs_ledger(study)


def as_published(study: Path) -> Callable[[str], str]:
    """Return what makes a fingerprint fit to be published; see `analysis.report.scope.as_published`."""
    if not may_need_ledger(study):
        return str
    from analysis.report import scope

    return scope.as_published(study)


def _declared(study: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((study / "study.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
