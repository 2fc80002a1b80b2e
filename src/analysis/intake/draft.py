"""``capsule init``: look at files and write a first ``study.toml``, with a question wherever it is not sure."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from analysis.intake.blocks import BLOCK
from analysis.intake.code_book import CodeBook, book_for, code_books
from analysis.intake.code_list import CodeList, code_list_of, with_codes
from analysis.intake.dialect import see_dialects
from analysis.intake.linked import Found, linked
from analysis.intake.long_table import parts_of
from analysis.intake.place import FILE, SHEET
from analysis.intake.problems import Problems
from analysis.intake.questions import Ask, Question, keep, nobody
from analysis.intake.readers import READERS, read_source
from analysis.intake.recognise import Reading
from analysis.intake.source_draft import SourceDraft
from analysis.intake.split_draft import split_of
from analysis.intake.study_file import Source, StudyFile
from analysis.intake.unpack import packed_in, tables_in
from analysis.intake.unreadable import UnreadableFile
from analysis.intake.vocabulary import Vocabulary
from analysis.protocol import Protocol
from analysis.protocol.tomlmodel import key_of, quoted
from analysis.usererror import StudyError

_PREFACE = """\
# What the columns and words of a file mean: on the left our name, on the right the file's own, in quotation marks.
# After each question mark stands something that only you know. A line that begins with # does nothing; where it is
# right, delete that first #. Nothing here changes the file. Every key: docs/study-file.md
"""


class Sent(NamedTuple):
    """What a clinic sent, as it was read: the tables, and what dictionaries and lists say of columns and codes."""

    tables: list[Found]
    books: list[CodeBook]
    lists: list[CodeList]
    left_out: list[str]  # tables of an archive that cannot be read


def read_sent(files: Sequence[Path]) -> Sent:
    """Read files of any kind, and the data dictionaries among and beside them.

    Raises
    ------
    StudyError
        A file cannot be read, or all are dictionaries; the message says why.
    """
    tables, books = code_books([table for file in files for table in _unpacked(file)])
    if not tables:
        raise StudyError(f"{files[0].name}: a data dictionary, which tells what codes mean; name the file of data too")
    found: list[Found] = []
    faults: dict[str, StudyError] = {}
    for path in tables:
        try:
            found += _found(path)
        except StudyError as fault:
            if not packed_in(path)[1]:
                raise
            faults[_name_in_study(path)] = fault
    if not found:
        raise StudyError("\n".join(dict.fromkeys(map(str, faults.values()))))
    found, lists = _without_lists(found)
    return Sent(linked(found), books, lists, list(faults))


def _without_lists(found: list[Found]) -> tuple[list[Found], list[CodeList]]:
    """Divide tables into those of data and lists of what codes of others mean."""
    sheets = [table.sheet for table in found]
    lists = [code_list_of(sheet, [*sheets[:n], *sheets[n + 1 :]]) for n, sheet in enumerate(sheets)]
    return [table for table, own in zip(found, lists, strict=True) if own is None], [own for own in lists if own]


def _unpacked(file: Path) -> list[Path]:
    try:
        return tables_in(file, READERS)
    except UnreadableFile as fault:
        raise StudyError(f"{file.name}: {fault}") from None


def _name_in_study(path: Path) -> str:
    """Return what study.toml calls a file, or a table of an archive."""
    file, table = packed_in(path)
    return f"{file.name}/{table}" if table else file.name


def draft_study(sent: Sent, protocol: Protocol, protocol_file: str | None = None, ask: Ask = nobody) -> str:
    """Write a first ``study.toml`` for the files of one study.

    Parameters
    ----------
    sent
        What a clinic sent. Each sheet that tells of patients becomes a ``[[source]]``.
    protocol
        Gives the vocabulary.
    protocol_file
        Its name within the study folder, unless it is the built-in one.
    ask
        Who is asked what only a person knows; left out: nobody, and each question is a comment.

    Returns
    -------
    str
        TOML that can be loaded as it stands. What was recognised is declared; what was not is listed; what
        a person must say is a comment. No reading and no identifier of a patient is in it.
    """
    files = list(dict.fromkeys(_sent_as(table.source.file) for table in sent.tables))
    # Of several files with the same columns each may be a person, whose name no report may bear.
    alike = {_sent_as(each.source.file) for each in sent.tables if _columns(each) == _columns(sent.tables[0])}
    lines = [_PREFACE, _name(Path(files[0]).stem if len(alike) < 2 else "study", ask)]
    lines += [f"protocol = {quoted(protocol_file)}"] if protocol_file else []
    above: list[SourceDraft] = []
    vocabulary = Vocabulary(protocol)
    for file in files:
        tables = [_drafted(each, vocabulary, sent, ask) for each in sent.tables if _sent_as(each.source.file) == file]
        used = [table for table in tables if table.draft.tells_of_patients and not table.only_parent]
        used = used or [table for table in tables if not table.only_parent][:1]
        for table in used:
            lines += _sources(table, above, vocabulary, ask)
        lines += _unused([table.found.source for table in tables if table not in used and not table.only_parent])
    if sent.left_out:
        lines += ["", f"# ? not read, as they are no tables: {', '.join(map(quoted, sent.left_out))}"]
    text = "\n".join(lines) + "\n"
    StudyFile.model_validate(tomllib.loads(text))
    return text


def _sources(table: _Table, above: list[SourceDraft], vocabulary: Vocabulary, ask: Ask) -> Iterator[str]:
    """Write what a table is the source of, one or several; ``above`` grows by what visits may be completed from."""
    if parts := parts_of(table.draft, vocabulary):
        for part in parts:
            completes = ["completes_visits = true"] if part.completes else []
            yield from ["", "[[source]]", *_settings(table.found, ask), *completes]
            yield from part.draft.lines(table.found.source.decimal)
        above += [part.draft for part in parts]
        return
    yield from ["", "[[source]]", *_settings(table.found, ask), *_completes(table.draft, above, ask)]
    if name := table.draft.book.name:
        doubt = "" if table.draft.book.named else "  # ? it lies beside the table: is it of the same project?"
        yield f"# What columns are called and what codes mean was taken from {quoted(name)}.{doubt}"
    if disputed := table.draft.book.disputed:
        listed = ", ".join(map(quoted, disputed))
        yield f"# ? two things are said of the codes of {listed}; which is right? Neither was taken"
    yield from table.draft.lines(table.found.source.decimal)
    above.append(table.draft)
    yield from _persons(table, vocabulary, ask)


def _unused(sources: Sequence[Source]) -> list[str]:
    if not sources:
        return []
    packed = any(packed_in(Path(source.file))[1] for source in sources)
    what, listed = ("tables", map(_label, sources)) if packed else ("sheets", (str(s.sheet) for s in sources))
    return ["", f"# ? {what} in which no patients were recognised, so not used: {', '.join(map(quoted, listed))}"]


class _Table(NamedTuple):
    found: Found
    draft: SourceDraft

    @property
    def only_parent(self) -> bool:
        """Whether the table tells only whose the rows of others are, so that they hold all that it has."""
        return self.found.is_parent and not self.draft.measures


def _name(proposed: str, ask: Ask) -> str:
    question = "what should reports call this study?"
    answer = ask(Question(question, proposed=proposed))
    return f"name = {quoted(answer or proposed)}" + ("" if answer else f"  # ? {question}")


def _columns(table: Found) -> list[str]:
    return list(map(str, table.sheet.cells))


def _sent_as(name: str) -> str:
    return packed_in(Path(name))[0].name


def _label(source: Source) -> str:
    return f"{source.file} {source.sheet or ''}".strip()


def _found(file: Path) -> list[Found]:
    """Read every table of a file: each sheet of a workbook that can be read, or the one that another file is."""
    tables, problems = [], Problems()
    for dialect in see_dialects(file):
        source = Source.model_validate({"file": _name_in_study(file), **dialect.settings})
        sheet = read_source(packed_in(file)[0].parent, source, problems)
        if sheet is not None:
            tables.append(Found(dialect, source, sheet))
    if not tables:
        faults = dict.fromkeys(f"{item['file']}: {item['message']}" for item in problems.table().to_dict("records"))
        raise StudyError("\n".join(faults))
    return tables


def _drafted(found: Found, vocabulary: Vocabulary, sent: Sent, ask: Ask) -> _Table:
    title = found.source.sheet or Path(found.source.file).stem
    columns = _columns(found)
    book = with_codes(book_for(columns, sent.books), columns, sent.lists)
    book = replace(book, labels={**found.sheet.labels, **found.dialect.labels, **book.labels})
    split = split_of(found.sheet, vocabulary, book, found.source.decimal, ask)
    draft = SourceDraft(split.sheet, title, vocabulary, book, ask)
    draft.split = split
    if sum(_columns(other) == columns for other in sent.tables) > 1:
        draft.one_of_several(SHEET if found.source.sheet else FILE)
    if found.dialect.beyond is not None and not found.source.parent:
        draft.doubt(columns[found.dialect.beyond :])
    if found.source.blocks:
        draft.take(BLOCK, Reading("patient_id"))
    if found.source.parent and "patient_id" not in draft.names:
        draft.link(found.source.parent.named_by)
    return _Table(found, draft)


def _persons(table: _Table, vocabulary: Vocabulary, ask: Ask) -> Iterator[str]:
    """Name the file again for the rows that tell only who the people are."""
    if table.draft.persons is not None:
        column, words = table.draft.where_persons
        yield from ["", "[[source]]  # the same file: who the people are", *_settings(table.found, ask)]
        draft = SourceDraft(table.draft.persons, "", vocabulary, table.draft.book, ask)
        yield from draft.lines(table.found.source.decimal)
        yield from ["", "[source.where]", f"{key_of(column)} = [{', '.join(map(quoted, words))}]"]


def _settings(table: Found, ask: Ask) -> Iterator[str]:
    yield f"file = {quoted(table.source.file)}"
    for key, value in table.dialect.settings.items():
        line = f"{key} = {quoted(value) if isinstance(value, str) else json.dumps(value)}"
        question = table.dialect.questions.get(key)
        yield keep(ask, line, question) if question else f"{line}  # {Source.model_fields[key].description}"
    if table.source.parent:
        yield f"parent = {_inline(table.source.parent.model_dump(exclude_none=True))}  # whose rows these are"


def _inline(part: dict) -> str:
    keys = (f"{key} = {_inline(value) if isinstance(value, dict) else quoted(value)}" for key, value in part.items())
    return f"{{ {', '.join(keys)} }}"


def _completes(draft: SourceDraft, above: Sequence[SourceDraft], ask: Ask) -> Iterator[str]:
    """Say that a table adds to the visits of those above it, where it holds other measures than they do."""
    measured = set().union(*(other.measures for other in above))
    if draft.measures and measured and not draft.measures & measured:
        yield keep(ask, "completes_visits = true", "does this table add other measures to the same visits?")
