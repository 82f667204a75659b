"""An operation that is measured: what is sent, by whom, and what must come back."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tests.benchmarks.load import FRESH
from tests.benchmarks.register import Issuer

Normalise = Callable[[dict[str, Any]], Any]


class ParityFailed(Exception):
    """The server's answer is not what the world says; nothing may be timed."""


@dataclass(frozen=True)
class Asked:
    """One set of variables, who sends it, and the data that must come back."""

    caller: tuple[str, UUID]
    variables: Mapping[str, Any]
    expected: Mapping[str, Any]


def _as_it_is(data: dict[str, Any]) -> Any:
    return data


@dataclass(frozen=True)
class Operation:
    """One line of the figures."""

    name: str
    document: str
    asked: Sequence[Asked]
    locale: str = "ar"
    is_write: bool = False
    must_contain: str = '"data":'
    normalise: Normalise = _as_it_is
    """Takes away what cannot be known beforehand, such as new ids."""

    @property
    def slug(self) -> str:
        """Its name in paths and scripts."""
        return self.name.replace(" ", "_").lower()

    def body(self, asked: Asked) -> bytes:
        """Write the body of a request; ids that are new each time still stand as FRESH."""
        content = {"query": self.document, "variables": asked.variables}
        return json.dumps(content, ensure_ascii=False).encode()

    def requests(self, issuer: Issuer, *, path: str = "/graphql") -> list[bytes]:
        """Write the whole HTTP requests."""
        return [
            request_bytes(path, self.body(one), issuer.token_of(*one.caller), self.locale)
            for one in self.asked
        ]


def request_bytes(path: str, body: bytes, token: str, locale: str) -> bytes:
    """Write a request as a client with a kept connection does."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"accept: application/graphql-response+json\r\naccept-language: {locale}\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Asker:
    """Sends single requests, each on a connection of its own, before anything is timed."""

    def __init__(self, port: int, issuer: Issuer) -> None:
        self._port = port
        self._issuer = issuer

    def ask(self, operation: Operation, asked: Asked) -> bytes:
        """Send one set of variables with fresh ids; gives the body of the answer."""
        body = operation.body(asked).replace(FRESH.encode(), str(uuid4()).encode())
        headers = {
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
            "accept-language": operation.locale,
            "authorization": f"Bearer {self._issuer.token_of(*asked.caller)}",
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as sent:
            sent.request("POST", "/graphql", body, headers)
            answer = sent.getresponse()
            said = answer.read()
        if answer.status != 200:
            raise ParityFailed(f"{operation.name}: {answer.status} {said[:500]!r}")
        return said

    def require_parity(self, operation: Operation) -> bytes:
        """Hold every answer of an operation against the world; gives the last one's bytes.

        Raises ParityFailed at the first difference.
        """
        said = b""
        for asked in operation.asked:
            said = self.ask(operation, asked)
            answer = json.loads(said)
            found = operation.normalise(answer.get("data") or {})
            if "errors" in answer or found != asked.expected:
                raise ParityFailed(
                    f"{operation.name}: {difference_of(asked.expected, answer, found)}"
                )
            if operation.must_contain.encode() not in said:
                raise ParityFailed(
                    f"{operation.name}: no {operation.must_contain} in {said[:300]!r}"
                )
        return said


def difference_of(expected: Any, answer: Mapping[str, Any], found: Any) -> str:
    """Say where two answers part."""
    if "errors" in answer:
        return json.dumps(answer["errors"], ensure_ascii=False)[:1000]
    path = "data"
    while type(expected) is type(found):
        if isinstance(expected, dict) and expected.keys() == found.keys():
            key = next((key for key in expected if expected[key] != found[key]), None)
        elif isinstance(expected, list) and len(expected) == len(found):
            key = next((n for n, one in enumerate(expected) if one != found[n]), None)
        else:
            break
        if key is None:
            break
        expected, found, path = expected[key], found[key], f"{path}.{key}"
    return f"at {path} expected {str(expected)[:400]}, found {str(found)[:400]}"


def global_id(kind: str, network_id: int, key: UUID) -> str:
    """Write a global id by the published rule, not by the server's code."""
    plain = f"{kind}:{network_id}:{key.hex}".encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")
