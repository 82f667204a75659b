"""Reading a text as words that are equal however they were typed."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from catalog.search.model import Word

WORD_LENGTH_MAX = 64
"""Longer ones are filed, and looked for, by their beginning."""
_TATWEEL = "\u0640"
_APOSTROPHES = frozenset("'’‘ʼʻ`´＇")
# Marks that writers leave out: accents, and the vowel signs of Hebrew and Arabic. The marks of
# other scripts are letters in their own right and stay.
_MARKS = (
    (0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x08D3, 0x08FF),
)  # fmt: skip
# The hamza forms of alef, waw and yeh are a letter and a mark, and lose the mark as others do.
_LETTERS = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ې": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
        "ڤ": "ف", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe",
    }
)  # fmt: skip
_ARTICLES = ("وال", "بال", "فال", "كال", "ال", "لل")
_LATIN_ARTICLES = frozenset({"al", "el"})
_STEM_LENGTH_MIN = 3


def normalise(text: str) -> tuple[Word, ...]:
    """Split a text into words, each folded to what it is filed as.

    Case, accents, vowel signs, tatweel, hamza, taa marbuta, alef maqsura, the digits of other
    scripts and signs that cannot be seen make no difference. A word behind the definite article
    is also filed without it.
    """
    pairs = [(raw, folded) for raw in _split(text) if (folded := _fold(raw))]
    words: list[Word] = []
    skip = False
    for place, (raw, folded) in enumerate(pairs):
        if skip:
            skip = False
            continue
        is_article = folded in _LATIN_ARTICLES and place + 1 < len(pairs)
        if is_article and (following := pairs[place + 1])[1].isascii():
            # Al Baik is also written Albaik, and known as Baik; the article alone says nothing.
            joined = f"{raw} {following[0]}"
            words.append(Word(joined, folded + following[1], (following[1],)))
            skip = True
        else:
            words.append(Word(raw, folded, _without_article(folded)))
    return tuple(words)


def _split(text: str) -> Iterator[str]:
    word = ""
    for sign in unicodedata.normalize("NFKC", text).casefold():
        category = unicodedata.category(sign)
        if category == "Cf" or (sign in _APOSTROPHES and word):
            continue
        if sign.isalnum() or category in ("Mn", "Mc"):
            word += sign
        elif word:
            yield word
            word = ""
    if word:
        yield word


@lru_cache(maxsize=20_000)
def _fold(raw: str) -> str:
    parts = unicodedata.normalize("NFD", raw.replace(_TATWEEL, ""))
    kept = "".join(sign for sign in parts if not _is_left_out(sign))
    folded = unicodedata.normalize("NFC", kept).translate(_LETTERS)
    return "".join(_digit(sign) for sign in folded)[:WORD_LENGTH_MAX]


def _is_left_out(sign: str) -> bool:
    return any(low <= ord(sign) <= high for low, high in _MARKS)


def _digit(sign: str) -> str:
    return str(unicodedata.digit(sign)) if sign.isdecimal() else sign


def _without_article(word: str) -> tuple[str, ...]:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _STEM_LENGTH_MIN:
            return (word.removeprefix(article),)
    return ()
