"""A caller's line to the server: one connection that stays open, and as little work as can be.

Callers share the processors with those they call, so each millisecond of theirs is one less of load.
"""

import json as encoding
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

ANSWER_SECONDS_MAX = 20.0


class LineBroken(Exception):
    """There was no whole answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        return encoding.loads(self.content)


class Line:
    """Posts to one server; raises LineBroken, after which the next call connects anew."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(
            urlsplit(url).hostname or "", urlsplit(url).port, timeout=ANSWER_SECONDS_MAX
        )

    def close(self) -> None:
        self._connection.close()

    def post(self, url: str, *, json: Any, headers: dict[str, str]) -> Answer:
        """Send a document and wait for the answer."""
        try:
            self._connection.request(
                "POST",
                urlsplit(url).path,
                encoding.dumps(json),
                {"content-type": "application/json", **headers},
            )
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, HTTPException) as failure:
            self._connection.close()
            raise LineBroken(type(failure).__name__) from None
