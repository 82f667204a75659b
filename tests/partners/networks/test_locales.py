"""Languages are BCP 47 tags; where a text is not in the one that is wished, the nearest is given."""

import pytest

from partners.networks import (
    InvalidLocale,
    check_locale,
    choose_locale,
    find_locale,
    in_locale,
    is_right_to_left,
    localised_name,
    nearest_locale,
    script_of,
)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("en", "en"),
        ("AR", "ar"),
        ("pt-br", "pt-BR"),
        ("PT_BR", "pt-BR"),
        ("ZH-hant", "zh-Hant"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("sr-latn", "sr-Latn"),
        ("es-419", "es-419"),
        ("fil", "fil"),
        ("ckb-IQ", "ckb-IQ"),
        ("ca-valencia", "ca-valencia"),
        ("de-1996", "de-1996"),
        ("iw", "he"),  # what Java calls it
        ("in-ID", "id-ID"),
        ("eng", "en"),
        ("en-UK", "en-GB"),
        ("ar-SA-u-nu-latn", "ar-SA"),  # as phones send it
        ("fr-x-ours", "fr"),
    ],
)
def test_a_tag_is_written_in_one_way(given, canonical) -> None:
    assert find_locale(given) == canonical == find_locale(canonical)


@pytest.mark.parametrize(
    "given",
    [
        "", "e", "xx", "jp", "english", "en-", "-en", "en--US", "en-XX", "en-Abcd", "e n", "en US",
        "und", "mul", "root", "x-klingon", "i-klingon", "zh-yue", "en-posixx", "en@euro", "en.UTF-8",
        "en\n", "en\0", "ار", "en" * 50, "ca-ES-valencia-ijekavsk", "*",
    ],
)  # fmt: skip
def test_what_is_no_language_is_refused_by_its_name(given) -> None:
    assert find_locale(given) is None
    with pytest.raises(InvalidLocale) as refused:
        check_locale(given, "name", "0", "locale")
    assert refused.value.path == ("name", "0", "locale")
    assert refused.value.facts == {"locale": ascii(given[:40])}


@pytest.mark.parametrize(
    ("known", "asked", "nearest"),
    [
        ("en ar", "ar", "ar"),
        ("pt pt-BR", "pt-BR", "pt-BR"),
        ("pt en", "pt-BR", "pt"),
        ("zh-Hant zh", "zh-Hant-HK", "zh-Hant"),
        ("zh zh-Hant", "zh-TW", "zh-Hant"),
        ("zh zh-Hant", "zh-CN", "zh"),
        ("zh-Hans zh-Hant", "zh", "zh-Hans"),
        ("zh-TW zh", "zh-Hant", "zh-TW"),
        ("sr sr-Latn", "sr-Latn-ME", "sr-Latn"),
        ("sr", "sr-Latn", "sr"),
        ("pt-BR pt-PT", "pt", "pt-BR"),
        ("ar-AE ar-SA", "ar-EG", "ar-AE"),
        ("no en", "nb", "no"),
        ("en ar", "fr", None),
        ("en", "enm", None),
    ],
)
def test_the_nearest_is_itself_then_a_parent_then_one_of_its_kin(known, asked, nearest) -> None:
    assert nearest_locale(known.split(), asked) == nearest


@pytest.mark.parametrize(
    ("texts", "asked", "default", "found"),
    [
        ({"en": "E", "ar": "A"}, "ar", "en", "A"),
        ({"en": "E", "ar": "A"}, "ar-SA", "en", "A"),
        ({"en": "E", "ar": "A", "fr": "F"}, "de", "fr", "F"),
        ({"en": "E", "ar": "A", "fr": "F"}, "de", "fr-CA", "F"),
        ({"en": "E", "ar": "A", "pt": "P"}, "pt-BR", "ar", "P"),
        ({"en": "E", "ar-SA": "A"}, "ar", "en", "A"),
        ({"en": "E", "ar": "A"}, "de", "fr", "E"),
        ({"en-GB": "E", "ar": "A"}, "de", "fr", "E"),
        ({"fr": "F", "ar": "A"}, "de", "tr", "A"),
        ({"ur": "U"}, "en", "ar", "U"),
    ],
)
def test_a_missing_language_falls_back(texts, asked, default, found) -> None:
    assert in_locale(texts, asked, default) == found


def test_of_several_wishes_the_first_that_can_be_met_counts() -> None:
    assert choose_locale(["ar", "en", "fr"], ["da", "fr-CA", "ar"]) == "fr"
    assert choose_locale(["ar", "en", "fr"], ["da"]) == "en"
    assert choose_locale(["fr", "ar"], []) == "ar"


@pytest.mark.parametrize(
    ("locales", "script", "from_the_right"),
    [
        ("ar ar-EG fa ur ps sd ug ckb pa-Arab uz-AF az-Arab", "Arab", True),
        ("he he-IL yi", "Hebr", True),
        ("dv", "Thaa", True),
        ("en pt-BR tr vi az uz ku", "Latn", False),
        ("ru sr mn", "Cyrl", False),
        ("zh zh-CN", "Hans", False),
        ("zh-TW zh-HK zh-Hant", "Hant", False),
        ("ja", "Jpan", False),
    ],
)
def test_a_language_runs_as_its_script_does(locales, script, from_the_right) -> None:
    for locale in locales.split():
        assert (script_of(locale), is_right_to_left(locale)) == (script, from_the_right), locale


def test_a_name_is_kept_under_canonical_tags() -> None:
    given = {"EN": " Souk ", "pt-br": "Feira", "zh_hant": "市集"}
    assert localised_name(given) == {"en": "Souk", "pt-BR": "Feira", "zh-Hant": "市集"}
