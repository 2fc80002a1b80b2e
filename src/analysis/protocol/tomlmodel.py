"""Read a TOML file into a validated model, with every fault named by file and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

Model = TypeVar("Model", bound=BaseModel)

# The tags that tell two forms of one part apart are pydantic's own business, not the reader's. They have
# blanks in them, so that no key of a file is taken for one.
_TAGS = {"with parts", "without parts", "of several columns", "from a level", "of a gain", "in a word", "as a rule"}


class Part(BaseModel):
    """Something such a file holds: no key that is not known may stand in it, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def packaged(package: str, name: str) -> dict[str, Any]:
    """Return what a TOML file holds that comes with the program."""
    return tomllib.loads((files(package) / name).read_text(encoding="utf-8"))


def quoted(text: object) -> str:
    r"""Return text as it may be pasted into a TOML file: in quotation marks, on one line, to the letter.

    Examples
    --------
    >>> print(quoted('IR "pre"'), quoted("IR\npre"), quoted("IR\u00a0pre"))
    "IR \"pre\"" "IR\npre" "IR\u00a0pre"
    """
    marks = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}

    def written(mark: str) -> str:
        code = f"\\u{ord(mark):04x}" if ord(mark) < 0x10000 else f"\\U{ord(mark):08x}"
        return marks.get(mark) or (mark if mark.isprintable() else code)

    return f'"{"".join(map(written, str(text)))}"'


def key_of(name: str) -> str:
    """Return a name as a key of TOML, in quotation marks where it needs them.

    Examples
    --------
    >>> print(key_of("left"), key_of("a little worse"))
    left "a little worse"
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def read_toml(path: Path, model: type[Model], error: type[ValueError]) -> Model:
    """Read ``path`` and validate it.

    Parameters
    ----------
    path
        The TOML file.
    model
        What it must hold.
    error
        The class of error to raise.

    Raises
    ------
    ValueError
        Of class ``error``: the file cannot be read or is not TOML, or one line a fault, each
        beginning with the file's name and the key, as in ``capsule.toml: criteria.restricted.op: …``.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise error(f"{path.name}: no such file in {path.parent.name or '.'}/") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise error(f"{path.name}: cannot be read as UTF-8 text ({type(fault).__name__})") from None
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{path.name}: not valid TOML: {fault}") from None
    except RecursionError:
        raise error(f"{path.name}: not valid TOML: brackets within brackets without end") from None
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        raise error("\n".join(_lines(path.name, fault))) from None


def _lines(name: str, fault: ValidationError) -> list[str]:
    lines, found = [], fault.errors(include_url=False)
    for item in found:
        own = item["loc"]
        if item["type"] == "too_short" and any(other["loc"][: len(own)] == own != other["loc"] for other in found):
            continue  # a list is too short only for want of the item whose own fault is named
        key = ".".join(str(part) for part in item["loc"] if part not in _TAGS)
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "not a known key; check its spelling or remove it"
        elif item["type"] == "missing":
            message = "this key is needed"
        lines.append(f"{name}: {key}: {message}" if key else f"{name}: {message}")
    return list(dict.fromkeys(lines))
