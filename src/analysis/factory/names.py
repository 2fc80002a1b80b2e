"""File names for values that people typed: safe on every system, never the same for two values."""

import hashlib
import re
import unicodedata

LONGEST = 40
DIGEST = 8

_PLAIN = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST - 1}}}")
_ENDS_LIKE_A_DIGEST = re.compile(rf"(.*-)?[0-9a-f]{{{DIGEST}}}")
# Windows reads these as devices, whatever follows the first dot.
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}


def file_name(value: str) -> str:
    """Turn a value into one file or folder name, the same on every run and every machine.

    A value of lower-case letters, digits, ``-`` and ``_`` is its own name. Anything else is reduced to those
    and gets a short hash of the value, so that values that differ only in case or in a stripped character
    keep different names where the file system ignores case.

    Parameters
    ----------
    value : str
        A group's value, a folder's name, a notebook's name. The empty text is a value too.

    Returns
    -------
    str
        At most 49 characters: ``LONGEST``, a hyphen and the hash.

    Examples
    --------
    >>> file_name("clinic_01")
    'clinic_01'
    >>> file_name("../../x")
    'x-9cdf6a50'
    >>> file_name("x") == file_name("X")
    False
    """
    is_own_name = _PLAIN.fullmatch(value) and value not in _DEVICES and not _ENDS_LIKE_A_DIGEST.fullmatch(value)
    if is_own_name:
        return value
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9_]+", "-", ascii_text)[:LONGEST].strip("-_")
    # surrogatepass: a lone surrogate read from a broken file still gets its name.
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]
    return f"{words}-{digest}" if words else digest
