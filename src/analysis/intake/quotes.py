"""Quotation marks in text divided by a mark: whether each pair encloses one whole field, as programs write them."""

from __future__ import annotations

import numpy as np

_BLOCK = 1 << 24
_QUOTE, _LINE = ord('"'), ord("\n")


def enclose_fields(text: bytes, at: int, delimiter: str) -> bool:
    r"""Whether every quotation mark from a place on is the first or last letter of a field, and none is within one.

    Such text has no line end within a field, so that its lines are its rows, and any reader of CSV takes it alike.

    Parameters
    ----------
    text, at
        Lines in UTF-8, each ending with LF, and where the first of them begins.
    delimiter
        What divides the fields.

    Examples
    --------
    >>> enclose_fields(b'"a, b",""\n1,"c"', 0, ","), enclose_fields(b'1,"c\n"', 0, ",")
    (True, False)
    >>> [enclose_fields(text, 0, ",") for text in (b'a"b"', b'"a"b', b'"say ""no"" "', b'"a', b' "a"')]
    [False, False, False, False, False]
    """
    beside = np.array([ord(delimiter), _LINE])
    letters = np.frombuffer(text, dtype="uint8")
    while at < len(text):
        last = text.rfind(b"\n", at, at + _BLOCK)
        end = 1 + last if last >= 0 else text.find(b"\n", at + _BLOCK) + 1 or len(text)
        block = letters[at:end]
        quotes = np.flatnonzero(block == _QUOTE)
        if len(quotes) % 2:
            return False
        first, last_ones = quotes[::2], quotes[1::2]
        # Before the first letter of all and after the last one is, as it were, an end of line.
        before = block[first[1:] - 1] if len(first) and first[0] == 0 else block[first - 1]
        after = block[last_ones[:-1] + 1] if len(quotes) and quotes[-1] == len(block) - 1 else block[last_ones + 1]
        if not (np.isin(before, beside).all() and np.isin(after, beside).all()):
            return False
        if (np.searchsorted(quotes, np.flatnonzero(block == _LINE)) % 2).any():
            return False
        at = end
    return True
