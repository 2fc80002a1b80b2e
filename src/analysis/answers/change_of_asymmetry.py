"""Whether left and right came closer between two visits, in degrees and in who shows the pattern."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from analysis.answers.asymmetry import band_of_error, towards_pattern
from analysis.answers.both_sides import BothSides, both_sides
from analysis.answers.both_times import BothTimes, both_times
from analysis.answers.degrees import mean_by_chance
from analysis.answers.in_groups import by_group
from analysis.protocol import Protocol, builtin
from analysis.schema import conform
from analysis.stats.asymmetry import change_of_share_showing
from analysis.stats.clusters import Clusters
from analysis.stats.means import mean_with_interval
from analysis.usererror import UserError

_MEANS, _SHARES = ("difference", "size"), ("showing", "showing_any")
_SHOWING = ["n_before", "n_after"]


def change_of_asymmetry(
    assessments: pd.DataFrame,
    protocol: Protocol | None = None,
    comparison: str | None = None,
    changes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return whether left and right came closer between two timepoints.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint.
    protocol
        Names the measure, the side expected to be worse, and the band of measurement error.
    comparison
        The pair of timepoints; the protocol's primary one if left out.
    changes
        As :func:`analysis.analyse` returns them, where ``assessments`` are those of a part of the cohort; what chance
        changes is then that of the whole.

    Returns
    -------
    pandas.DataFrame
        One row per ``quantity``: the ``difference`` (mean of left − right, degrees), its ``size`` (mean of its
        absolute value, degrees), and the share of people ``showing`` the pattern beyond the band, or by any
        difference (``showing_any``). ``n`` people measured on both sides at both timepoints in the same way;
        ``before``, ``after``, ``change`` (after − before) with 95 % limits ``ci_low``, ``ci_high``: by
        t, ``clustered_by`` clinic where there are 5 or more, else person, and then of shares by Newcombe's
        method 10; ``by_chance``: the change of a mean if nothing had truly changed, given measurement error and who was
        enrolled, with ``by_chance_low`` and ``by_chance_high`` over the errors tried, and ``chance_unknown``: why there
        is none, else empty; ``n_before``, ``n_after``: people showing the pattern, missing for means; ``n_behind``: the
        fewest people behind any of these numbers, or left out of them though measured at one of the visits, or with
        less on either side (for disclosure); ``measure``, ``comparison``. Empty if the protocol names no asymmetry.

    Raises
    ------
    ValueError
        The comparison is not one of the protocol's.

    Notes
    -----
    A change after the stretch, and no effect of it: nobody was measured without one. People chosen for a
    large difference would come closer in any case, by what ``by_chance`` says. Who came back for another episode counts
    with the first.

    References
    ----------
    Newcombe 1998 method 10; see :func:`analysis.stats.asymmetry.change_of_share_showing`.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left", "right", "right"],
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [10.0, 17.0, 20.0, 21.0]})
    >>> change_of_asymmetry(visits)[["quantity", "before", "after"]].values.tolist()[:2]
    [['difference', -10.0, -4.0], ['size', 10.0, 4.0]]
    """
    protocol = protocol or builtin()
    pair = comparison or protocol.primary_comparison
    if pair not in protocol.comparisons:
        raise UserError(f"comparison is {pair!r}; it can be {', '.join(protocol.comparisons)}")
    if protocol.asymmetry is None:
        return pd.DataFrame()
    table = conform(assessments, "assessments", protocol)
    if changes is None:
        return change_of_asymmetry_of(both_times([table], pair, protocol), pair, protocol)
    visits = both_sides(table, protocol)
    return change_of_asymmetry_of(BothTimes(visits, _left_hips(changes, table, visits, pair)), pair, protocol)


def _left_hips(changes: pd.DataFrame, assessments: pd.DataFrame, visits: BothSides, pair: str) -> pd.DataFrame:
    """Return of each person the changes of the left hip; missing where there are none."""
    who = pd.MultiIndex.from_frame(assessments[["patient_id", "episode"]].iloc[visits.row])
    left = changes[(changes["comparison"] == pair) & (changes["side"] == "left")]
    return left.set_index(["patient_id", "episode"]).reindex(who)


