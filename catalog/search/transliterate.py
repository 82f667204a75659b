"""Telling a name apart from its vowels: what is left is much the same in both scripts."""

import re
from dataclasses import dataclass
from functools import lru_cache

CONSONANTS_MIN = 2
_INITIAL_VOWEL = "a"
# Longer spellings first. Sounds that writers confuse between the scripts share a letter: p and b,
# j and g, and z and s at the end. A capital is a sound that Latin writes with several letters.
_LATIN = (
    ("tion", "Xn"), ("sion", "Xn"), ("tch", "X"), ("sch", "X"), ("ch", "X"), ("sh", "X"),
    ("ph", "f"), ("kh", "H"), ("gh", "g"), ("th", "T"), ("dh", "z"), ("ck", "k"), ("qu", "k"),
    ("ce", "se"), ("ci", "si"), ("cy", "si"),
)  # fmt: skip
_LATIN_LETTERS = str.maketrans({"p": "b", "v": "f", "c": "k", "q": "k", "j": "g", "x": "ks"})
_ARABIC_LETTERS = str.maketrans(
    {
        "ب": "b", "پ": "b", "ت": "t", "ط": "t", "ث": "T", "ج": "g", "چ": "X", "غ": "g", "گ": "g",
        "ح": "h", "ه": "h", "خ": "H", "د": "d", "ض": "d", "ذ": "z", "ز": "z", "ظ": "z", "س": "s",
        "ص": "s", "ر": "r", "ش": "X", "ف": "f", "ق": "k", "ك": "k", "ل": "l", "م": "m", "ن": "n",
        "ا": "a", "ع": "a", "و": "w", "ي": "y", "ء": "",
        "ٹ": "t", "ڈ": "d", "ڑ": "r", "ژ": "g",
    }
)  # fmt: skip
_SPELT = re.compile(r"[a-zTXH]+")
_WEAK = str.maketrans("", "", "aeiouwy")
_VOWELS = re.compile(r"[aeiouwy]+")
_FINAL = {"z": "s"}
VOWELS_MAX = 8


@dataclass(frozen=True, slots=True)
class Sound:
    """How a word sounds, near enough for two scripts: one writes all vowels, the other the long."""

    is_arabic: bool
    consonants: str
    vowels: int
    is_short: bool
    """Of two consonants only, which say little even with the vowel between them."""


@lru_cache(maxsize=20_000)
def transliterate(word: str) -> Sound | None:
    """Tell how a folded word sounds; None when its consonants are too few to say.

    A sound of only two consonants also holds the first vowel between them: noon is not nine.
    """
    is_arabic = "\u0621" <= word[:1] <= "\u06d3"
    if is_arabic:
        spelt = word.removesuffix("ه").translate(_ARABIC_LETTERS).replace("tX", "X")
    elif word.isascii() and word.isalpha():
        spelt = _spell_latin(word).removesuffix("h")
    else:
        return None
    if not _SPELT.fullmatch(spelt):
        return None
    spelt = re.sub(r"(.)\1+", r"\1", spelt)
    spelt = spelt[:-1] + _FINAL.get(spelt[-1], spelt[-1])
    begins_with_vowel = spelt[0] in "aeiou"
    first, rest = ("", spelt) if begins_with_vowel else (spelt[0], spelt[1:])
    consonants = first + rest.translate(_WEAK)
    if len(consonants) < CONSONANTS_MIN:
        return None
    vowels = min(len(_VOWELS.findall(rest)) - begins_with_vowel, VOWELS_MAX)
    if begins_with_vowel:
        return Sound(is_arabic, _INITIAL_VOWEL + consonants, vowels, is_short=False)
    if len(consonants) > CONSONANTS_MIN:
        return Sound(is_arabic, consonants, vowels, is_short=False)
    return Sound(is_arabic, consonants + _first_vowel(rest), vowels, is_short=True)


def _spell_latin(word: str) -> str:
    for spelling, sound in _LATIN:
        word = word.replace(spelling, sound)
    return word.translate(_LATIN_LETTERS)


def _first_vowel(spelt: str) -> str:
    kinds = {"o": "U", "u": "U", "w": "U", "e": "I", "i": "I", "y": "I", "a": "A"}
    return next((kinds[sign] for sign in spelt if sign in kinds), "")
