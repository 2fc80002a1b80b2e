"""The steps of the analysis that decisions are about, and the readings of each: every choice of its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from analysis.hips.cells import Axis, Decisions, axes_of
from analysis.hips.reread import Reread, errors_tried
from analysis.protocol import Protocol
from analysis.protocol.alternatives import step_of, with_options
from analysis.protocol.care import Indication
from analysis.protocol.measures import Reading
from analysis.protocol.model import Option

Taken = tuple[Option, ...]
KEYS = ("class", "indication", "response", "population")


@dataclass(frozen=True)
class Steps:
    """The readings of each step of a protocol; what follows from the rules alone is made once for all hips.

    Attributes
    ----------
    protocol
        The rules.
    comparison
        The pair of timepoints of which responders are counted.
    """

    protocol: Protocol
    comparison: str

    def decided_in(self, step: str) -> list[str]:
        """Return the decisions that are about a step."""
        return [name for name, decision in self.protocol.alternatives.items() if step_of(decision) == step]

    @cached_property
    def taken(self) -> dict[str, list[Taken]]:
        """The options taken by each reading of each step."""
        options = {step: [self.protocol.alternatives[name].options for name in self.decided_in(step)] for step in KEYS}
        return {step: list(product(*of_step)) for step, of_step in options.items()}

    @cached_property
    def classing(self) -> list[Protocol]:
        """The rules of each reading of the class."""
        return [with_options(self.protocol, options) for options in self.taken["class"]]

    @cached_property
    def axes(self) -> list[Axis]:
        """What can decide a class under any reading."""
        return axes_of(self.classing)

    @cached_property
    def decisions(self) -> Decisions:
        """The class of any hip."""
        return Decisions(self.axes, self.protocol)

    @property
    def classes(self) -> Sequence[str]:
        """The classes that hips can have; none for a protocol without types."""
        return self.decisions.classes if self.protocol.types else ()

    @cached_property
    def indications(self) -> list[Indication]:
        """The rule of each reading of the indication."""
        rules = [with_options(self.protocol, options).indication for options in self.taken["indication"]]
        return [rule for rule in rules if rule]

    def responding(self, again: dict[str, Reread]) -> list[tuple[Protocol, Reading]]:
        """Return the rules of each reading of the response, with the errors tried, and how they are read."""
        protocol = errors_tried(again, self.protocol)
        return [(with_options(protocol, options), reading_of(options)) for options in self.taken["response"]]


def reading_of(options: Taken) -> Reading:
    """Return how the responder rules are read when these options are taken."""
    return next((option.reading for option in options if option.reading), "strict")


def only_indicated(options: Taken) -> bool:
    """Return whether only typed hips with an indication are counted when these options are taken."""
    return any(option.only_indicated for option in options)
