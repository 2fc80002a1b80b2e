"""What a folder tells that somebody is about to hand out, all of it held together, and with what was shown before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from analysis.disclosure.attack import EARLIER, Seen, Told, attack
from analysis.disclosure.counted import Shown, alone
from analysis.disclosure.printed import ABOUT
from analysis.disclosure.roles import declared
from analysis.factory.publishing.handed_out import HandedOut


def told_by(found: HandedOut, earlier: Sequence[Shown] = (), study: str = "") -> Told:
    """Attack what a folder shows of each study, together with what was shown of one study before.

    What the earlier releases tell by themselves is told already, and not said again.
    """
    before = list(of_ledger(earlier))
    known = {leak[:3] for leak in attack(before, found.fewest).leaks} if before else set()
    told = [
        attack(list(_editions(rows, before if name in (study, "") else [])), found.fewest)
        for name, rows in _by_study(found.rows).items()
    ]
    leaks = dict.fromkeys(leak for one in told for leak in one.leaks if leak[:3] not in known)
    return Told(
        [*found.leaks, *leaks],
        sum(one.withheld for one in told),
        sum(one.recovered for one in told),
        min((one.narrowest for one in told if one.narrowest is not None), default=None),
        sorted({files for one in told for files in one.contradicting}),
    )


def _by_study(rows: dict[str, list[Seen]]) -> dict[str, list[Seen]]:
    """Return the rows of each study; what does not say of which study it is, is held against all."""
    of_any = rows.get("", [])
    return {name: [*own, *of_any] for name, own in rows.items() if name} or {"": of_any}


def _editions(rows: Sequence[Seen], before: Sequence[Seen]) -> Iterator[Seen]:
    """Yield all rows as of the state of the data with which they share most numbers, and contradict none.

    Each release of the ledger, in ``before``, is a state of its own: two of which hardly a number is shown need not
    contradict each other. Nor is a page of an earlier state one with pages that share no number with it.
    """
    states: dict[str, dict[Any, int]] = {}
    state_of: dict[str, str] = {}
    releases = {row.edition for row in before}
    every = [*before, *rows]
    for edition in dict.fromkeys(row.edition for row in every):
        own = [row for row in every if row.edition == edition]
        counts = {
            (row.clinic, row.family, *sorted(row.labels.items()), column): count
            for row in own for column, count in row.counts.items() if count is not None
        }  # fmt: skip
        shared = {name: state.keys() & counts.keys() for name, state in states.items() if edition not in releases}
        fits = [
            name for name, both in shared.items()
            if (both or EARLIER not in name + edition)
            and all(states[name][place] == counts[place] for place in both)
        ]  # fmt: skip
        name = max(fits, key=lambda name: len(shared[name]), default=edition)
        states.setdefault(name, {}).update(counts)
        state_of[edition] = name
    yield from (row._replace(edition=state_of[row.edition]) for row in [*rows, *before])


def of_ledger(earlier: Sequence[Shown]) -> Iterator[Seen]:
    """Yield what was shown before, without what was withheld of it."""
    for number, shown in enumerate(earlier, start=1):
        file = f"the release of {shown.on}"
        for row in shown.counts.to_dict("records"):
            named = {str(name): value for name, value in row.items()}
            columns = [name for name in named if name not in ABOUT and named[name] == named[name]]
            roles = declared(named["family"], columns)
            place = named["clinic"], named["key"]
            hidden = {name for name, role in roles.items() if shown.withheld(*place, alone(name, role))}
            counts = {name: None if name in hidden else int(named[name]) for name in roles}
            about = named["family"], named["labels"]
            key = " of ".join(filter(None, [named["key"], named["clinic"]]))
            yield Seen(file, about[0], key, f"ledger {number}", named["clinic"], *about, counts)
