"""A caller of the public API: OAuth and GraphQL over HTTP, and nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

WAIT_SECONDS = 30.0
POLL_SECONDS = 0.1


class StoryBroken(Exception):
    """The platform answered otherwise than the story expects."""


@dataclass(slots=True)
class Person:
    """Somebody with an access token, and a language."""

    name: str
    fetch_token: Callable[[], str]
    locale: str = "en"
    token: str | None = None

    def authorization(self) -> str:
        """The header of the next request; the token is fetched when first needed."""
        if self.token is None:
            self.token = self.fetch_token()
        return f"Bearer {self.token}"


@dataclass(slots=True)
class Api:
    """The platform at an address."""

    url: str
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60))

    def client_credentials(self, client_id: str, secret: str) -> str:
        """Fetch an access token as a registered API client."""
        answer = self.http.post(
            f"{self.url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, secret),
        )
        if answer.status_code != 200:
            raise StoryBroken(f"no token for {client_id}: {answer.text[:200]}")
        token: str = answer.json()["access_token"]
        return token

    def client(self, name: str, client_id: str, secret: str) -> Person:
        """Somebody who comes with the credentials of an API client."""
        return Person(name, lambda: self.client_credentials(client_id, secret))

    def ask(self, person: Person, document: str, **variables: Any) -> dict[str, Any]:
        """Run a GraphQL operation; errors end the story. An expired token is fetched anew."""
        for _ in range(2):
            answer = self.http.post(
                f"{self.url}/graphql",
                json={"query": document, "variables": variables},
                headers={
                    "authorization": person.authorization(),
                    "accept-language": person.locale,
                },
            )
            if answer.status_code != 401:
                break
            person.token = None
        body = answer.json()
        if answer.status_code != 200 or body.get("errors"):
            raise StoryBroken(f"{person.name}: {answer.status_code} {answer.text[:600]}")
        data: dict[str, Any] = body["data"]
        return data

    def attempt(
        self, person: Person, document: str, *, key: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Run a mutation with an idempotency key and give back its payload, problems and all."""
        fields["idempotencyKey"] = key or uuid4().hex
        data = self.ask(person, document, input=fields)
        payload: dict[str, Any] = next(iter(data.values()))
        return payload

    def do(
        self, person: Person, document: str, *, key: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Run a mutation that must succeed."""
        payload = self.attempt(person, document, key=key, **fields)
        if payload["problems"]:
            raise StoryBroken(f"{person.name}: {payload['problems']}")
        return payload

    def refused(
        self, person: Person, document: str, *, problem: str, key: str | None = None, **fields: Any
    ) -> str:
        """Run a mutation that must be refused with a problem; tells the message."""
        payload = self.attempt(person, document, key=key, **fields)
        codes = [one["code"] for one in payload["problems"]]
        if codes != [problem]:
            raise StoryBroken(f"{person.name}: expected {problem}, got {codes or 'success'}")
        message: str = payload["problems"][0]["message"]
        return message

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """Look again and again until there is something to see."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise StoryBroken(f"waited {WAIT_SECONDS:.0f} s for {what}")
            time.sleep(POLL_SECONDS)
