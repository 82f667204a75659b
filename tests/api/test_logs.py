"""The log is JSON, keeps Arabic readable and hides what is secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from api.logs import configure_logging


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_what_is_named_like_a_secret_is_hidden(written: io.StringIO) -> None:
    structlog.get_logger("mizan.test").info(
        "بقالة", client_secret="mzs_1", pin="12", status_code=200, network_id=7
    )

    line = json.loads(written.getvalue())
    assert (line["client_secret"], line["pin"]) == ("[hidden]", "[hidden]")
    assert (line["status_code"], line["network_id"], line["event"]) == (200, 7, "بقالة")
    assert "بقالة" in written.getvalue()


def test_libraries_log_through_the_same_chain(written: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="abcdefgh")
    try:
        logging.getLogger("somebody").warning("careful: %s", "hot")
    finally:
        structlog.contextvars.clear_contextvars()

    line = json.loads(written.getvalue())
    assert (line["event"], line["request_id"], line["level"]) == (
        "careful: hot",
        "abcdefgh",
        "warning",
    )
