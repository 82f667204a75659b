"""Scripts whose writers put no space between words: they are read by pairs of signs."""

import unicodedata
from bisect import bisect_right
from itertools import pairwise

# Thai and Lao, Burmese, Khmer, the kana with the signs of repetition, bopomofo, Han, Hangul. Korean
# has spaces, but joins what it is about: 기프트카드 is a card, 카드.
_RANGES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3041, 0x30FF),
    (0x3100, 0x312F), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
_STARTS = [low for low, _ in _RANGES]


def is_unbroken(sign: str) -> bool:
    """Whether a sign is of a script without spaces; digits are words of their own everywhere."""
    place = bisect_right(_STARTS, ord(sign)) - 1
    return place >= 0 and ord(sign) <= _RANGES[place][1] and not sign.isdecimal()


def is_mark(sign: str) -> bool:
    """Whether a sign stands on, under or behind the one before it, and is nothing alone."""
    return unicodedata.category(sign) in ("Mn", "Mc")


def signs_of(run: str) -> list[str]:
    """Take a run apart into signs, each with the marks that belong to it."""
    signs: list[str] = []
    for sign in run:
        if signs and is_mark(sign):
            signs[-1] += sign
        else:
            signs.append(sign)
    return signs


def pairs_of(run: str) -> list[tuple[str, ...]]:
    """Give every two signs that follow each other; a sign that stands alone is given alone."""
    signs = signs_of(run)
    return [(run,)] if len(signs) == 1 else list(pairwise(signs))
