"""Structured logs to standard output, one JSON object a line, without personal data or secrets."""

import logging
import sys
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()

# These log full URLs (tokens!) or SQL parameters at INFO and below.
TALKATIVE = (
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "sqlalchemy.engine",
    "apscheduler",
    "asyncio",
)


def configure(level: str = "INFO", *, pretty: bool = False) -> None:
    """Set up once per process; `pretty` is for people at a terminal."""
    logging.basicConfig(stream=sys.stdout, level=level, format="%(message)s", force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    finish: Any = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            finish,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
