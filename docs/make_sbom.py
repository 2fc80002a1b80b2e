"""Write a bill of the locked packages as CycloneDX 1.6: `python docs/make_sbom.py FILE`, which `make sbom` does."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LICENCES = tomllib.loads((ROOT / "docs/licences.toml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_LINE = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?$")


class Locked(NamedTuple):
    """A line of the lock, with the hashes of the files that may be installed for it."""

    name: str
    version: str
    marker: str
    hashes: list[str]

    @property
    def purl(self) -> str:
        """The package's address in any bill."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked() -> list[Locked]:
    """Read requirements.txt."""
    found: list[Locked] = []
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if match := _LINE.match(line):
            found.append(Locked(canonicalize_name(match["name"]), match["version"], match["marker"] or "", []))
        else:
            found[-1].hashes.append(line.partition("--hash=sha256:")[2].removesuffix(" \\"))
    return found


def licence(name: str) -> str | None:
    """Return a package's licence as an SPDX expression: from our table, else from its metadata; None if unknown."""
    table = {name: expression for expression, names in LICENCES["packages"].items() for name in names}
    if name in table:
        return table[name]
    try:
        return metadata.metadata(name).get("License-Expression")
    except metadata.PackageNotFoundError:
        return None


def needs(name: str) -> set[str]:
    """Return what a package asks for on this system, without its extras."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return set()
    wanted = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name) for r in wanted if not r.marker or r.marker.evaluate({"extra": ""})}


def at_run_time() -> set[str]:
    """Return the packages that the suite itself needs, and all that these need; tools of development are others."""
    found: set[str] = set()
    waiting = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    while waiting:
        found |= waiting
        waiting = set().union(*map(needs, waiting)) - found
    return found


def bill() -> dict[str, Any]:
    """Return the bill; the same lock gives the same one."""
    packages, needed = locked(), at_run_time()
    by_name = {package.name: package.purl for package in packages if _is_here(package)}
    name = PROJECT["name"]
    root = {"type": "application", "bom-ref": name, "name": name, "version": PROJECT["version"]}
    depends = {name: {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}}
    depends |= {by_name[package]: needs(package) for package in sorted(by_name)}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root | {"licenses": [{"expression": PROJECT["license"]}]}},
        "components": [_component(package, package.name in needed) for package in packages],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(by_name[n] for n in names if n in by_name)}
            for ref, names in depends.items()
        ],
    }


def _is_here(package: Locked) -> bool:
    try:
        return metadata.version(package.name) == package.version
    except metadata.PackageNotFoundError:
        return False


def _component(package: Locked, needed: bool) -> dict[str, Any]:
    known = {"type": "library", "bom-ref": package.purl, "name": package.name, "version": package.version}
    known |= {"purl": package.purl, "scope": "required" if needed else "excluded"}
    if expression := licence(package.name):
        known["licenses"] = [{"expression": expression}]
    if package.marker:
        known["properties"] = [{"name": "python:marker", "value": package.marker}]
    files = [{"alg": "SHA-256", "content": digest} for digest in package.hashes]
    where = f"https://pypi.org/project/{package.name}/{package.version}/"
    return known | {"externalReferences": [{"type": "distribution", "url": where, "hashes": files}]}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
