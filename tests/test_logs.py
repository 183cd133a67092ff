"""Logs: one form for every line, with what it is about and nothing secret."""

import json
import logging
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from peewee import OperationalError
from structlog.contextvars import bound_contextvars

import logs
from coaching.catalog.text import render_markdown
from settings import Settings
from tests.running import HOME

Lines = Callable[[], list[dict[str, object]]]
TOKEN = "Vb3nT8xQ1rL6wZ0kY5mJ2sH9dF4gC7pA-Vb3nT8xQ1r"

logger = logging.getLogger("greenroom.test")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The loggers of other tests are as they were."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in (None, *logs.OURS, *logs.SELF_WILLED, logs.SECURITY)}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What has been logged since, each line read as JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_says_when_how_bad_what_who_and_which_process(lines: Lines) -> None:
    logs.set_up("worker", is_readable=False)
    logger.warning("it went %s", "wrong", extra={"took_ms": 12})

    (line,) = lines()

    assert list(line)[:5] == ["time", "level", "event", "logger", "process"]
    assert str(line.pop("time")).endswith("Z")
    assert line == {
        "level": "warning",
        "event": "it went wrong",
        "logger": "greenroom.test",
        "process": "worker",
        "took_ms": 12,
    }


def test_every_line_about_a_session_bears_its_code(lines: Lines) -> None:
    logs.set_up("worker", is_readable=False)
    with bound_contextvars(session="k7fm9xqh2w"):
        logger.info("inside")
        logging.getLogger("coaching.rooms.reconciler.loop").error("by somebody who knows nothing of it")
    logger.info("outside")

    assert [line.get("session") for line in lines()] == ["k7fm9xqh2w", "k7fm9xqh2w", None]


def test_a_traceback_is_one_line_without_the_values_of_variables(lines: Lines) -> None:
    logs.set_up("web", is_readable=False)
    typed = "what somebody typed"
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("crash")

    (line,) = lines()
    assert "ValueError: broken" in str(line["exception"])
    assert typed not in str(line["exception"]).replace('typed = "what somebody typed"', "")


def test_a_line_break_in_a_text_begins_no_new_line(lines: Lines) -> None:
    logs.set_up("web", is_readable=False)
    logger.info("typed\n%s", '{"level": "info"}')

    assert len(lines()) == 1


@pytest.mark.parametrize(
    "name", ["discord_bot_token", "discord_client_secret", "secret_key", "cron_secret", "database_url"]
)
@pytest.mark.parametrize("is_readable", [True, False])
def test_no_secret_of_the_settings_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str], name: str, is_readable: bool
) -> None:
    logs.set_up("web", is_readable, "debug", settings.secrets)
    secret = getattr(settings, name)
    logger.error("connecting with %s failed", secret, extra={"headers": {"X": [secret]}, "what": ValueError(secret)})
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("crash")

    printed = capsys.readouterr().err
    assert "connecting with *** failed" in printed
    assert "ValueError" in printed
    assert secret not in printed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /api/auth/discord/callback?code=abc&state=def HTTP/1.1", "GET /api/auth/discord/callback?*** HTTP/1.1"),
        (f"GET /reset/{TOKEN} HTTP/1.1", "GET /reset/*** HTTP/1.1"),
        ("Cookie: greenroom_8000=eyJfdXNlcl9pZCI6IjEifQ.abc.def", "Cookie: ***"),
        ("{'Authorization': 'Bot abc.def.ghi'}", "{'Authorization': ***"),
        ("sent Bearer abc123def456", "sent Bearer ***"),
        ("Is anybody there? 3=3", "Is anybody there? 3=3"),
        ("Bot permissions are missing", "Bot permissions are missing"),
        ("in test_a_very_long_name_of_a_function_in_a_traceback_is_kept", None),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_words_are_kept(lines: Lines, text: str, masked: str | None) -> None:
    logs.set_up("web", is_readable=False)
    logger.info(text)

    assert [line["event"] for line in lines()] == [masked or text]


def test_a_field_whose_name_says_that_it_is_secret_is_masked(lines: Lines) -> None:
    logs.set_up("web", is_readable=False)
    logger.info("sent", extra={"access_token": "abc", "deep": {"Set-Cookie": "abc", "password": None, "kept": "abc"}})

    (line,) = lines()
    assert line["access_token"] == "***"
    assert line["deep"] == {"Set-Cookie": "***", "password": None, "kept": "abc"}


