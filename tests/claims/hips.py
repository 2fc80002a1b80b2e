"""Hip by hip: the figures of single gains, and of the two hips of one person."""

from claims.rows import ONE, changes, error, first_episodes, measure_of
from claims.wording import PEOPLE, D, N, P, Seen, claim, same, same_percent, shown


def first_measure(seen: Seen) -> str:
    return shown(seen, "mean_changes")["measure"].iloc[0]


def gains(seen: Seen):
    measure = first_measure(seen)
    return changes(seen, measure)["gain"], error(seen, measure)


def split(seen: Seen) -> tuple[int, int, int]:
    """How many gained more than error, stayed within it, and lost more."""
    gain, band = gains(seen)
    return (gain > band).sum(), (gain.abs() <= band).sum(), (gain < -band).sum()


@claim(rf"^(.+): {N} of {N} hips? gained more than measurement error$")
def later_title(seen, label, up, hips):
    assert measure_of(seen, label) == first_measure(seen)
    same([up, hips], split(seen)[0], len(gains(seen)[0]))


@claim(rf"^Later against earlier reading of {N} hips?, with a band of ±{D}.* around no change: {N} gained more, "
       rf"{N} stayed within the band, {N} lost more\.")  # fmt: skip
def later_drawn(seen, hips, band, *parts):
    same([hips, band, *parts], len(gains(seen)[0]), gains(seen)[1], *split(seen))


@claim(rf"^(?:Gains from {D}\D* to {D}\D*|Gain of (1) hip: {D}\D*), {N} within error$")
def waterfall_title(seen, low, high, one, alone, within):
    gain, _ = gains(seen)
    same([low or alone, high or alone, within], gain.min(), gain.max(), split(seen)[1])
    assert bool(one) == (len(gain) == 1)


@claim(rf"^Gains of {N} hips? in order, the middle one {D}\D*: {N} gained more than ±{D}.*, {N} stayed within it, "
       rf"{N} lost more\.")  # fmt: skip
def waterfall_drawn(seen, hips, middle, up, band, within, down):
    gain, size = gains(seen)
    same([hips, middle, band, up, within, down], len(gain), gain.median(), size, *split(seen))


def asked(seen: Seen) -> tuple[float, str]:
    """The gain asked of a responder in the measure; its error where no rule asks for one."""
    measure = first_measure(seen)
    tests = seen.report.protocol.responses.values()
    rules = [rule for test in tests for rule in getattr(test, "rules", ()) if rule.measure == measure]
    steps = [rule.strict for rule in rules if hasattr(rule, "op")]
    what = "the gain asked of a responder" if steps else "measurement error"
    return error(seen, measure) if not steps or steps[0] == "mdc95" else float(steps[0]), what


SHARES = rf"{P} of {N} (left|right) hips?(?: and {P} of {N} (right) hips?)?"


def same_shares(seen: Seen, share, n, side, other_share, other_n, other) -> None:
    rows, (size, _) = changes(seen, first_measure(seen)), asked(seen)
    said = [(share, n, side), *([(other_share, other_n, other)] if other else [])]
    assert [side for *_, side in said] == [side for side in ("left", "right") if (rows["side"] == side).any()]
    for percent, hips, which in said:
        own = rows.loc[rows["side"] == which, "gain"]
        same([hips], len(own))
        same_percent(percent, (own >= size).mean())


@claim(rf"^{D}\D* or more, (the gain asked of a responder|measurement error): {SHARES}$")
def curve_title(seen, size, what, *shares):
    same([size], asked(seen)[0])
    assert what == asked(seen)[1]
    same_shares(seen, *shares)


@claim(rf"gained at least so much, for gains from {D} to {D}: {D}\D* or more in {SHARES}\.$")
def curve_drawn(seen, low, high, size, *shares):
    gain, _ = gains(seen)
    same([low, high, size], gain.min(), gain.max(), asked(seen)[0])
    same_shares(seen, *shares)


def pairs(seen: Seen):
    """The first readings of the two hips of one person."""
    rows = first_episodes(changes(seen, first_measure(seen)))
    sides = rows.pivot(index=ONE, columns="side", values="before").reindex(columns=["left", "right"]).dropna()
    apart, band = (sides["left"] - sides["right"]).round(1), error(seen, first_measure(seen))
    return sides, [(apart < -band).sum(), (apart > band).sum(), (apart.abs() <= band).sum()]


@claim(rf"^(.+) of {N} {PEOPLE}: beyond error the left has less in {N}, the right in {N}$")
def slopes_title(seen, label, people, left, right):
    assert measure_of(seen, label) == first_measure(seen)
    sides, kinds = pairs(seen)
    same([people, left, right], len(sides), *kinds[:2])


@claim(rf"^A line from left to right for (?:each of )?{N} {PEOPLE}, .+ Means: {D} left and {D} right\. "
       rf"Beyond ±{D} the left has less in {N}, the right in {N}, neither in {N}\.")  # fmt: skip
def slopes_drawn(seen, people, left_mean, right_mean, band, *kinds_said):
    sides, kinds = pairs(seen)
    counted = len(sides), sides["left"].mean(), sides["right"].mean(), error(seen, first_measure(seen))
    same([people, left_mean, right_mean, band, *kinds_said], *counted, *kinds)
