"""What codes mean, as clinics write it: on a sheet of its own, in another file, or in the name of a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
        By column, in lower case: its codes and what each means, in the order of the list, in which one may stand twice.
    """

    name: str
    codes: Mapping[str, Sequence[tuple[str, str]]]


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


def code_list_of(sheet: Sheet, others: Sequence[Sheet]) -> CodeList | None:
    """Return what a table says of codes; None where it is no such list.

    Parameters
    ----------
    sheet
        The table. Each of its rows names a column of the data, or goes on with the one above, and has a code and what
        it means in cells of their own, or all codes in one cell as in ``1 = left, 2 = right``.
    others
        The other tables. A code of the list stands in that column of one of them: rows of patients and readings that
        name a measure are no such list.
    """
    if len(sheet.rows) > _LONGEST:
        return None
    known = {str(column).casefold() for other in others for column in other.cells}
    header = list(map(str, sheet.cells))
    places = _places(header)
    rows = sheet.cells.astype("str").values.tolist()
    rows = rows if places else [header, *rows]  # the first row of a list without names was taken for them
    codes: dict[str, list[tuple[str, str]]] = {}
    about, told = "", 0
    for first, *beside in rows:
        about = first.casefold() if first else about
        said = list(_said([first, *beside], places)) if about in known else []
        told += bool(said)
        codes.setdefault(about, []).extend(said)
    several = {
        column: said for column, said in codes.items() if len(dict(said)) > 1 and _stand_in(others, column, said)
    }
    return CodeList(sheet.label, several) if several and 2 * told > len(rows) else None


def _stand_in(others: Sequence[Sheet], name: str, said: Sequence[tuple[str, str]]) -> bool:
    """Whether a column of another table holds one of the codes."""
    codes = dict(said)
    columns = (other.cells[column] for other in others for column in other.cells if str(column).casefold() == name)
    return any(column.cat.categories.isin(codes).any() for column in columns)


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
    """Return a dictionary with what lists, and the names of the columns themselves, say of their codes.

    What is said of a column in two ways is not taken from either.
    """
    used = [each for each in lists if any(column.casefold() in each.codes for column in columns)]
    codes: dict[str, Mapping[str, str]] = {}
    disputed = []
    for column in columns:
        said = list(legend(column).items()) if len(legend(column)) > 1 else []
        said += [pair for each in used for pair in each.codes.get(column.casefold(), ())]
        said += book.codes.get(column, {}).items()
        if said and _agree(said):
            codes[column] = dict(said)
        elif said:
            disputed.append(column)
    name = book.name or " and ".join(each.name for each in used)
    return replace(book, name=name, codes=codes, disputed=tuple(disputed))


def _agree(said: Sequence[tuple[str, str]]) -> bool:
    """Whether each code has one meaning, of which the first letters may stand for it as in L and left."""
    meaning: dict[str, str] = {}
    for code, words in said:
        shorter, longer = sorted([words.casefold(), meaning.get(code, words).casefold()], key=len)
        if not longer.startswith(shorter):
            return False
        meaning[code] = longer
    return True
