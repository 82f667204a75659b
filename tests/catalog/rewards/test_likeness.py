"""Pairs of items of two suppliers, each with what a buyer who knows the brands says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rewards.likeness import (
    Likeable,
    Likeness,
    block_of,
    is_named_like,
    key_of,
    liken,
    share_a_face,
)
from catalog.rewards.model import GiftCardTerms
from payouts.money import Money

SAME, DOUBTFUL, DIFFERENT = Likeness.SAME, Likeness.DOUBTFUL, Likeness.DIFFERENT


def item(
    brand: str,
    title: str | None = None,
    faces: tuple[int, ...] = (50, 100),
    *,
    country: str = "SA",
    currency: str = "SAR",
) -> Likeable:
    amounts = [Money(face * 100, currency) for face in faces]
    return Likeable(brand, title or brand, country, GiftCardTerms.of_own_faces(*amounts))


def priced(title: str, *faces: str) -> Likeable:
    amounts = [Money.of_decimal(face, "USD") for face in faces]
    return Likeable("Jawaker", title, "SA", GiftCardTerms.of_own_faces(*amounts))


def open_item(brand: str, low: float, high: float, *, step: float = 0.01) -> Likeable:
    bounds = (Money(round(each * 100), "SAR") for each in (low, high, step))
    terms = GiftCardTerms.of_own_range(*bounds)
    return Likeable(brand, brand, "SA", terms)


NAMES = [
    # case, punctuation, forms of firms, what kind of thing it is, the country's own name
    ("Carrefour", "carrefour", SAME),
    ("Carrefour", "Carrefour Gift Card", SAME),
    ("Carrefour", "Carrefour KSA", SAME),
    ("Carrefour", "Carrefour Saudi Arabia", SAME),
    ("Amazon", "Amazon.com, Inc.", SAME),
    ("Amazon.sa", "Amazon", SAME),
    ("Toys'R'Us", "Toys R Us", SAME),
    ("H&M", "H & M", SAME),
    ("H&M", "H and M", SAME),
    ("Nestlé", "Nestle", SAME),
    ("PlayStation®", "Play Station", SAME),
    ("The Body Shop", "Body Shop", SAME),
    ("Disney+", "Disney Plus", SAME),
    ("STARBUCKS™", "Starbucks Ltd.", SAME),
    ("Noon e-Gift Voucher", "noon", SAME),
    # Arabic: hamza, alif maqsura, taa marbuta, tatweel, marks, kinds of cards, the article of a firm
    ("أمازون", "امازون", SAME),
    ("مكتبة جرير", "مكتبه جرير", SAME),
    ("كارفور", "كـارفـور", SAME),
    ("نُون", "نون", SAME),
    ("بطاقة هدايا جرير", "جرير", SAME),
    ("هنقرستيشن السعودية", "هنقرستيشن", SAME),
    ("شركة نون المحدودة", "نون", SAME),
    ("مستشفى دله", "مستشفي دلة", SAME),
    # nearly
    ("Carrefour", "Carefour", DOUBTFUL),
    ("Starbucks", "Starbuks", DOUBTFUL),
    ("Starbucks", "Starbukcs", DOUBTFUL),
    ("Apple", "Apple Music", DOUBTFUL),
    ("Xbox", "Xbox Game Pass", DOUBTFUL),
    ("كارفور", "كارفور ماركت", DOUBTFUL),
    ("هنقرستيشن", "هنقرستيشين", DOUBTFUL),
    # another
    ("Carrefour", "Lulu", DIFFERENT),
    ("Nike", "Mike", DIFFERENT),
    ("Zara", "Zara Home Kids", DOUBTFUL),
    ("Google Play", "Google Chrome", DIFFERENT),
    ("H&M", "H&R", DIFFERENT),
    ("نون", "نور", DIFFERENT),
    ("جرير", "حرير", DIFFERENT),
    ("Amazon", "أمازون", DIFFERENT),
    # words for cards are no part of a name where they stand for the card, and a part elsewhere
    ("Gift Card for Amazon", "Amazon", SAME),
    ("eGift Amazon", "Amazon", SAME),
    ("House of Fraser", "House Fraser", SAME),
    ("Code Red", "Red", DIFFERENT),
    ("Digital Ocean", "Ocean", DIFFERENT),
    ("Card Factory", "Factory", DIFFERENT),
    ("In N Out", "N Out", DIFFERENT),
    ("Carrefour Online", "Carrefour", DOUBTFUL),
    # numbers
    ("TIS-100", "TIS100", SAME),
    ("Studio 54", "Studio 55", DIFFERENT),
    ("Free Fire 100 Diamonds", "Free Fire 110 Diamonds", DIFFERENT),
]


@pytest.mark.parametrize(("one", "other", "expected"), NAMES)
def test_names_of_brands(one: str, other: str, expected: Likeness) -> None:
    assert liken(item(one), item(other)).likeness is expected
    assert liken(item(other), item(one)).likeness is expected


# What is the same but for a slip later on begins alike; only such are ever compared.
@pytest.mark.parametrize(
    ("one", "other"), [(a, b) for a, b, expected in NAMES if expected is not DIFFERENT]
)
def test_what_is_not_different_begins_alike(one: str, other: str) -> None:
    keys = key_of(one, "SA"), key_of(other, "SA")
    assert keys[0] is not None
    assert keys[1] is not None
    assert block_of(keys[0]) == block_of(keys[1])
    assert is_named_like(*keys)
    assert is_named_like(*reversed(keys))


def test_names_that_only_begin_alike_are_not_looked_at() -> None:
    assert not is_named_like("starbucks", "starzplay")


@pytest.mark.parametrize(("one", "other", "expected"), NAMES)
def test_what_is_the_same_has_one_key(one: str, other: str, expected: Likeness) -> None:
    assert (key_of(one, "SA") == key_of(other, "SA")) == (expected is SAME)


def test_a_brand_may_begin_like_the_code_of_its_country() -> None:
    polo = [item(name, country="US") for name in ("US Polo", "Polo", "Polo US", "Polo USA")]
    assert [liken(one, polo[1]).likeness for one in polo] == [DIFFERENT, SAME, SAME, SAME]


PS = "PlayStation"
UC, DIAMONDS = "PUBG Mobile 300 + 25 UC", "Free Fire 530 + 53 Diamonds"


@pytest.mark.parametrize(
    ("one", "other", "expected", "reasons"),
    [
        (item(PS, "PlayStation Gift Card SAR 50"), item(PS, "PlayStation KSA"), SAME, ()),
        (item(PS, "بطاقة PlayStation"), item(PS, "PlayStation eGift"), SAME, ()),
        (item(PS), item(PS, "PlayStation Plus"), DOUBTFUL, ("title",)),
        (item(PS, "PlayStation 3 Months"), item(PS, "PlayStation 12 Months"), DIFFERENT, ()),
        (item("Carrefour", "Carrefour Mall"), item("Carefour"), DOUBTFUL, ("brand", "title")),
        # A subscription is no card of what it is for.
        (
            item("Nintendo", "Nintendo Switch Online"),
            item("Nintendo", "Nintendo Switch"),
            DOUBTFUL,
            ("title",),
        ),
        # Numbers that stick to words, thousands, and what a face is made of.
        (item("PUBG", "PUBG Mobile 60UC"), item("PUBG", "PUBG Mobile 60 UC"), SAME, ()),
        (item("PUBG", "PUBG Mobile 60UC"), item("PUBG", UC), DIFFERENT, ()),
        (item(PS, "PlayStation 50SAR"), item(PS), SAME, ()),
        (item("Fortnite", "1,000 V-Bucks"), item("Fortnite", "1000 V-Bucks"), SAME, ()),
        (item("Fortnite", "1,000 V-Bucks"), item("Fortnite", "2,800 V-Bucks"), DIFFERENT, ()),
        (
            priced("Jawaker 50 tokens", "1.50"),
            priced("Jawaker tokens", "1.50"),
            DOUBTFUL,
            ("title",),
        ),
        (priced("Jawaker 1.5", "1.50"), priced("Jawaker", "1.50", "4.25"), SAME, ()),
        # A number that is a face as well may count what the title names.
        (item("Uber", "Uber 50 days"), item("Uber", "Uber 100 days"), DOUBTFUL, ("title",)),
        (item("Uber", "Uber 50 SAR"), item("Uber", "Uber 100 SAR"), SAME, ()),
        # Of a supplier without brands the product is the brand.
        (item("Free Fire 210 Diamonds"), item("Free Fire", DIAMONDS), DIFFERENT, ()),
        (item(DIAMONDS), item("Free Fire", DIAMONDS), DOUBTFUL, ("brand",)),
        (item(PS), item(PS, country="AE"), DIFFERENT, ()),
        (item(PS), item(PS, currency="USD"), DIFFERENT, ()),
        (item(PS, faces=(50,)), item(PS, faces=(100, 200)), DIFFERENT, ()),
        (item(PS, faces=(50, 100)), item(PS, faces=(100, 200)), SAME, ()),
        (open_item(PS, 10, 60), item(PS, faces=(50, 100)), SAME, ()),
        (open_item(PS, 10, 49), item(PS, faces=(50, 100)), DIFFERENT, ()),
        (open_item(PS, 10, 50), open_item(PS, 50, 90), SAME, ()),
        (open_item(PS, 10, 49), open_item(PS, 50, 90), DIFFERENT, ()),
        (open_item(PS, 10, 60, step=1), item(PS, faces=(50,)), SAME, ()),
        (open_item(PS, 10, 60, step=20), item(PS, faces=(40,)), DIFFERENT, ()),
        (open_item(PS, 10, 60, step=1), open_item(PS, 20.01, 20.99), DIFFERENT, ()),
        (open_item(PS, 10, 60, step=1), open_item(PS, 20.01, 21), SAME, ()),
        (open_item(PS, 10, 90, step=6), open_item(PS, 11, 80, step=4), DIFFERENT, ()),
        (open_item(PS, 10, 90, step=6), open_item(PS, 12, 81, step=4), SAME, ()),
        (open_item(PS, 10, 15, step=6), open_item(PS, 15, 80, step=4), SAME, ()),
    ],
)
def test_more_than_the_name(
    one: Likeable, other: Likeable, expected: Likeness, reasons: tuple[str, ...]
) -> None:
    for found in (liken(one, other), liken(other, one)):
        assert (found.likeness, found.reasons) == (expected, reasons)


@st.composite
def ranges(draw: st.DrawFn) -> GiftCardTerms:
    low = draw(st.integers(1, 40))
    bounds = low, draw(st.integers(low, 60)), draw(st.integers(1, 20))
    return GiftCardTerms.of_own_range(*(Money(each, "SAR") for each in bounds))


@given(ranges(), ranges())
def test_two_ranges_share_a_face_where_both_have_one(
    one: GiftCardTerms, other: GiftCardTerms
) -> None:
    assert one.face_range is not None
    assert other.face_range is not None
    faces = [Money(each, "SAR") for each in range(1, 61)]
    shared = [face for face in faces if one.face_range.has(face) and other.face_range.has(face)]
    assert share_a_face(one, other) == bool(shared)
