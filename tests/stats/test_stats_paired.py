import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.paired import (
    PairedTable,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_score,
    newcombe10,
    tango,
)

small_cells = st.tuples(*[st.integers(0, 60)] * 4).filter(any)
tables = small_cells.map(lambda cells: PairedTable(*cells))

# Newcombe RG (1998). Stat Med 17:2635-2650.
NEWCOMBE = PairedTable(20, 12, 2, 16)
# Airway hyper-responsiveness before and after transplantation (Bentur et al.), and complete response
# after induction and consolidation (Cavo et al.), both as worked in Fagerland MW, Lydersen S, Laake P
# (2014). Stat Med 33:2850-2875.
BENTUR = PairedTable(1, 1, 7, 12)
CAVO = PairedTable(59, 6, 16, 80)
# Approval of the prime minister, Agresti A (2002). Categorical Data Analysis, 2nd ed., table 10.1.
APPROVAL = PairedTable(794, 150, 86, 570)
# Rotation gain of 5 degrees or more in the Bath trial, Chatfield (1995): see data/raw/bath-hips/SOURCE.md.
BATH_TREATMENT, BATH_CONTROL = PairedTable(11, 1, 7, 8), PairedTable(1, 0, 2, 9)


@pytest.mark.parametrize(
    ("table", "difference", "low", "high"),
    [
        (NEWCOMBE, 0.2, 0.0562, 0.3292),
        (BENTUR, -0.2857, -0.5069, -0.0256),
        (CAVO, -0.0621, -0.1186, -0.0046),
        (APPROVAL, 0.04, 0.0212, 0.0587),
    ],
)
def test_method_10_gives_the_published_limits(table, difference, low, high):
    assert round(table.difference, 4) == difference
    assert tuple(round(limit, 4) for limit in newcombe10(table)) == (low, high)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [(BENTUR, -0.5172, -0.0260), (CAVO, -0.1240, -0.0054), (APPROVAL, 0.0214, 0.0590)],
)
def test_tango_gives_the_published_limits(table, low, high):
    assert tuple(round(limit, 4) for limit in tango(table)) == (low, high)


def test_mcnemar_gives_the_published_p_values():
    assert round(mcnemar_exact(BENTUR), 4) == 0.0703
    assert round(mcnemar_midp(BENTUR), 4) == 0.0391
    assert round(mcnemar_exact(CAVO), 5) == 0.05248
    assert round(mcnemar_midp(CAVO), 5) == 0.03469
    assert f"{mcnemar_exact(APPROVAL):.3e}" == "3.716e-05"


def test_the_bath_trial():
    # 12 of 27 left and 18 of 27 right hips gained in the treatment group, 1 and 3 of 12 in the control group.
    assert (BATH_TREATMENT.n, BATH_CONTROL.n) == (27, 12)
    assert BATH_TREATMENT.difference == pytest.approx(12 / 27 - 18 / 27)
    assert BATH_CONTROL.difference == pytest.approx(1 / 12 - 3 / 12)
    # One of 8 discordant people: 2·(1 + 8)/2⁸, less 8/2⁸ for the mid-p. None of 2: 2/2².
    assert mcnemar_exact(BATH_TREATMENT) == pytest.approx(18 / 256)
    assert mcnemar_midp(BATH_TREATMENT) == pytest.approx(10 / 256)
    assert mcnemar_exact(BATH_CONTROL) == pytest.approx(0.5)


def test_midp_with_the_sides_in_balance():
    # Fagerland et al. (2014): 1 less half the probability of the table, here C(4, 2)/2⁴ = 6/16.
    assert mcnemar_midp(PairedTable(3, 2, 2, 5)) == pytest.approx(1 - 3 / 16)
    assert mcnemar_exact(PairedTable(3, 2, 2, 5)) == 1


def test_without_people_everything_is_missing():
    nobody = PairedTable(0, 0, 0, 0)
    numbers = [
        nobody.difference,
        mcnemar_exact(nobody),
        mcnemar_midp(nobody),
        *newcombe10(nobody),
        *tango(nobody),
    ]
    assert all(math.isnan(number) for number in numbers)


@pytest.mark.parametrize("cells", [(0, 0, 0, 8), (8, 0, 0, 0), (5, 0, 0, 3)])
def test_hips_that_all_agree(cells):
    table = PairedTable(*cells)
    assert mcnemar_exact(table) == mcnemar_midp(table) == 1
    # With no discordant people Tango's equation reduces to n·δ² = z²·|δ|·(1 - |δ|).
    z2 = stats.norm.ppf(0.975) ** 2
    assert tango(table) == pytest.approx((-z2 / (8 + z2), z2 / (8 + z2)))
    low, high = newcombe10(table)
    assert low == pytest.approx(-high)
    assert 0 < high < 1