def change_of_asymmetry_of(found: BothTimes, pair: str, protocol: Protocol) -> pd.DataFrame:
    """Return the same of everyone's two sides, as numbers; the protocol must name an asymmetry."""
    visits = found.visits
    people, before, after = visits.twice(*_visits(pair, protocol))
    clusters = visits.clusters(people)
    in_degrees = _changes_in_degrees(before, after, clusters)
    for row, by_chance in zip(in_degrees, _by_chance(found.by_chance.iloc[people], protocol), strict=True):
        row |= by_chance
    table = pd.DataFrame([*in_degrees, *_changes_of_shares(before, after, clusters, protocol)])
    table = table.assign(clustered_by=clusters.clustered_by, cluster_note=clusters.note)
    table["chance_unknown"] = table["chance_unknown"].fillna("")
    counts = people_both_times(visits, pair, protocol, 1).drop(columns="group")
    counts = counts.astype(dict.fromkeys(_SHOWING, "Int64"))
    return counts.merge(table, on="quantity", validate="1:1")


def _visits(pair: str, protocol: Protocol) -> tuple[str, str]:
    return protocol.comparisons[pair].start, protocol.comparisons[pair].end


def people_both_times(visits: BothSides, pair: str, protocol: Protocol, n_groups: int) -> pd.DataFrame:
    """Count the people of groups as :func:`change_of_asymmetry` does: one row per ``group`` and ``quantity``.

    ``n_before`` and ``n_after`` are missing beside means.
    """
    assert protocol.asymmetry is not None  # the callers have seen to it
    people, before, after = visits.twice(*_visits(pair, protocol))
    group = visits.group[people]

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(group[which], minlength=n_groups)

    n = np.bincount(group, minlength=n_groups)
    # Beside the mean of everyone at a visit, a mean without a few of them would give these few away; and the mean size
    # of the difference, beside its mean, how far the few are apart who have less on the other side.
    everyone = (np.bincount(visits.group[visits.at(when)[0]], minlength=n_groups) for when in _visits(pair, protocol))
    left_out = [np.where(all_there > n, all_there - n, n) for all_there in everyone]
    apart = [n, *left_out, *(count(way * degrees > 0) for degrees in (before, after) for way in (1, -1))]
    about = {"measure": protocol.asymmetry.measure, "comparison": pair}
    none = dict.fromkeys(_SHOWING, np.full(n_groups, np.nan))
    rows = [({**about, "quantity": mean}, {"n": n, **none, "n_behind": np.minimum.reduce(apart)}) for mean in _MEANS]
    earlier, later = (towards_pattern(difference, protocol) for difference in (before, after))
    for quantity, least in zip(_SHARES, (band_of_error(protocol), 0.0), strict=True):
        was, is_now = earlier < -least, later < -least
        kinds = [count((was == one) & (is_now == other)) for one, other in product((True, False), repeat=2)]
        showing = dict(zip(_SHOWING, (count(was), count(is_now)), strict=True))
        rows.append(
            ({**about, "quantity": quantity}, {"n": n, **showing, "n_behind": np.minimum.reduce(apart + kinds)})
        )
    return by_group(rows)


def _changes_in_degrees(before: np.ndarray, after: np.ndarray, clusters: Clusters) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for quantity, earlier, later in zip(_MEANS, (before, np.abs(before)), (after, np.abs(after)), strict=True):
        moved = mean_with_interval(later - earlier, clusters.of_person)
        rows.append(
            {
                "quantity": quantity,
                "before": pd.Series(earlier).mean(),
                "after": pd.Series(later).mean(),
                "change": moved.mean,
                "ci_low": moved.interval.low,
                "ci_high": moved.interval.high,
            }
        )
    return rows


def _by_chance(left: pd.DataFrame, protocol: Protocol) -> list[dict[str, object]]:
    """Return what chance alone would change in left minus right, and in its size; missing where it is not known."""
    assert protocol.asymmetry is not None  # the caller has seen to it
    name = protocol.asymmetry.measure
    if f"{name}_apart_by_chance" not in left:
        return [mean_by_chance(left.iloc[:0], name)] * 2
    why = left[f"{name}_chance_unknown"]
    pairs = left.assign(**{f"{name}_{what}_chance_unknown": why for what in ("difference", "apart")})
    return [mean_by_chance(pairs, f"{name}_{what}") for what in ("difference", "apart")]


def _changes_of_shares(
    before: np.ndarray, after: np.ndarray, clusters: Clusters, protocol: Protocol
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    earlier, later = (towards_pattern(difference, protocol) for difference in (before, after))
    for quantity, least in zip(_SHARES, (band_of_error(protocol), 0.0), strict=True):
        moved = change_of_share_showing(earlier, later, least, clinic=clusters.clinic_if_alike)
        n = len(earlier)
        rows.append(
            {
                "quantity": quantity,
                "before": moved.before / n if n else np.nan,
                "after": moved.after / n if n else np.nan,
                "change": moved.difference,
                "ci_low": moved.interval.low,
                "ci_high": moved.interval.high,
            }
        )
    return rows