def test_a_demo_reads_as_words(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("web", is_readable=True)
    logger.warning("it went wrong", extra={"took_ms": 12})
    logging.getLogger(logs.ACCESS).info("request")

    line = capsys.readouterr().err.strip()
    assert "it went wrong" in line
    assert "took_ms=12" in line
    assert not line.startswith("{")
    assert "\n" not in line


def test_libraries_are_written_in_the_same_form_and_only_when_they_warn(lines: Lines) -> None:
    logs.set_up("web", is_readable=False, level="debug")
    library = logging.getLogger("gunicorn.error")
    library.addHandler(logging.StreamHandler(sys.stdout))
    logs.take_over("gunicorn.error")
    library.error("worker died")
    logging.getLogger("urllib3.connectionpool").debug("GET /secret")
    logging.getLogger("peewee").debug("INSERT")

    assert [line["event"] for line in lines()] == ["worker died"]


def test_at_debug_every_library_keeps_quiet_and_everything_of_ours_speaks(lines: Lines) -> None:
    import app  # noqa: F401  every library that the web uses has its loggers by now

    logs.set_up("web", is_readable=False, level="debug")
    known = [name for name, logger in logging.root.manager.loggerDict.items() if isinstance(logger, logging.Logger)]
    libraries = ["markdown_it.rules_block.paragraph", "asyncio", "huey.consumer", "PIL.PngImagePlugin", "new.library"]
    for name in {*known, *libraries}:
        is_ours = name.partition(".")[0] in logs.OURS
        assert logging.getLogger(name).isEnabledFor(logging.DEBUG) is is_ours, name
    render_markdown("# One *word*\n\n" + "> - `code` [link](https://example.com)\n" * 200)
    assert lines() == []


def test_every_logger_in_the_source_is_one_of_ours() -> None:
    root = Path(logs.__file__).parent
    sources = [path for path in root.glob("*.py") if path.stem not in ("gunicorn.conf", "version")]
    for folder in ("blueprints", "coaching", "commands", "gateways"):
        sources += (root / folder).rglob("*.py")
    for path in sources:
        module = path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
        for argument in re.findall(r"get_?[lL]ogger\(([^)]+)\)", path.read_text()):
            name = module if argument == "__name__" else argument.strip('"')
            if argument == "__name__" or argument.startswith('"'):
                assert name.partition(".")[0] in logs.OURS, f"{path}: {name}"


@pytest.mark.parametrize(("level", "events"), [("info", ["bad"]), ("debug", ["fine", "bad"])])
def test_a_command_tells_its_log_only_what_is_wrong(lines: Lines, level: str, events: list[str]) -> None:
    logs.set_up("command", is_readable=False, level=level)
    logger.info("fine")
    logger.warning("bad")

    assert [line["event"] for line in lines()] == events


def test_what_structlogs_own_loggers_say_has_the_same_form(lines: Lines, settings: Settings) -> None:
    logs.set_up("worker", is_readable=False, secrets=settings.secrets)
    with bound_contextvars(session="k7fm9xqh2w"):
        structlog.get_logger("coaching.rooms").warning("step refused", why=settings.discord_bot_token, token="abc")

    (line,) = lines()
    assert list(line)[:6] == ["time", "level", "event", "logger", "process", "session"]
    assert (line["event"], line["logger"], line["why"], line["token"]) == (
        "step refused",
        "coaching.rooms",
        "***",
        "***",
    )


def test_setting_up_twice_writes_once_and_keeps_the_kind_of_process(lines: Lines) -> None:
    logs.set_up("worker", is_readable=False)
    logs.set_up(None, is_readable=False)
    logger.info("once")

    assert [line["process"] for line in lines()] == ["worker"]


def test_a_store_that_takes_nothing_is_told_once_a_minute_with_how_often(lines: Lines) -> None:
    logs.set_up("worker", is_readable=False)
    locked = OperationalError(sqlite_error("database is locked", sqlite3.SQLITE_BUSY))
    for seconds in (0, 1, 59, 60):
        record = logger.makeRecord("huey.consumer", logging.ERROR, "", 0, "Error reading", (), (None, locked, None))
        record.created = seconds
        logger.handle(record)

    first, second = lines()
    assert (first["event"], first["trouble"], "exception" in first) == ("Error reading", "database is locked", False)
    assert second["suppressed"] == 2


def sqlite_error(text: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def test_what_nobody_catches_and_warnings_are_lines_too(tmp_path: Path) -> None:
    code = """
import sys, threading, warnings, logs
logs.set_up("worker", is_readable=False)
logs.log_uncaught()
warnings.warn("take care")
thread = threading.Thread(target=lambda: 1 / 0, name="net")
thread.start()
thread.join()
raise KeyError("broken")
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=False)
    lines_written = [json.loads(line) for line in ended.stderr.splitlines()]

    assert [line["level"] for line in lines_written] == ["warning", "error", "critical"]
    assert ["take care" in lines_written[0]["event"], lines_written[1]["in_thread"]] == [True, "net"]
    assert ["ZeroDivisionError" in lines_written[1]["exception"], "KeyError" in lines_written[2]["exception"]] == [
        True,
        True,
    ]
    assert (ended.returncode, ended.stdout) == (1, "")
