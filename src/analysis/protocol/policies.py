"""What the reports of a study withhold: policies by name, as ``study.toml`` gives them."""

from __future__ import annotations

from typing import NamedTuple


class Policy(NamedTuple):
    """What is withheld.

    Attributes
    ----------
    name
        As ``study.toml`` gives it.
    minimum
        The fewest patients that may stand behind a number, wherever numbers are withheld.
    withholds
        Whether reports withhold numbers, unless they are made for those who treat the patients.
    """

    name: str
    minimum: int
    withholds: bool = True

    @property
    def words(self) -> str:
        """What it withholds, for the end of a report."""
        if not self.withholds:
            return f"nothing ({self.name})"
        return f"numbers that fewer than {self.minimum} patients stand behind, and what would tell them ({self.name})"

    @property
    def mark(self) -> str:
        """What stands at the top of every page, for readers who know no policy by its name."""
        if self.withholds:
            return f"FEWER THAN {self.minimum} WITHHELD"
        return self.name.upper() if self.name in POLICIES else ""


MINIMUM_PATIENTS = 5
INTERNAL = "internal"
POLICIES = {
    policy.name: policy
    for policy in (
        Policy(f"suppress-{MINIMUM_PATIENTS}", MINIMUM_PATIENTS),
        Policy("suppress-10", 10),
        Policy(INTERNAL, MINIMUM_PATIENTS, withholds=False),
    )
}
"""Those that a study can name; the first where it names none."""
USUAL = next(iter(POLICIES.values()))
OPEN = Policy("rows are published or made up", MINIMUM_PATIENTS, withholds=False)


def chosen_policy(name: str, is_open: bool) -> Policy:
    """Return the policy of that name; without one, nothing is withheld where rows are published or made up."""
    return POLICIES[name] if name else OPEN if is_open else USUAL


def check_policy(name: str) -> str:
    """Return the name of a policy; refuse one that there is not.

    Raises
    ------
    ValueError
        There is no such policy; says which there are.
    """
    if name in POLICIES:
        return name
    there = f"it can be {', '.join(POLICIES)}"
    if name == "round-5":
        raise ValueError(f"{name!r} is not available: intervals, tests and figures are not rounded yet; {there}")
    raise ValueError(f"there is no policy {name!r}; {there}")
