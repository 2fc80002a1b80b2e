"""No page of a report that withholds may show who the patients are, whatever its notebook did."""

import base64
import html
import re
from collections.abc import Iterable
from pathlib import Path

from analysis.report.scope import prepare
from analysis.study import Study

_WORD = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
_DRAWING = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_FEWEST_DIGITS = 6  # a shorter number may as well be a result


def identifiers(study: Path, internal: bool) -> frozenset[str]:
    """Return the patients' identifiers that no page of a report may show; none where nothing is withheld.

    A number of fewer than 6 digits, and what has fewer than 3 characters, cannot be told from a result.
    """
    try:
        loaded, _ = prepare(study)
    except (ValueError, OSError):
        return frozenset()  # a study that cannot be read: its notebooks say why
    return frozenset() if internal or not loaded.policy.withholds else identifiers_of(loaded)


def identifiers_of(loaded: Study) -> frozenset[str]:
    """Return the identifiers of a study's patients that can be told from a result."""
    people = set(loaded.assessments["patient_id"].dropna().astype("str")) - set(
        loaded.assessments["clinic_id"].dropna().astype("str")
    )
    return frozenset(name for name in people if len(name) >= (_FEWEST_DIGITS if name.isdigit() else 3))


def shows_any(page: str, names: Iterable[str]) -> bool:
    """Return whether any of the names stands in a page or in a drawing on it, as a word of its own.

    Examples
    --------
    >>> shows_any("<td>P0012</td>", ["P001"]), shows_any("<td>P0012</td>", ["P0012"])
    (False, True)
    """
    names = set(names)
    drawings = (base64.b64decode(drawing).decode("utf-8", "replace") for drawing in _DRAWING.findall(page))
    page = html.unescape("\n".join([page, *drawings]))
    whole = {name for name in names if _WORD.fullmatch(name)}
    words = set(_WORD.findall(page))
    return bool(whole & words) or any(name in page for name in names - whole)
