"""Makes plain text out of the markup in which suppliers write their texts."""

import html
import re

_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\r\n\u00a0]+")
_LEFT_OVER = re.compile(r"<[/!?a-zA-Z]")


def plain_text(text: str) -> str | None:
    """Drop the tags of a text and keep its lines; None when markup is left that is not whole.

    Twice, as what is escaped may be markup itself.
    """
    for _ in range(2):
        broken = _BREAK.sub("\x00", text)
        text = html.unescape(_TAG.sub(" ", broken))
    if has_markup(text):
        return None
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)


def has_markup(text: str) -> bool:
    """Tell whether a text has what may be read as markup."""
    return _LEFT_OVER.search(text) is not None
