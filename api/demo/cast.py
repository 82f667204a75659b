"""Who plays in the story, and what they look at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey

from api.auth import sign_member_token
from api.clock import Clock
from api.demo.client import Api, Person
from api.demo.outside import Outside
from api.demo.telling import Telling

WALLET = "{ wallet { balances { currency available { decimal } held { decimal } pending { decimal } } } }"
BALANCE = (
    "{ partnerBalance { balances { currency receivable { decimal } payable { decimal }"
    " net { decimal } } } }"
)
CURRENCY = "SAR"


@dataclass(slots=True)
class Stage:
    """Everything that the steps of the story share."""

    api: Api
    outside: Outside
    telling: Telling
    clock: Clock
    run: str
    operator: Person
    maker: Person
    checker: Person
    grocery: Person
    coffee: Person
    guide: Person
    partner_ids: dict[str, str]
    brand_key: dict[str, Any] = field(repr=False)
    notes: dict[str, Any] = field(default_factory=dict)
    """What later steps need of earlier ones: ids, codes, people who joined."""

    @property
    def now(self) -> datetime:
        """The time on the story's clock."""
        return self.clock.now()

    def member(self, name: str, external_id: str) -> Person:
        """A member's app; the grocery's own backend signs its tokens."""

        def sign() -> str:
            return sign_member_token(
                ECKey.import_key(self.brand_key),
                kid=self.brand_key["kid"],
                issuer=self.api.url,
                external_id=external_id,
                now=self.clock.now(),
            )

        return Person(name, sign)

    def wallet(self, person: Person) -> dict[str, str]:
        """What a member has: available, held and pending, as decimals."""
        for row in self.api.ask(person, WALLET)["wallet"]["balances"]:
            if row["currency"] == CURRENCY:
                return {name: row[name]["decimal"] for name in ("available", "held", "pending")}
        return {"available": "0.00", "held": "0.00", "pending": "0.00"}

    def account(self, person: Person) -> dict[str, str]:
        """What a partner owes and is owed, as decimals."""
        for row in self.api.ask(person, BALANCE)["partnerBalance"]["balances"]:
            if row["currency"] == CURRENCY:
                return {name: row[name]["decimal"] for name in ("receivable", "payable", "net")}
        return {"receivable": "0.00", "payable": "0.00", "net": "0.00"}

    def watch(self, person: Person, part: str = "available") -> Callable[[], None]:
        """Note what a member has now; calling the result tells what it became."""
        before = self.wallet(person)[part]

        def tell() -> None:
            self.telling.money(f"{person.name}, {part}", before, self.wallet(person)[part])

        return tell


def amount(decimal: str) -> dict[str, str]:
    """Write an amount of the story's currency."""
    return {"currency": CURRENCY, "decimal": decimal}


def texts(english: str, arabic: str) -> list[dict[str, str]]:
    """Write a name in both languages."""
    return [{"locale": "en", "text": english}, {"locale": "ar", "text": arabic}]
