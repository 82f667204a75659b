"""How words are filed: every lexeme begins with its network, so that no two share a list."""

from collections.abc import Iterable, Mapping

from catalog.search.model import SearchEntry, Word
from catalog.search.normalise import normalise
from catalog.search.transliterate import VOWELS_MAX, Sound, transliterate

# The weights by which PostgreSQL keeps a lexeme's places apart.
TITLE, BRAND, CATEGORY = "A", "B", "C"
EVERYTHING = ""
"""Stands in every entry of a network."""
_KEY = "~"
_SPARE_VOWELS = 1
"""A name may be given a vowel more in Arabic than it is written with in Latin: Mc is ماك."""


def filed_words(entry: SearchEntry) -> dict[str, str]:
    """Tell under what an entry is filed, and the weights of the fields in which each stands."""
    filed: dict[str, str] = {}
    fields = (
        (TITLE, entry.titles),
        (BRAND, entry.brand_names),
        (CATEGORY, () if entry.category is None else (entry.category,)),
    )
    for weight, texts in fields:
        for word in (word for text in texts for word in normalise(text)):
            keys = brand_keys(word) if weight == BRAND else ()
            for form in (*word.forms, *word.parts, *keys):
                known = filed.get(form, "")
                filed[form] = known if weight in known else known + weight
    return filed


def brand_keys(word: Word) -> tuple[str, ...]:
    """Give the sounds under which a word of a brand's name is filed."""
    return tuple(_key(sound, sound.is_arabic, sound.vowels) for sound in _sounds(word))


def sought_keys(word: Word) -> tuple[str, ...]:
    """Give what brands are filed under that sound like a word and are of the other script.

    Latin writes at least the vowels that Arabic does, so a word with more of them is another.
    """
    return tuple(
        _key(sound, not sound.is_arabic, vowels)
        for sound in _sounds(word)
        for vowels in range(VOWELS_MAX + 1)
        if (
            sound.vowels <= vowels + _SPARE_VOWELS
            if sound.is_arabic
            else vowels <= sound.vowels + _SPARE_VOWELS
        )
    )


def _sounds(word: Word) -> list[Sound]:
    found = [transliterate(form) for form in word.forms]
    # What is left of a short name behind its article sounds like too much else.
    return [
        sound
        for place, sound in enumerate(found)
        if sound is not None and not (place and sound.is_short)
    ]


def _key(sound: Sound, is_arabic: bool, vowels: int) -> str:  # noqa: FBT001 - of which script
    return f"{_KEY}{'a' if is_arabic else 'l'}{sound.consonants}{vowels}"


def is_plain(form: str) -> bool:
    """Whether it is a word, not the consonants of one."""
    return not form.startswith(_KEY)


def write_vector(network_id: int, filed: Mapping[str, str]) -> str:
    """Write the tsvector of an entry."""
    lexemes = [_quoted(network_id, EVERYTHING)]
    for form, weights in sorted(filed.items()):
        places = ",".join(f"{ord(weight) - ord('@')}{weight}" for weight in weights)
        lexemes.append(f"{_quoted(network_id, form)}:{places}")
    return " ".join(lexemes)


def write_any(network_id: int, forms: Iterable[str], *, weights: str = "") -> list[str]:
    """Write the operands of a tsquery, one for each form; `weights` narrows them to some fields."""
    suffix = f":{weights}" if weights else ""
    return [f"{_quoted(network_id, form)}{suffix}" for form in forms]


def write_prefix(network_id: int, word: str) -> str:
    """Write the operand of a tsquery for all that begins with a word."""
    return f"{_quoted(network_id, word)}:*"


def _quoted(network_id: int, form: str) -> str:
    # Words are letters, digits and marks; the quotes are for those that PostgreSQL takes apart.
    return f"'{network_id:d}.{form}'"
