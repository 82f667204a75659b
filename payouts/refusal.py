"""What every house raises when the rules say no."""

from typing import Any, ClassVar


class Refusal(Exception):
    """The request cannot be carried out.

    A refusal is a foreseen answer. Its class docstring is its message, its keyword fields are the
    facts, and `path` names the part of the caller's input it is about; `also` names further parts
    that it says the same of.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str | None = None,
        *,
        path: tuple[str, ...] = (),
        also: tuple[tuple[str, ...], ...] = (),
        **facts: Any,
    ) -> None:
        doc = (type(self).__doc__ or "").strip().splitlines()
        self.message = message or (doc[0] if doc else type(self).__name__)
        self.path = path
        self.also = also
        self.facts = facts
        super().__init__(self.message)
