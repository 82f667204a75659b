"""Amounts are written as people of a language write them, digit by digit."""

import pytest

from api.graphql.scalars import place_of, write_amount

NBSP, NNBSP, RLM, LRM = "\u00a0", "\u202f", "\u200f", "\u200e"


@pytest.mark.parametrize(
    ("locale", "yen", "riyals", "dinars"),
    [
        ("en", "¥1,234,567", "SAR1,234.50", "KWD1,234.567"),
        (
            "fr",
            f"1{NNBSP}234{NNBSP}567{NBSP}JPY",
            f"1{NNBSP}234,50{NBSP}SAR",
            f"1{NNBSP}234,567{NBSP}KWD",
        ),
        ("de", f"1.234.567{NBSP}¥", f"1.234,50{NBSP}SAR", f"1.234,567{NBSP}KWD"),
        (
            "ar",
            f"{RLM}1,234,567{NBSP}JP¥",
            f"{RLM}1,234.50{NBSP}ر.س.{RLM}",
            f"{RLM}1,234.567{NBSP}د.ك.{RLM}",
        ),
        ("ja", "￥1,234,567", "SAR1,234.50", "KWD1,234.567"),
        (
            "he",
            f"{RLM}1,234,567{NBSP}{RLM}¥",
            f"{RLM}1,234.50{NBSP}{RLM}SAR",
            f"{RLM}1,234.567{NBSP}{RLM}KWD",
        ),
        ("pt-BR", f"JP¥{NBSP}1.234.567", f"SAR{NBSP}1.234,50", f"KWD{NBSP}1.234,567"),
        ("fa", f"{LRM}¥{NBSP}1,234,567", f"{LRM}SAR{NBSP}1,234.50", f"{LRM}KWD{NBSP}1,234.567"),
        ("hi", "JP¥12,34,567", "SAR1,234.50", "KWD1,234.567"),
    ],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(
    locale, yen, riyals, dinars
) -> None:
    written = [
        write_amount("1234567", "JPY", locale),
        write_amount("1234.50", "SAR", locale),
        write_amount("1234.567", "KWD", locale),
    ]
    assert written == [yen, riyals, dinars]


@pytest.mark.parametrize(
    ("locale", "place"),
    [
        ("ar", "ar_SA"),
        ("ar-EG", "ar_EG"),
        ("pt-BR", "pt_BR"),
        ("zh-TW", "zh_Hant_TW"),
        ("ca-valencia", "ca"),
        ("de-1996", "de"),
        ("tlh", "en"),
    ],
)
def test_customs_are_those_of_the_language_or_its_nearest(locale, place) -> None:
    assert place_of(locale) == place
