"""What codes mean, as clinics write it: on a sheet of its own, in another file, or in the name of a column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.intake.code_book import CodeBook
from analysis.intake.sheet import Sheet
from analysis.intake.vocabulary import column_words, plain

_LONGEST = 1000  # rows; longer tables are data
_CODED = re.compile(r"(?:^|(?<=[\s,;|/(\[]))([^\s=,;|/()\[\]]{1,12})\s*=\s*")


@dataclass(frozen=True)
class CodeList:
    """What a table says of the codes of columns of other tables.

    Attributes
    ----------
    name
        The table.
    codes
        By column, in lower case: what each of its codes means.
    """

    name: str
    codes: Mapping[str, Mapping[str, str]]


def legend(text: str) -> dict[str, str]:
    """Return the codes that a text explains.

    Examples
    --------
    >>> legend("1 = left, 2 = right"), legend("Side (1=R 2=L)"), legend("0=neg; 1=pos")
    ({'1': 'left', '2': 'right'}, {'1': 'R', '2': 'L'}, {'0': 'neg', '1': 'pos'})
    >>> legend("RI = rotation interne"), legend("Side")
    ({'RI': 'rotation interne'}, {})
    """
    found = list(_CODED.finditer(text))
    ends = [*(each.start() for each in found), len(text)][1:]
    said = {each[1]: text[each.end() : end] for each, end in zip(found, ends, strict=True)}
    return {code: re.split(r"[)\]\n]", words)[0].strip(" ,;|/") for code, words in said.items()}


def code_list_of(sheet: Sheet, columns: Collection[str]) -> CodeList | None:
    """Return what a table says of codes; None where it is no such list.

    Parameters
    ----------
    sheet
        The table. Each of its rows names a column of the data, or goes on with the one above, and has a code and what
        it means in cells of their own, or all codes in one cell as in ``1 = left, 2 = right``.
    columns
        The names of columns in other tables.
    """
    if len(sheet.rows) > _LONGEST:
        return None
    known = {column.casefold() for column in columns}
    header = list(map(str, sheet.cells))
    places = _places(header)
    rows = sheet.cells.astype("str").values.tolist()
    rows = rows if places else [header, *rows]  # the first row of a list without names was taken for them
    codes: dict[str, dict[str, str]] = {}
    about, told = "", 0
    for first, *others in rows:
        about = first.casefold() if first else about
        said = dict(_said([first, *others], places)) if about in known else {}
        told += bool(said)
        codes.setdefault(about, {}).update(said)
    several = {column: said for column, said in codes.items() if len(said) > 1}
    return CodeList(sheet.label, several) if several and 2 * told > len(rows) else None


def _places(header: Sequence[str]) -> tuple[int, int] | None:
    """Return where codes stand and, to their right, what they mean, as the names of the columns say."""
    named = [" ".join(plain(name)) for name in header]
    code = next((n for n, name in enumerate(named) if n and name in column_words("code")), len(named))
    meaning = next((n for n, name in enumerate(named) if n > code and name in column_words("meaning")), None)
    return None if meaning is None else (code, meaning)


def _said(row: Sequence[str], places: tuple[int, int] | None) -> Iterator[tuple[str, str]]:
    """Give the codes of a row with what they mean."""
    beside = [cell for cell in row[1:] if cell]
    if told := {code: words for cell in beside for code, words in legend(cell).items()}:
        yield from told.items()
    elif places and row[places[0]] and row[places[1]]:
        yield row[places[0]], row[places[1]]
    elif not places and len(beside) == 2:
        yield beside[0], beside[1]


def with_codes(book: CodeBook, columns: Sequence[str], lists: Sequence[CodeList]) -> CodeBook:
    """Return a dictionary with what lists, and the names of the columns themselves, say of their codes."""
    codes: dict[str, Mapping[str, str]] = {c: said for c in columns if len(said := legend(c)) > 1}
    used = [each for each in lists if any(column.casefold() in each.codes for column in columns)]
    for each in used:
        codes |= {column: each.codes[column.casefold()] for column in columns if column.casefold() in each.codes}
    name = book.name or (used[0].name if used else "")
    return replace(book, name=name, codes={**codes, **book.codes})
