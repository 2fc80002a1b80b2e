"""The ``capsule`` command: every part of the chain, for people and for scripts."""

from analysis.cli import audit, data, export, fetch, notebooks, reports, results, sensitivity  # noqa: F401 - each registers its commands
from analysis.cli.app import main

__all__ = ["main"]
