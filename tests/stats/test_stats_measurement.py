import pytest

from analysis.stats.measurement import minimal_detectable_change


def test_mdc_of_straight_leg_raise():
    # J Sports Sci Med 2009 8:116: SEM 2.8 to 4.2 goes with an MDC95 of 8 to 12 degrees.
    assert round(minimal_detectable_change(2.8)) == 8
    assert round(minimal_detectable_change(4.2)) == 12


def test_five_degrees_exceed_the_mdc95_only_up_to_an_sem_of_1_8():
    # 1.96·√2·1.8 = 4.99, and for 1.81 it is 5.02.
    assert minimal_detectable_change(1.8) < 5 < minimal_detectable_change(1.81)


def test_mdc90_is_smaller_than_mdc95():
    # 1.645·√2·3 = 6.98 and 1.960·√2·3 = 8.32
    assert minimal_detectable_change(3, confidence=0.90) == pytest.approx(6.98, abs=0.005)
    assert minimal_detectable_change(3, confidence=0.95) == pytest.approx(8.32, abs=0.005)


def test_a_negative_error_is_refused():
    with pytest.raises(ValueError, match="standard error of measurement cannot be negative"):
        minimal_detectable_change(-1)
