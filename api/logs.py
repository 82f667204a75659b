"""The log: one line of JSON for each event, on standard error, with nothing secret in it."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, WrappedLogger

HIDDEN = "[hidden]"
_SECRET_WORDS = ("authorization", "secret", "password", "token", "code", "pin", "api_key", "jwk")
# Names in which such a word means something harmless.
_HARMLESS = frozenset({"status_code", "problem_code", "error_code", "currency_code"})


def configure_logging(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send our events and those of the libraries through one chain."""
    chain: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Requests of ours that go out are told by the jobs that make them.
    for noisy in ("httpx", "httpx2", "httpcore", "stripe", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank the values whose names say that they are secret."""
    for name in event:
        lowered = name.lower()
        if lowered not in _HARMLESS and any(word in lowered for word in _SECRET_WORDS):
            event[name] = HIDDEN
    return event
