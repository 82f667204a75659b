"""One slip of the finger is recognised, two are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.slips import is_one_slip, slips_of, takes_slips

LETTERS = st.text("abcقهو", min_size=1, max_size=8)


@pytest.mark.parametrize(
    "typed", ["starbuck", "sstarbucks", "starbocks", "satrbucks", "starbuckks", "tarbucks"]
)
def test_a_letter_less_more_wrong_or_swapped_is_one_slip(typed) -> None:
    assert is_one_slip(typed, "starbucks")


@pytest.mark.parametrize("typed", ["starbucks", "starbuc", "skcubrats", "starbocs", "tsarbuck"])
def test_none_and_two_are_not(typed) -> None:
    assert not is_one_slip(typed, "starbucks")


def test_short_words_and_numbers_are_taken_as_they_are() -> None:
    assert [takes_slips(one) for one in ("tea", "coffee", "2026", "ps5x", "قهوة", "x" * 25)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


@given(LETTERS, LETTERS)
def test_words_one_slip_apart_share_what_is_left_of_them(first, second) -> None:
    assert is_one_slip(first, second) == is_one_slip(second, first)
    if is_one_slip(first, second):
        assert slips_of(first) & slips_of(second)
