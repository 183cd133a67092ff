"""Logs: one line an event on stderr, as JSON in earnest and in words in a demo, with nothing in it that is secret.

Whoever has something to say asks `logging.getLogger(__name__)`, with `extra={…}`, or `structlog.get_logger(__name__)`,
and need not know this file. What a line is about is bound around the work:
`structlog.contextvars.bound_contextvars(session=code)`.

Imported by whatever starts: app.py, tasks.py, gunicorn.conf.py.
"""

import logging
import re
import sys
import threading
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import Processor

from coaching.db_trouble import trouble_of

Process = Literal["web", "worker", "command"]
EventDict = MutableMapping[str, Any]

ACCESS, SECURITY = "greenroom.access", "greenroom.security"
# Whose lines LOG_LEVEL is about. Libraries speak of every connection, statement and mark, with addresses and values;
# a debug log of one description was 25 seconds of a Markdown parser.
OURS = ("app", "blueprints", "clock", "coaching", "commands", "gateways", "greenroom", "logs", "settings", "tasks")
# They set a level of their own when they begin.
SELF_WILLED = ("huey", "stripe", "werkzeug")
FIRST = ("time", "level", "event", "logger", "process", "request", "session")

# Of a store that takes nothing a line is written so often at most, in seconds, by each logger.
TROUBLE_EVERY = 60

HIDDEN = "***"
# Shorter ones would be found in ordinary words.
SHORTEST_SECRET = 6
SECRET_NAMES = re.compile(r"passw|secret|token|cookie|authorization|api_?key|credential", re.IGNORECASE)
PATTERNS = (
    # Headers as they stand in a dump of a request.
    (re.compile(r"(?i)\b((?:set-)?cookie|authorization)(['\"]?\s*[:=]\s*)[^\n]+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"\b(Bot|Bearer|Basic)\s+(?=\S*\d)[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    # What follows the question mark of an address: codes and states of OAuth, what people looked for.
    (re.compile(r"(?<=[\w/])\?[\w.~%-]+=[^\s\"'<>]*"), f"?{HIDDEN}"),
    # Keys of Stripe, and the secrets of its webhooks.
    (re.compile(r"\b((?:sk|rk)_(?:live|test)_|whsec_)[\w+/=-]+"), rf"\1{HIDDEN}"),
    # Tokens of ours, wherever they stand; with capitals, unlike long names in a traceback.
    (re.compile(r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[a-z])[A-Za-z0-9_-]{40,}"), HIDDEN),
)


def set_up(process: Process | None, is_readable: bool, level: str = "info", secrets: Iterable[str] = ()) -> None:
    """Every logger of this process writes to stderr in one form. The kind of process once told stays, whoever asks."""
    kind = process or _present_kind()
    shared = _shared(kind, Redaction(secrets))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in _ours():
        root.removeHandler(handler)
    root.addHandler(Stderr(kind, _formatter(shared, is_readable)))
    # Whoever gives a command reads what it prints; lines of a log in between are for when something is wrong.
    ours = logging.getLevelNamesMapping()["WARNING" if kind == "command" and level == "info" else level.upper()]
    others = max(ours, logging.WARNING)
    root.setLevel(others)
    for name in OURS:
        logging.getLogger(name).setLevel(ours)
    for name in SELF_WILLED:
        logging.getLogger(name).setLevel(others)
    # Beside the addresses and log-ins of a demo, a line for each picture or sign-in would be too much.
    for name in (ACCESS, SECURITY):
        logging.getLogger(name).setLevel(logging.WARNING if is_readable and ours == logging.INFO else logging.NOTSET)


def take_over(name: str) -> None:
    """What this library's logger says is written as everything else is, and like others only when it warns."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


def log_uncaught() -> None:
    """Warnings, and exceptions that end a thread or the process, are written as everything else is.

    For the processes that serve; whoever has typed a command reads them as Python writes them.
    """
    if sys.stderr.isatty():
        return
    logging.captureWarnings(True)
    crash = logging.getLogger("greenroom.crash")

    def log_uncaught_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            crash.critical("uncaught exception", exc_info=(kind, error, trace))

    def log_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            name = args.thread.name if args.thread else None
            facts = (args.exc_type, args.exc_value, args.exc_traceback)
            crash.error("a thread broke", exc_info=facts, extra={"in_thread": name})

    def log_unraisable(args: "sys.UnraisableHookArgs") -> None:
        error = args.exc_value or args.exc_type()
        crash.error("an exception could not be raised", exc_info=(args.exc_type, error, args.exc_traceback))

    sys.excepthook, threading.excepthook, sys.unraisablehook = log_uncaught_exception, log_thread, log_unraisable


class Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the time."""

    def __init__(self, process: Process, formatter: logging.Formatter) -> None:
        logging.Handler.__init__(self)
        self.process = process
        self.setFormatter(formatter)
        self.addFilter(OneLineOfTrouble())

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # asked anew each time: stderr may be another by now
        return sys.stderr


class OneLineOfTrouble(logging.Filter):
    """A store that takes nothing is told of in one line a minute, without a traceback: hundreds would say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[tuple[str, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what was told within the last minute; the next line says how often that was."""
        trouble = trouble_of(record.exc_info[1]) if record.exc_info else None
        if trouble is None:
            return True
        key = (record.name, trouble)
        with self._lock:
            logged_at, suppressed = self._logged.get(key, (float("-inf"), 0))
            is_new = record.created - logged_at >= TROUBLE_EVERY
            self._logged[key] = (record.created, 0) if is_new else (logged_at, suppressed + 1)
        record.exc_info, record.exc_text, record.trouble = None, None, trouble
        if suppressed:
            record.suppressed = suppressed
        return is_new


class Redaction:
    """Masks in a line what must not be told: known secrets, fields whose name says so, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {
            form for secret in secrets if len(secret) >= SHORTEST_SECRET for form in (secret, quote(secret, safe=""))
        }
        # The longest first: an address contains its password.
        known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._known = re.compile(known) if known else None

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        return {name: value if name.startswith("_") else self._masked(value, name) for name, value in event.items()}

    def _masked(self, value: Any, name: str = "") -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if SECRET_NAMES.search(name):
            return HIDDEN
        if isinstance(value, dict):
            return {key: self._masked(part, str(key)) for key, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._masked(part) for part in value]
        return self._masked_text(value if isinstance(value, str) else repr(value))

    def _masked_text(self, text: str) -> str:
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
        return text


def _present_kind() -> Process:
    return _ours()[0].process if _ours() else "command"


def _ours() -> list[Stderr]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, Stderr)]


def _shared(process: Process, redaction: Redaction) -> list[Processor]:
    """What happens to every line, whichever library it comes from."""

    def add_process(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        # Left in the record by another handler's formatter.
        event.pop("message", None)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        # As text and without the values of variables, which structlog's own tracebacks would show.
        structlog.processors.format_exc_info,
        add_process,
        redaction,
    ]


def _formatter(shared: list[Processor], is_readable: bool) -> logging.Formatter:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if is_readable:
        in_words = structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
        return structlog.stdlib.ProcessorFormatter(processors=[drop, _shortened, in_words], foreign_pre_chain=shared)
    as_json = structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(processors=[drop, _in_order, as_json], foreign_pre_chain=shared)


def _shortened(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Without what a reader at a terminal knows: honcho tells time and process."""
    return {name: value for name, value in event.items() if name not in ("time", "process")}


def _in_order(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What every line has, first; the rest by its name."""
    return {name: event[name] for name in (*FIRST, *sorted(set(event) - set(FIRST))) if name in event}
