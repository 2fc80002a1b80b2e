"""The tag of a journal: who has the key knows by it that nobody without the key wrote the journal.

Every line of the journal seals the one before, and lines about reports hold the hashes of their files. So a tag of the
last line stands for the whole folder. An older folder put back whole, with its own tag, still fits.
"""

import hmac
import json
from pathlib import Path

from analysis.factory.publishing import journal
from analysis.machine.files import publish
from analysis.usererror import UserError

TAG = "journal.tag"
_FEWEST = 16  # bytes; a shorter key could be guessed
_NAME = b"the key of a capsule journal"


def read_key(path: Path, out: Path) -> bytes:
    """Read the key that tags the journal of an output folder.

    Raises
    ------
    UserError
        The key is too short, or lies in the output folder itself, where whoever alters a report finds it.
    """
    if path.resolve().is_relative_to(out.resolve()):
        raise UserError(f"--key {path.name}: keep the key outside the folder of the reports; here it protects nothing")
    key = path.read_bytes()
    if len(key) < _FEWEST:
        raise UserError(
            f"--key {path.name}: a key needs {_FEWEST} bytes or more; make one: head -c 32 /dev/urandom > {path.name}"
        )
    return key


def write_tag(out: Path, key: bytes) -> None:
    """Tag the journal as it stands."""
    text = json.dumps({"key": _digest(key, _NAME), "tag": _digest(key, journal.last_line(out))})
    publish(out, {out / TAG: text.encode()})


def why_not_ours(out: Path, key: bytes) -> str:
    """Say why the journal may be another's work; empty when its tag fits.

    Raises
    ------
    UserError
        The tag was made with another key.
    """
    if not (out / TAG).is_file():
        return "there is no tag: the reports were made without --key, or somebody removed it"
    try:
        tag = json.loads((out / TAG).read_bytes())
        name, digest = str(tag["key"]), str(tag["tag"])
    except (ValueError, TypeError, KeyError):
        return "the tag is not as it was written"
    if not hmac.compare_digest(name.encode(), _digest(key, _NAME).encode()):
        raise UserError(f"{TAG} was made with another key than the one given; give the key of these reports")
    if not hmac.compare_digest(digest.encode(), _digest(key, journal.last_line(out)).encode()):
        return "the tag does not fit the journal: it was altered, or its last run had no --key or was killed"
    return ""


def refuse_others(out: Path, key: bytes) -> None:
    """Refuse to go on with, and so to tag, a journal that may be another's work."""
    if journal.last_line(out) and (why := why_not_ours(out, key)):
        raise UserError(
            f"{out.name}: {why}; choose another --out, or look at the reports, remove {journal.JOURNAL} and use --force"
        )


def _digest(key: bytes, content: bytes) -> str:
    return hmac.digest(key, content, "sha256").hex()
