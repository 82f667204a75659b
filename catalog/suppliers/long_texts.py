"""Texts that are so long that nobody should hold them several times."""

import re

TEXT_BYTES_MAX = 400_000
"""Longer than any text that is taken, however its characters are written."""
RAW_BYTES_MAX = 128 * 1024 * 1024
"""What a file may have before its longest texts are cut."""
LARGE_BYTES = 20 * 1024 * 1024
"""Up to here, a text of many quotation marks is no burden."""
_LEFT = b'"' + b"x" * (TEXT_BYTES_MAX // 4) + b'"'
"""What stands for such a text: still longer than is taken, so that its item is refused for it."""

_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def cut_long_texts(raw: bytes) -> bytes:
    """Put a short stand-in, itself too long to be taken, where a JSON text is absurdly long.

    A description of 50 MB would be held as bytes, as text, as its item and as a value; so it is
    held once.
    """
    if len(raw) <= LARGE_BYTES and not _has_long_run(raw):
        return raw  # all ordinary files are such
    kept: list[bytes | memoryview] = []
    at = 0
    for found in _TEXT.finditer(raw):
        if found.end() - found.start() > TEXT_BYTES_MAX:
            kept += [memoryview(raw)[at : found.start()], _LEFT]
            at = found.end()
    return b"".join([*kept, memoryview(raw)[at:]]) if kept else raw


def _has_long_run(raw: bytes) -> bool:
    """Whether so many bytes are without a quotation mark; looks at each byte once."""
    at = 0
    while len(raw) - at >= TEXT_BYTES_MAX:
        mark = raw.rfind(b'"', at, at + TEXT_BYTES_MAX)
        if mark < 0:
            return True
        at = mark + 1
    return False