def test_left_only_in_everyone():
    # Tango's equation reduces to n·(1 - δ) = z²·(1 + δ); method 10 has l1 = n/(n + z²) and u2 = z²/(n + z²).
    table, z2 = PairedTable(0, 8, 0, 0), stats.norm.ppf(0.975) ** 2
    assert mcnemar_exact(table) == 2 / 2**8
    assert tango(table) == (pytest.approx((8 - z2) / (8 + z2)), 1)
    part = z2 / (8 + z2)
    assert newcombe10(table) == (pytest.approx(1 - math.sqrt(2) * part), 1)


def score_statistic(table, difference):
    """Tango's z at a true difference, its most likely cells found by search in place of algebra."""
    n, a = table.n, table.both + table.neither
    right_only = np.linspace(max(0, -difference), (1 - difference) / 2, 400_001)[1:-1]
    cells = [right_only + difference, right_only, 1 - 2 * right_only - difference]
    counts = [table.left_only, table.right_only, a]
    likelihood = sum(count * np.log(cell) for count, cell in zip(counts, cells, strict=True) if count)
    best = right_only[np.argmax(likelihood)]
    variance = (2 * best + difference - difference**2) / n
    return (table.difference - difference) / math.sqrt(variance)


@pytest.mark.parametrize("cells", [(20, 12, 2, 16), (1, 1, 7, 12), (3, 2, 0, 4), (0, 3, 2, 0), (30, 0, 0, 1)])
def test_tango_limits_are_where_the_score_test_turns(cells):
    table = PairedTable(*cells)
    low, high = tango(table, confidence=0.9)
    assert score_statistic(table, low) == pytest.approx(stats.norm.ppf(0.95), abs=1e-3)
    assert score_statistic(table, high) == pytest.approx(-stats.norm.ppf(0.95), abs=1e-3)


@given(tables, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_the_difference_and_stay_within_bounds(table, confidence):
    for method in (newcombe10, tango):
        low, high = method(table, confidence)
        assert -1 <= low <= table.difference + 1e-12
        assert table.difference - 1e-12 <= high <= 1
        assert low < high


@given(tables)
def test_swapping_the_sides_reverses_the_intervals(table):
    swapped = PairedTable(table.both, table.right_only, table.left_only, table.neither)
    assert swapped.difference == -table.difference
    for method in (newcombe10, tango):
        low, high = method(table)
        assert method(swapped) == pytest.approx((-high, -low), abs=1e-9)
    assert mcnemar_exact(swapped) == mcnemar_exact(table)
    assert mcnemar_midp(swapped) == mcnemar_midp(table)


@given(tables)
def test_midp_lies_below_the_exact_p(table):
    exact, midp = mcnemar_exact(table), mcnemar_midp(table)
    assert 0 < midp <= exact <= 1
    assert midp == exact or table.discordant


@given(tables)
def test_counts_from_numpy_give_the_same(table):
    narrow = PairedTable(*(np.int8(cell) for cell in (table.both, table.left_only, table.right_only, table.neither)))
    assert narrow.n == table.n
    for function in (newcombe10, tango, mcnemar_exact, mcnemar_midp):
        assert function(narrow) == function(table)


def test_large_tables_do_not_overflow():
    # A thousand times the approval table: the difference stays, the interval shrinks by about √1000.
    large = PairedTable(794_000, 150_000, 86_000, 570_000)
    for method in (newcombe10, tango):
        low, high = method(large)
        usual_low, usual_high = method(APPROVAL)
        assert low < 0.04 < high
        assert high - low == pytest.approx((usual_high - usual_low) / math.sqrt(1000), rel=0.01)


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="no cell can be negative"):
        PairedTable(1, -1, 0, 0)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_score_p_is_below_5_percent_where_tangos_interval_leaves_out_0(table):
    low, high = tango(table)
    assert (mcnemar_score(table) < 0.05) == (low > 0 or high < 0)


def test_the_score_p_of_bentur_does_not_contradict_its_interval():
    # Tango's interval leaves out 0, at -.0260; beside it stood McNemar's exact p of .0703. (7 - 1)²/8 = 4.5.
    assert mcnemar_score(BENTUR) == pytest.approx(stats.chi2.sf(4.5, 1))
    assert math.isnan(mcnemar_score(PairedTable(0, 0, 0, 0)))
    assert mcnemar_score(PairedTable(3, 0, 0, 2)) == 1
