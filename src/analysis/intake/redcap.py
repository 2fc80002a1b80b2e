"""A live REDCap project becomes one file, which is then read like any other: an analysis never needs the network."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analysis.intake.delimited import read_delimited
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source
from analysis.machine.files import publish

if TYPE_CHECKING:
    from requests import Response

_SECONDS = (10, 300)  # to reach the server, and between two parts of its answer
_ON_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_ANSWERS = {
    301: "the address has moved; ask for the new one",
    400: "REDCap does not understand the request",
    401: "REDCap refuses the token",
    403: "REDCap refuses the token: it is wrong or withdrawn, or its owner may not export data",
    404: "there is no such page; REDCAP_URL is the address of the API, which ends in /api/",
}


class RedcapError(Exception):
    """The server gave no records. The message repeats neither the token nor any part of the answer."""


def fetch_redcap(out: Path, environment: Mapping[str, str] = os.environ) -> Sheet:
    """Write all records of a REDCap project, as they are now, into one new CSV file.

    Codes, names of fields and names of events are the raw ones; data access groups, by which projects of
    several clinics are divided, have a column. Names of people on surveys are not asked for.

    Parameters
    ----------
    out
        A ``.csv`` file that is not there yet, in a study folder, which is made when it does not exist. It appears
        whole or not at all, and only its owner may read it.
    environment
        ``REDCAP_URL``, the address of the API, and ``REDCAP_TOKEN``, which is found nowhere else and kept nowhere.

    Returns
    -------
    Sheet
        The file as the readers read it: one row per record, event and repeated instrument; empty is missing.

    Raises
    ------
    ValueError
        The environment does not say where from, ``out`` is no ``.csv``, or PyCap is not installed.
    FileExistsError
        There is such a file; nothing was asked of the server.
    RedcapError
        The server cannot be reached, refuses, or answers with anything but whole records.

    Examples
    --------
    >>> fetch_redcap(Path("records.csv"), {})
    Traceback (most recent call last):
    ValueError: REDCAP_URL is not set: the address of the project's REDCap, ending in /api/
    """
    if out.suffix.lower() != ".csv":
        raise ValueError(f"{out.name}: name a file that ends in .csv")
    url, token = _where_from(environment)
    _refuse_to_overwrite(out)
    content, first_field = _ask(url, token)
    sheet = _whole(content, first_field, out.name)
    _refuse_to_overwrite(out)  # it took a while
    publish(out.parent, {out: content}, private=True)
    return sheet


def _where_from(environment: Mapping[str, str]) -> tuple[str, str]:
    """Read address and token. PyCap would print a token that it does not like, so it never gets such a one."""
    url, token = (environment.get(name, "").strip() for name in ("REDCAP_URL", "REDCAP_TOKEN"))
    if not url:
        raise ValueError("REDCAP_URL is not set: the address of the project's REDCap, ending in /api/")
    if not token:
        raise ValueError("REDCAP_TOKEN is not set: the project's API token, from REDCap's page API")
    url = url.rstrip("/") + "/"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.path.endswith("/api/"):
        raise ValueError("REDCAP_URL is not the address of an API, such as https://redcap.example.org/api/")
    if parts.scheme == "http" and parts.hostname not in _ON_THIS_MACHINE:
        raise ValueError("REDCAP_URL begins with http://, which would send the token unprotected; use https://")
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", token):
        raise ValueError("REDCAP_TOKEN is not a project's token, which has 32 digits and letters from A to F")
    return url, token


def _refuse_to_overwrite(out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise FileExistsError(f"{out.name} is there already and was left as it is; name another --out")


def _ask(url: str, token: str) -> tuple[bytes, str]:
    """Ask for everything, as raw codes, and for the name of the first field."""
    try:
        import redcap
        from requests.exceptions import ChunkedEncodingError, ConnectionError, SSLError, Timeout
    except ImportError:
        raise ValueError("fetch-redcap needs PyCap: pip install 'capsule-outcomes[redcap]'") from None
    try:
        project = redcap.Project(url, token, timeout=_SECONDS, allow_redirects=False, hooks={"response": _look_at})
        # PyCap's own choice would be the labels of events, which people edit.
        text = project.export_records(format_type="csv", event_name="unique", export_data_access_groups=True)
        return str(text).encode(), str(project.def_field)
    except SSLError:
        raise RedcapError("the server cannot prove that it is the one of REDCAP_URL (its certificate)") from None
    except Timeout:
        raise RedcapError("the server takes too long to answer; try again later") from None
    except (ConnectionError, ChunkedEncodingError):
        raise RedcapError("the server cannot be reached, or broke off; check REDCAP_URL and the connection") from None
    except (redcap.RedcapError, LookupError, TypeError):  # an error in words, or an answer of another shape
        raise RedcapError("the answer is no project's data; check REDCAP_URL and the token's rights") from None


def _look_at(response: Response, *_: object, **__: object) -> None:
    """Refuse what is no answer: PyCap would hand on an error page as data, and guess Latin-1 where it is UTF-8."""
    content = response.content.removeprefix(b"\xef\xbb\xbf")  # all of it, so that the connection is closed
    code = response.status_code
    if code != 200:
        message = _ANSWERS.get(301 if 300 <= code < 400 else code, "REDCap has a fault; try again later")
        raise RedcapError(f"{message} (answer {code})")
    if content.lstrip()[:1] == b"<":
        raise RedcapError("the answer is a web page, not data; REDCAP_URL is the address of the API, ending in /api/")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise RedcapError("the answer is not UTF-8 text; nothing was written") from None
    response.encoding = "utf-8-sig"


def _whole(content: bytes, first_field: str, name: str) -> Sheet:
    """Refuse an answer that was cut, or has no records: a file of it would be trusted later."""
    problems = Problems()
    sheet = read_delimited(content, Source.model_validate({"file": name}), problems)
    faults = problems.table().to_dict("records")
    if sheet is None or faults:
        where = f" from line {faults[0]['row']} on" if faults else ""
        raise RedcapError(f"REDCap's answer is not whole{where}; nothing was written, try again")
    if sheet.cells.columns[0] != first_field:
        raise RedcapError("the answer is no table of records; nothing was written")
    if sheet.rows.empty:
        raise RedcapError("the project gives no records; may the token's owner export all of them?")
    return sheet
