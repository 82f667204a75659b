"""Names are recognised across the scripts, and different names are not."""

import pytest

from catalog.search.lexemes import brand_keys, sought_keys
from catalog.search.normalise import normalise
from catalog.search.transliterate import transliterate

SAME = """
starbucks ستاربكس|noon نون|amazon أمازون|carrefour كارفور|mcdonalds ماكدونالدز|burger برجر
burger برغر|king كينج|king كنغ|adidas أديداس|netflix نتفليكس|playstation بلايستيشن
spotify سبوتيفاي|uber أوبر|apple آبل|jarir جرير|careem كريم|lulu لولو|zara زارا|google جوجل
puma بوما|sephora سيفورا|talabat طلبات|chanel شانيل|aramex أرامكس|albaik البيك|dominos دومينوز
dominos ڈومینوز|tata ٹاٹا|shein شيين|falcon فالكون|hotel هوتيل|yasmin ياسمين|ghazal غزال|mishkah مشكاة|qasr قصر
"""
# The second has the same consonants in another order or number, other vowels, or far more of them.
OTHER = """
nine نون|noon نانا|noon نعناع|spa سباحة|misk موسيقي|card نون|starbucks زعتر|amazon أديداس|zara سارة
careem كريمات|lulu ليلى|puma بيما|king كنيسة|burger برج|netflix نفط|qasr كسل
"""


def pairs(lines: str) -> list[list[str]]:
    return [one.split(maxsplit=1) for line in lines.split("\n") for one in line.split("|") if one]


def sounds_like(query: str, brand: str) -> bool:
    (sought,) = normalise(query)
    filed = {key for word in normalise(brand) for key in brand_keys(word)}
    return bool(filed & set(sought_keys(sought)))


@pytest.mark.parametrize(("latin", "arabic"), pairs(SAME))
def test_a_name_is_recognised_from_either_script(latin, arabic) -> None:
    assert sounds_like(latin, arabic)
    assert sounds_like(arabic, latin)


@pytest.mark.parametrize(("latin", "arabic"), pairs(OTHER))
def test_another_name_is_not(latin, arabic) -> None:
    assert not sounds_like(latin, arabic)


def test_names_of_one_script_are_compared_by_their_letters_alone() -> None:
    assert not sounds_like("cream", "Careem")
    assert not sounds_like("كرم", "كريم")


@pytest.mark.parametrize("word", ["ikea", "a", "أنا", "50", "ps5", "नमस्ते", "w", "هو"])
def test_what_says_too_little_has_no_sound(word) -> None:
    assert transliterate(word) is None
