"""The console's words: the same in both languages, and some for everything that the API can say."""

import re
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLSchema, build_schema

from payouts.disbursement import Reason
from tests.api.console.looking import ASSETS, tell
from tests.conftest import ROOT

# Which words say the values of which type.
SAID = {
    "cycleState": "SettlementCycleState",
    "payout": "PayoutState",
    "todo": "PayoutState",
    "collection": "CollectionState",
    "statementState": "StatementState",
    "outcome": "StatementOutcome",
    "catalogueImport": "CatalogueImportState",
    "purchaseIntake": "PurchaseIntakeState",
    "order": "SettlementOrderKind",
    "legOfPayout": "PayoutLeg",
    "attempt": "AttemptState",
    "role": "StaffRole",
}
KINDS = (
    *("unreachable", "busy", "wrong_secret", "refused", "signed_out", "forbidden"),
    *("too_many", "failed"),
)


def flat(told: dict[str, Any], path: str = "") -> dict[str, str]:
    found = {}
    for name, value in told.items():
        inside = {name: value} if isinstance(value, str) else flat(value, f"{name}.")
        found |= {f"{path}{key}": text for key, text in inside.items()}
    return found


@cache
def words() -> dict[str, dict[str, str]]:
    """The words of each language, by their path."""
    return {language: flat(one) for language, one in tell()["words"].items()}


@cache
def schema() -> GraphQLSchema:
    text = (ROOT / "schema.graphql").read_text()
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def test_both_languages_say_the_same_things() -> None:
    assert set(words()) == {"en", "ar"}
    assert set(words()["en"]) == set(words()["ar"])
    for path, text in words()["en"].items():
        arabic = words()["ar"][path]
        assert text.strip() == text != "", path
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", arabic), path
        assert re.search(r"[\u0600-\u06ff]", arabic), path
        # What is to be called is called by the same name.
        names = r"\b[a-z]+[A-Z]\w+\b"
        assert sorted(re.findall(names, text)) == sorted(re.findall(names, arabic)), path


@pytest.mark.parametrize("path", SAID)
def test_every_value_of_the_schema_has_words(path: str) -> None:
    type_ = schema().type_map[SAID[path]]
    assert isinstance(type_, GraphQLEnumType)
    said = {one.partition(".")[2] for one in words()["en"] if one.startswith(f"{path}.")}

    assert said == set(type_.values)


def test_every_reason_and_every_trouble_has_words() -> None:
    for prefix, names in (("reason", list(Reason)), ("trouble", KINDS)):
        said = {path for path in words()["en"] if path.startswith(f"{prefix}.")}
        assert said == {f"{prefix}.{name}" for name in names}
    thrown = {
        kind
        for path in ASSETS.glob("*.js")
        for kind in re.findall(r'new Trouble\("(\w+)"', path.read_text())
    }
    assert thrown <= set(KINDS)


def test_whatever_a_page_says_has_words_and_every_word_is_said() -> None:
    said, begun = set(), set()
    for path in ASSETS.glob("*.js"):
        text = path.read_text()
        said |= set(re.findall(r'(?<![#.\w])say\(\s*"([\w.]+)"', text))
        said |= set(re.findall(r'label: "([\w.]+)"', text))
        begun |= set(re.findall(r"say\(`([\w.]+)\.\$\{", text))
        begun |= set(re.findall(r'badge\("(\w+)"', text))
        said |= set(re.findall(r'"((?:denied|halt)\.\w+)"', text))
    missing = said - set(words()["en"])
    assert missing == set()
    idle = {
        path
        for path in words()["en"]
        if path not in said and not any(path.startswith(f"{one}.") for one in begun)
    }
    assert idle == {"language"}


def test_numbers_and_times_are_those_of_the_books() -> None:
    """The digits and the calendar are the same in both languages; times are of the network's zone."""
    at = "2026-03-15T22:30:00+00:00"
    says = [
        {"language": language, "what": what, "of": [value]}
        for language in ("en", "ar")
        for what, value in (("count", 12_345), ("moment", at), ("day", "2026-03-15"))
    ]
    told = tell(zone="Asia/Riyadh", says=says)["says"]

    assert told[0] == told[3] == "12,345"
    # Half past ten in the evening is the next day in Riyadh; a day alone is not moved.
    assert told[1] == "16 Mar 2026, 01:30"
    assert told[2] == "15 Mar 2026"
    assert told[4] == "16 مارس 2026، 01:30"
    assert told[5] == "15 مارس 2026"
    assert tell(zone="Nowhere/At-All", says=says[1:2])["says"] == ["15 Mar 2026, 22:30"]
