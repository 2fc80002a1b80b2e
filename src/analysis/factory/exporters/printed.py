"""Printed lines as they stand at the end, for terminals let a line be written over."""

import re

# Bars of tqdm and rich: how long a step took differs from run to run, and is no result.
_BAR = re.compile(r"\d+%\|.*\||\d+\w* ?\[\d\d:\d\d|[━╸╺]{5}")
_ERASED = re.compile(r"\x1b\[[0-2]?K")


def last_state(text: str) -> str:
    r"""Give the last state of every line, and no progress bar.

    Parameters
    ----------
    text : str
        What was printed, with carriage returns.

    Returns
    -------
    str
        Lines without carriage returns; terminal colours are left as they are.

    Examples
    --------
    >>> last_state("\rstep 1\rstep 2\ndone")
    'step 2\ndone'
    """
    return "\n".join(line for line in map(_overwritten, text.split("\n")) if not _BAR.search(line))


def is_progress(text: str) -> bool:
    """Whether a text is a progress bar, of a library or of a widget.

    Examples
    --------
    >>> is_progress("hips:   0%|          | 0/3 [00:00<?, ?it/s]"), is_progress("IntSlider(value=1)")
    (True, False)
    """
    return bool(_BAR.search(text) or re.match(r"(Int|Float)Progress\(", text))


def _overwritten(line: str) -> str:
    if "\r" not in line:
        return line
    shown = ""
    for piece in line.split("\r"):
        *erased, piece = _ERASED.split(piece)
        shown = piece if erased else piece + shown[len(piece) :]
    return shown
