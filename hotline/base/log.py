"""Structured logs: one JSON object per line, ids and codes only.

`get(name)` gives a logger whose fields are keyword arguments. Callers' words and numbers do not
belong in them: sensitive values hide themselves, and `scripts/lint` looks for the field names.
"""

import logging
import sys
from typing import Any, cast

import structlog
from structlog.typing import FilteringBoundLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str = "info") -> None:
    """Send every line to standard error as JSON from `level` up; call once per process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def get(name: str, **fields: Any) -> FilteringBoundLogger:
    """A logger that puts `room=name` and `fields` on each of its lines."""
    return cast("FilteringBoundLogger", structlog.get_logger(room=name, **fields))
