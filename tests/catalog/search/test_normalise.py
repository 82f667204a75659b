"""A word is filed the same however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.normalise import WORD_LENGTH_MAX, normalise


def words(text: str) -> list[str]:
    return [one.word for one in normalise(text)]


@pytest.mark.parametrize(
    ("text", "filed"),
    [
        ("أمازون إمازون آمازون ٱمازون", ["امازون"] * 4),
        ("مؤمن مومن", ["مومن", "مومن"]),
        ("رئيس رييس", ["رييس", "رييس"]),
        ("هدية هديه", ["هديه", "هديه"]),
        ("مستشفى مستشفي", ["مستشفي", "مستشفي"]),
        ("قَهْوَةٌ", ["قهوه"]),
        ("هٰذا", ["هذا"]),
        ("قهـــوة", ["قهوه"]),
        ("٥٠ ۵۰ 50 ५०", ["50"] * 4),
        ("ﻗﻬﻮﺓ", ["قهوه"]),
        ("کافی", ["كافي"]),
        ("Café CRÈME naïve", ["cafe", "creme", "naive"]),
        ("Straße Øre Łódź", ["strasse", "ore", "lodz"]),
        ("Domino's Domino’s", ["dominos", "dominos"]),
        ("ＮＯＯＮ ﬁne", ["noon", "fine"]),
        ("star\u200bbucks \u200fنون\u200f", ["starbucks", "نون"]),
        ("7-Eleven, H&M!", ["7", "eleven", "h", "m"]),
        ("नमस्ते", ["नमस्ते"]),
        ("カード ｶｰﾄﾞ", ["かー", "ーど"] * 2),
        ("抹茶 茶", ["抹茶", "茶"]),
        ("PS5用カード50円", ["ps5", "用か", "かー", "ーど", "50", "円"]),
        ("기프트 카드", ["기프", "프트", "카드"]),
        ("นวดไทย ๕๐", ["นว", "วด", "ดไ", "ไท", "ทย", "50"]),
        ("ผ่อน", ["ผ่อ", "อน"]),
        ("İZMİR ISPARTA ısparta", ["izmir", "isparta", "isparta"]),
        ("Đặc biệt Øre þing", ["dac", "biet", "ore", "thing"]),
        ("ЗВЁЗДНЫЙ ґанок", ["звездныи", "ганок"]),
        ("ΔΊΣΚΟΣ δισκος", ["δισκοσ", "δισκοσ"]),
        ("שָׁלוֹם צ׳יפס צ'יפס", ["שלומ", "ציפס", "ציפס"]),
        ("چائے چائی ہوں کھانا کهانا", ["چايي", "چايي", "هون", "كهانا", "كهانا"]),
        ("ـــ \u064b\u064c 🎁 %&|!()':*", []),
    ],
)
def test_what_writers_vary_makes_no_difference(text, filed) -> None:
    assert words(text) == filed


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("القهوة", ("القهوه", "قهوه")),
        ("والقهوة", ("والقهوه", "قهوه")),
        ("بالقهوة", ("بالقهوه", "قهوه")),
        ("للأطفال", ("للاطفال", "اطفال")),
        ("قهوة", ("قهوه",)),
        ("الآن", ("الان",)),  # two letters are left, which say nothing
        ("ولد", ("ولد",)),
        ("Al Baik", ("albaik", "baik")),
        ("el Prado", ("elprado", "prado")),
        ("הקפה", ("הקפה", "קפה")),
        ("הבא", ("הבא",)),
    ],
)
def test_a_word_behind_an_article_is_also_filed_without_it(text, forms) -> None:
    (word,) = normalise(text)

    assert word.forms == forms


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Müller", ("muller", "mueller")),
        ("Brød", ("brod", "broed")),
        ("Åre", ("are", "aare")),
        ("Mueller", ("mueller",)),
        ("کتاب\u200cها", ("كتابها", "كتاب")),
        ("می\u200cخواهم", ("ميخواهم",)),  # two letters say nothing
    ],
)
def test_what_is_spelt_in_two_ways_is_filed_in_both(text, forms) -> None:
    (word,) = normalise(text)

    assert word.forms == forms


def test_a_pair_of_signs_is_found_by_each_of_them_and_looked_for_whole() -> None:
    first, second = normalise("抹茶味")

    assert (first.raw, first.forms, first.parts) == ("抹茶", ("抹茶",), ("抹", "茶"))
    assert (second.forms, second.parts) == (("茶味",), ("茶", "味"))
    (alone,) = normalise("茶")
    assert (alone.forms, alone.parts) == (("茶",), ())


def test_an_article_without_a_word_is_a_word() -> None:
    assert words("al") == ["al"]
    assert words("Al نون") == ["al", "نون"]


def test_a_word_keeps_how_it_was_written() -> None:
    assert [one.raw for one in normalise("Café أمازون ٥٠")] == ["café", "أمازون", "٥٠"]


@given(st.text(max_size=300))
def test_any_text_is_words_that_are_filed_as_themselves(text) -> None:
    for word in normalise(text):
        assert 1 <= len(word.word) <= WORD_LENGTH_MAX
        assert not set(word.word) & set(" '\"&|!():*\\\0\u0640\u200b\u200f")
        assert word.word in {form for again in normalise(word.word) for form in again.forms} or (
            len(word.word) == WORD_LENGTH_MAX
        )
