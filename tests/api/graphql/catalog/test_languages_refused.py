"""What is no language, and more of them than a text may have, changes nothing and says where it is."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from tests.api.graphql.catalog.speaking import READ, SEARCH, open_languages
from tests.factories.rows import count


async def test_what_is_no_language_is_refused_with_its_place(
    database: Database, superuser: AsyncConnection
) -> None:
    async with open_languages(database) as office:
        wrong = [
            ({"en": "Card", "xx": "?"}, ["reward", "texts", "1", "locale"]),
            ({"": "Card"}, ["reward", "texts", "0", "locale"]),
            ({"\u202een": "Card"}, ["reward", "texts", "0", "locale"]),
            ({"en" * 5_000: "Card"}, ["reward", "texts", "0", "locale"]),
            ({"en": "Card", "EN": "Card"}, ["reward", "texts"]),
            ({"pt-BR": "Carta", "pt_br": "Carta"}, ["reward", "texts"]),
        ]
        refused = [(await office.create(titles), path) for titles, path in wrong]
        named = [
            {"locale": "en", "text": "Falcon"},
            {"locale": "francais", "text": "Faucon"},
        ]
        brand = await office.operator.mutate(
            "createBrand", {"slug": "falcon", "name": named}, "brand { id }"
        )

    for answer, path in refused:
        assert answer["reward"] is None
        assert [(one["code"], one["path"]) for one in answer["problems"]] == [
            ("INVALID_INPUT", path)
        ]
    assert brand["brand"] is None
    (problem,) = brand["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["name", "1", "locale"])
    assert problem["message"] == (
        "A language is the BCP 47 tag of one that is known, such as en, pt-BR or zh-Hant;"
        " 'francais' is not."
    )
    assert await count(superuser, "catalog.reward") == 0
    assert await count(superuser, "catalog.brand") == 0


async def test_a_wrong_argument_is_an_error_at_its_field(database: Database) -> None:
    async with open_languages(database) as office:
        reward_id = await office.publish()
        answers = [
            await office.member.run(READ, {"id": reward_id, "l": "xx"}),
            await office.member.run(SEARCH, {"words": "falcon", "l": "xx"}),
            await office.member.run(
                '{ rewards(country: "SA", first: 1, locale: "klingon") { edges { cursor } } }'
            ),
            await office.member.run(
                '{ rewards(country: "SA", first: 1) { edges { node { ... on GiftCardReward {'
                " denominations { face { formatted(locale: xx) } } } } } } }"
            ),
        ]
        number = await office.member.run(
            "{ brands(first: 1) { edges { node { name(locale: 7) } } } }"
        )

    assert [[(one["extensions"], one["path"][-1]) for one in a["errors"]] for a in answers] == [
        [({"code": "BAD_ARGUMENT", "path": ["locale"]}, field)]
        for field in ("title", "searchRewards", "rewards", "formatted")
    ]
    assert answers[0]["errors"][0]["message"] == (
        "'xx' is no language: A language is a BCP 47 tag of one that is known, such as \"en\","
        ' "pt-BR" or "zh-Hant".'
    )
    assert "path" not in number["errors"][0]
    assert 'such as EN, "fr" or "pt-BR"' in number["errors"][0]["message"]


async def test_a_reward_speaks_so_many_languages_and_no_more(
    database: Database, superuser: AsyncConnection
) -> None:
    tags = [
        "en",
        "ar",
        "fr",
        "de",
        "es",
        "pt",
        "it",
        "nl",
        "da",
        "sv",
        "nb",
        "fi",
        "pl",
        "cs",
        "hu",
        "ro",
        "bg",
        "el",
        "tr",
        "ru",
        "uk",
        "he",
        "fa",
        "ur",
        "hi",
    ]
    assert len(tags) == 25
    async with open_languages(database) as office:
        most = await office.create(dict.fromkeys(tags[:24], "Falcon card"))
        more = await office.create(dict.fromkeys(tags, "Falcon card"))

    assert [one["locale"] for one in most["reward"]["texts"]] == sorted(tags[:24])
    assert [(one["code"], one["path"]) for one in more["problems"]] == [
        ("INVALID_INPUT", ["texts"])
    ]
    assert more["problems"][0]["message"] == ("25 languages are too many: a text may be in 24.")
    assert await count(superuser, "catalog.reward") == 1
