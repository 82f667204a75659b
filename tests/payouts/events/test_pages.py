"""The pages for auditors say what the code does."""

import pytest

from payouts.ledger import CHART
from payouts.ledger.purposes import PURPOSES
from tests.payouts.events.pages import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text() == PAGES[name](), (
        "write it anew: python -m tests.payouts.events.pages"
    )


def test_every_account_says_what_it_is_for() -> None:
    assert list(PURPOSES) == list(CHART)
