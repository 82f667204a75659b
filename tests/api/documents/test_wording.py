"""Every word of a document is in English and in Arabic."""

import re
import string

import pytest

from api.documents.wording import KINDS, WORDING, say_kind
from api.graphql.languages import Spoken
from payouts.settlement import Outcome, StatementState

_ARABIC = re.compile(r"[\u0600-\u06ff]")


@pytest.mark.parametrize("name", [*WORDING, *KINDS])
def test_a_word_has_both_languages_and_the_same_blanks(name: str) -> None:
    english, arabic = {**WORDING, **KINDS}[name]
    blanks = [
        {one for _, one, _, _ in string.Formatter().parse(text) if one}
        for text in (english, arabic)
    ]
    assert blanks[0] == blanks[1]
    assert _ARABIC.search(arabic)
    assert not _ARABIC.search(english)


def test_every_state_and_outcome_has_words() -> None:
    wanted = {f"state.{one.value}" for one in StatementState}
    wanted |= {f"outcome.{one.value}" for one in Outcome}
    assert wanted <= WORDING.keys()


def test_kinds_are_called_by_their_words_reversals_too_and_others_by_their_name() -> None:
    said = [
        say_kind(kind, locale)
        for kind in ("card.sale", "card.sale.reversed", "test.other", "test.other.reversed")
        for locale in Spoken
    ]
    assert said == [
        "Gift card sold",
        "بيع بطاقة هدايا",
        "Reversal: Gift card sold",
        "عكس: بيع بطاقة هدايا",
        "test.other",
        "test.other",
        "Reversal: test.other",
        "عكس: test.other",
    ]
