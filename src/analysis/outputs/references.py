"""The references of a methods text, as reference managers read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from analysis.protocol.tomlmodel import packaged

Reference = Mapping[str, Any]


@cache
def references() -> dict[str, Reference]:
    """Return every reference by its key, as ``references.toml`` has it."""
    return packaged("analysis.outputs", "references.toml")


def cited(key: str) -> str:
    """Return how a text names a reference: one or two authors, of more the first, and the year.

    Examples
    --------
    >>> cited("wilson1927"), cited("korn1998"), cited("barnett2005")
    ('Wilson 1927', 'Korn and Graubard 1998', 'Barnett 2005')
    """
    reference = references()[key]
    names = [author.partition(", ")[0] for author in reference["authors"]]
    return f"{' and '.join(names) if len(names) < 3 else names[0]} {reference['year']}"


def in_full(key: str) -> str:
    """Return a reference for a list of them, as Vancouver style has it."""
    found = references()[key]
    authors = ", ".join(re.sub(r"[., ]+", "", given).join((f"{family} ", "")) for family, given in _names(found))
    where = found.get("journal") or found.get("publisher", "")
    place = ":".join(filter(None, [found.get("volume", ""), found.get("pages", "")]))
    doi = f" doi:{found['doi']}" if "doi" in found else ""
    return f"{authors}. {found['title']}. {where} {found['year']}{';' + place if place else ''}.{doi}"


def _names(reference: Reference) -> list[tuple[str, str]]:
    return [(family, given) for family, _, given in (author.partition(", ") for author in reference["authors"])]


def as_csl(keys: Iterable[str]) -> str:
    """Return references as CSL JSON, which Zotero, pandoc and word processors take."""
    found = [{"id": key, **_csl(references()[key])} for key in keys]
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _csl(reference: Reference) -> dict[str, Any]:
    plain = {"title": "title", "journal": "container-title", "publisher": "publisher", "volume": "volume"}
    plain |= {"pages": "page", "doi": "DOI"}
    return {
        "type": "article-journal" if "journal" in reference else "book",
        "author": [{"family": family, "given": given} for family, given in _names(reference)],
        "issued": {"date-parts": [[reference["year"]]]},
        **{theirs: reference[ours] for ours, theirs in plain.items() if ours in reference},
    }


def as_bibtex(keys: Iterable[str]) -> str:
    """Return references as BibTeX; titles keep their capitals, and pages have BibTeX's dash."""
    return "\n".join(_bibtex(key, references()[key]) for key in keys)


def _bibtex(key: str, reference: Reference) -> str:
    fields = {
        "author": " and ".join(reference["authors"]),
        "title": f"{{{reference['title']}}}",
        **{name: reference[name] for name in ("journal", "publisher", "year", "volume") if name in reference},
        **({"pages": reference["pages"].replace("-", "--")} if "pages" in reference else {}),
        **({"doi": reference["doi"]} if "doi" in reference else {}),
    }
    kind = "article" if "journal" in reference else "book"
    lines = [f"  {name} = {{{str(value).replace('&', chr(92) + '&')}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])
