"""The ``capsule`` command: every part of the chain, for people and for scripts."""

from analysis.cli.app import main

__all__ = ["main"]
