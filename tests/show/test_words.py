"""Words are true to their numbers over the whole range: rounding never turns something into nothing or all."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.protocol.words import within_sentence
from analysis.show import words

SHARES = st.floats(0, 1)
NUMBERS = st.floats(-1e6, 1e6)
DIGITS = st.integers(0, 2)


def value(text):
    return float(text.replace(words.MINUS, "-").replace("+", "").replace(",", ""))


@given(SHARES, DIGITS)
def test_a_percentage_is_within_half_a_step_and_never_a_false_0_or_100(share, digits):
    text = words.percent(share, digits)
    number = value(text.lstrip("<>").removesuffix(" %"))
    step = 10.0**-digits
    assert abs(number - 100 * share) <= step * (1 if text[0] in "<>" else 0.5) + 1e-9
    assert (number == 0) <= (share == 0)
    assert (number == 100 and text[0] != ">") <= (share == 1)


@given(SHARES)
def test_a_share_in_a_sentence_keeps_its_side(share):
    text = words.about(share)
    assert text.startswith(("about ", "fewer than 1 %", "more than 99 %"))
    assert text.startswith("fewer") == (0 < share < 0.005)
    assert not re.search("[<>]", text)


@given(NUMBERS, DIGITS)
def test_a_signed_number_has_a_sign_exactly_where_it_rounds_to_something(number, digits):
    text = words.signed(number, digits)
    assert abs(value(text) - number) <= 0.5 * 10.0**-digits + 1e-9
    assert (text[0] in "+−") == (value(text) != 0)
    assert "-" not in text


@given(NUMBERS, DIGITS)
def test_a_number_uses_a_true_minus_and_knows_no_minus_zero(number, digits):
    text = words.number(number, digits)
    assert abs(value(text) - number) <= 0.5 * 10.0**-digits + 1e-9
    assert "-" not in text
    assert text.startswith("−") == (value(text) < 0)


@given(SHARES, SHARES)
def test_an_interval_keeps_its_order(one, other):
    low, high = (int(end) for end in words.interval(*sorted((one, other))).split("–"))
    assert 0 <= low <= high <= 100


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_rate_travels_with_its_numerator_and_denominator(responders, others):
    n = responders + others
    rate = responders / n if n else math.nan
    text = words.rate_text(responders, n, rate, max(rate - 0.1, 0), min(rate + 0.1, 1))
    assert text.startswith(f"{responders}/{n}")
    assert ("%" in text) == (n > 0)
    assert "nan" not in text


@given(st.integers(0, 10_000))
def test_one_is_singular_and_everything_else_plural(n):
    assert words.count(n, "hip").endswith(" hip") == (n == 1)
    assert words.count(n, "person", "people").endswith("person" if n == 1 else "people")
    assert value(words.count(n, "hip").split()[0]) == n


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=5))
def test_a_list_names_every_part_once_with_one_and(parts):
    text = words.listed(parts)
    assert re.split(", | and ", text) == parts
    assert text.count(" and ") == (len(parts) > 1)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_missing_is_said_to_be_missing(missing):
    assert not words.known(missing)
    assert words.percent(missing) == words.NOT_ESTIMABLE


@given(st.text("abcé ", max_size=5))
def test_a_sentence_starts_with_a_capital_and_keeps_the_rest(text):
    assume(text)
    assert words.sentence_start(text) == text[0].upper() + text[1:]


def test_within_a_sentence_names_and_units_keep_their_capitals():
    """Newtons are no n, and Harris is a name."""
    assert within_sentence("Force gained 20 N or more") == "force gained 20 N or more"
    assert within_sentence("Points of the Harris score") == "points of the Harris score"
