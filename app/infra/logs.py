"""Structured logs to standard output, one JSON object a line, without personal data or secrets."""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import ExcInfo

log: structlog.stdlib.BoundLogger = structlog.get_logger()

# These log full URLs (tokens, receipts!) or SQL parameters at INFO and below.
TALKATIVE = (
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "sqlalchemy.engine",
    "apscheduler",
    "asyncio",
    "uvicorn.access",
)


def without_words(exc_info: ExcInfo) -> str:
    """A traceback of types, places and SQL states: messages may quote a row, a phone, a statement."""
    return "\n".join(line for error in _chain(exc_info[1]) for line in _places(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what caused it; as Python's own traceback would follow them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(error: BaseException) -> Iterator[str]:
    state = getattr(error, "sqlstate", None)
    yield f"{type(error).__module__}.{type(error).__qualname__}" + (f" [{state}]" if state else "")
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"


def configure(level: str = "INFO", *, pretty: bool = False) -> None:
    """Set up once per process; `pretty` is for people at a terminal."""
    logging.basicConfig(stream=sys.stdout, level=level, format="%(message)s", force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=_processors(pretty=pretty),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )


def _processors(*, pretty: bool) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(without_words),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


# Also before, or without, `configure`: structlog's own default prints every local variable.
structlog.configure(processors=_processors(pretty=True))
