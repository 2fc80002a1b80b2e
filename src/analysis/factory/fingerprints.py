"""Hashes and versions of what a report is made from; equal hashes mean an equal report."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import analysis
from analysis.machine.files import sha256_of

DISTRIBUTION = "capsule-outcomes"


def of_value(value: object) -> str:
    """SHA-256 of a value of texts, numbers, lists and dicts; the order of a dict's keys does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def of_bytes(content: bytes) -> str:
    """SHA-256 of a file's content that is still in memory."""
    return hashlib.sha256(content).hexdigest()


def of_folder(folder: Path) -> str:
    """SHA-256 over names and bytes of all files below a folder, hidden ones and Python's caches left out."""
    return of_value([[path.relative_to(folder).as_posix(), sha256_of(path)] for path in _files(folder)])


def of_settings(study: Path) -> str:
    """SHA-256 over the files of a study that say how its data are read: ``study.toml`` and protocols."""
    return of_value([[path.name, sha256_of(path)] for path in _files(study) if path.suffix == ".toml"])


@cache
def of_package() -> str:
    """SHA-256 over the source of this package: code, rules and templates."""
    return of_folder(Path(analysis.__file__).parent)


@cache
def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries it asks for."""
    required = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in _requirements()]
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python} | {name: metadata.version(name) for name in sorted([DISTRIBUTION, *required])}


@cache
def git_commit(folder: Path) -> str | None:
    """Commit a folder's work tree stands at; None without git, a work tree or a commit."""
    command = ["git", "-C", str(folder), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def _requirements() -> list[str]:
    return [line for line in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in line]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
            yield path
