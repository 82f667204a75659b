"""Reading a text as words that are equal however they were typed."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from catalog.search.model import Word
from catalog.search.unbroken import is_mark, is_unbroken, pairs_of

WORD_LENGTH_MAX = 64
"""Longer ones are filed, and looked for, by their beginning."""
_TATWEEL = "\u0640"
_NON_JOINER = "\u200c"
"""Stands in Persian words before their endings; many leave it out, or put a space there."""
_APOSTROPHES = frozenset("'’‘ʼʻ`´＇׳")
# Marks that writers leave out: accents, and the vowel signs of Hebrew and Arabic. The marks of
# other scripts are letters in their own right and stay.
_MARKS = (
    (0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x08D3, 0x08FF),
)  # fmt: skip
# The hamza forms of alef, waw and yeh are a letter and a mark, and lose the mark as others do.
# Persian, Urdu and Kurdish have signs of their own for letters of Arabic; Hebrew has five letters
# that are written otherwise at a word's end; Japanese writes the same sounds in two ways.
_LETTERS = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ې": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
        "ے": "ي", "ێ": "ي", "ۍ": "ي", "ۃ": "ه", "ں": "ن", "ڪ": "ك", "ۆ": "و", "ڕ": "ر", "ڵ": "ل",
        "ڤ": "ف", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h", "þ": "th",
        "ð": "d", "ŋ": "n", "ґ": "г", "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
        **{chr(sign): chr(sign - 0x60) for sign in range(0x30A1, 0x30F7)},
    }
)  # fmt: skip
# What German, Danish and others write where the sign is not at hand: Mueller is Müller.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_ARTICLES = ("وال", "بال", "فال", "كال", "ال", "لل", "ה")
_LATIN_ARTICLES = frozenset({"al", "el"})
_STEM_LENGTH_MIN = 3


def normalise(text: str) -> tuple[Word, ...]:
    """Split a text into words, each folded to what it is filed as.

    Case, accents, vowel signs, tatweel, hamza, taa marbuta, alef maqsura, the digits of other
    scripts and signs that cannot be seen make no difference. A word behind the definite article
    is also filed without it, and one with an umlaut also as it is spelt without. Where words have
    no spaces between them, every two signs that follow each other are a word.
    """
    words: list[Word] = []
    for word in _read(text):
        before = words[-1] if words else None
        if before is not None and before.word in _LATIN_ARTICLES and word.word.isascii():
            # Al Baik is also written Albaik, and known as Baik; the article alone says nothing.
            joined = f"{before.raw} {word.raw}"
            words[-1] = Word(joined, before.word + word.word, word.forms)
        else:
            words.append(word)
    return tuple(words)


def _read(text: str) -> Iterator[Word]:
    for piece in unicodedata.normalize("NFKC", text).casefold().split():
        yield from _read_piece(piece)


@lru_cache(maxsize=20_000)
def _read_piece(piece: str) -> tuple[Word, ...]:
    """Read what stands between two spaces. A catalogue says the same again and again."""
    return tuple(_read_words(piece))


def _read_words(piece: str) -> Iterator[Word]:
    for written in _split(piece):
        if is_unbroken(written[0]):
            for pair in pairs_of(_joined(written)):
                raw = "".join(pair)
                parts = tuple(_fold(sign) for sign in pair) if len(pair) > 1 else ()
                yield Word(raw, _fold(raw), parts=parts)
        elif folded := _fold(_joined(written)):
            yield Word(_joined(written), folded, _variants(written, folded))


def _split(piece: str) -> Iterator[str]:
    """Give what stands between signs, parted where the manner of writing changes."""
    word = ""
    for sign in piece:
        if _is_unseen(sign) or (sign in _APOSTROPHES and word):
            continue
        is_more = word and (is_mark(sign) or sign == _NON_JOINER)
        if not is_more and word and not (_is_written(sign) and _goes_on(word, sign)):
            yield word
            word = ""
        if is_more or _is_written(sign):
            word += sign
    if word:
        yield word


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf" and sign != _NON_JOINER


def _is_written(sign: str) -> bool:
    return sign.isalnum() or is_mark(sign)


def _goes_on(word: str, sign: str) -> bool:
    return is_unbroken(word[0]) == is_unbroken(sign)


def _fold(raw: str) -> str:
    parts = unicodedata.normalize("NFD", raw.replace(_TATWEEL, ""))
    kept = "".join(sign for sign in parts if not _is_left_out(sign))
    folded = unicodedata.normalize("NFC", kept).translate(_LETTERS)
    return "".join(_digit(sign) for sign in folded)[:WORD_LENGTH_MAX]


def _is_left_out(sign: str) -> bool:
    return any(low <= ord(sign) <= high for low, high in _MARKS)


def _digit(sign: str) -> str:
    return str(unicodedata.digit(sign)) if sign.isdecimal() else sign


def _variants(written: str, folded: str) -> tuple[str, ...]:
    """Give what else a word is filed as, where writers differ by more than signs."""
    stem = _fold(written.partition(_NON_JOINER)[0]) if _NON_JOINER in written else ""
    spelt_out = _fold(_joined(written).translate(_SPELT_OUT))
    stems = (stem,) if len(stem) >= _STEM_LENGTH_MIN else ()
    found = dict.fromkeys((*_without_article(folded), *stems, spelt_out))
    return tuple(one for one in found if one and one != folded)


def _joined(written: str) -> str:
    return written.replace(_NON_JOINER, "")


def _without_article(word: str) -> tuple[str, ...]:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _STEM_LENGTH_MIN:
            return (word.removeprefix(article),)
    return ()
