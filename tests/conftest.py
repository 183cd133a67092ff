"""Fixtures every test may use: a migrated database, the application, a client, and three people."""

import gc
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from blueprints.http_figures import Meter
from coaching import marks, vault
from coaching.accounts import passwords
from coaching.accounts.models import Person
from coaching.db import database, keep_connections
from coaching.runtime.models import Clock
from settings import Settings
from tests import databases, factories, made_once
from tests.fakes import AtOnce, FakeFeeds, FakeHost, FakeMailer, FakeSignIn
from tests.gateways.feed_server import Server
from tests.payments.keys import Keys
from tests.reckoning import Reckoning

CHROMIUM = Path(__file__).parent / "browser" / "chromium.sh"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ORIGIN = {"Origin": "http://localhost:8000"}


# Each test has an application of its own.
made_once.keep()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="which database to run on")
    parser.addoption("--cpu", action="store_true", help="say which files took the processor's time")
    parser.addoption(
        "--lives", type=int, default=0, help="how many steps of random lives to take, other ones each time"
    )
    parser.addoption(
        "--rounds",
        type=int,
        default=0,
        help="how many rounds of races, or of random cases, to run, other ones each time",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Reckoning(config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database runs again."""
    if config.getoption("--database") == "postgres":
        kept = [
            item
            for item in items
            if "all_databases" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("one_database")
        ]
        kept = first_cases(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_collection_finish() -> None:
    """Whatever has been imported and collected stays: collecting garbage no longer walks through it, each time anew."""
    gc.collect()
    gc.freeze()
    # An application alone is ten thousand objects, which go with their test: they are not looked through meanwhile.
    gc.set_threshold(50_000, 20, 20)


def first_cases(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of each test the first case, since further words send the same statements: not so in the engine and in booking,
    where a case is another course of events, nor where values are sent that one database might refuse (`every_value`).
    """
    firsts: dict[object, pytest.Item] = {}
    for item in items:
        is_every = {"rooms", "booking"} & set(item.path.parts) or item.get_closest_marker("every_value")
        firsts.setdefault(item.nodeid if is_every else (item.path, getattr(item, "originalname", "")), item)
    return list(firsts.values())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Debian's Chromium, quiet; without one a browser test is skipped, on CI it fails."""
    if not shutil.which("chromium-headless-shell") and not shutil.which("chromium"):
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("no Chromium here: apt-get install chromium-headless-shell")
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> None:
    """Passwords are hashed at next to no cost, as the ones of the factories are."""
    passwords.hashing.use(factories.CHEAP_HASHER)


@pytest.fixture(scope="session")
def all_databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str, testrun_uid: str
) -> Iterator[databases.Databases]:
    """Fresh databases of the kind the run was asked for."""
    if request.config.getoption("--database") == "sqlite":
        yield databases.SqliteDatabases(tmp_path_factory.mktemp("databases"))
        return
    # Not below pytest's own folder: the next run closes that to all but root, and as root the server is somebody else.
    made = databases.PostgresDatabases(Path(gettempdir()) / f"greenroom-postgres-{testrun_uid}", worker_id)
    yield made
    made.close()


@pytest.fixture
def database_url(all_databases: databases.Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of this test's own database, migrated and empty."""
    yield all_databases.fresh(is_left_alone="db" not in request.fixturenames)
    all_databases.put_away()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits five seconds for a lock. To be asked for by a mark: the database is opened with it."""
    monkeypatch.setattr("coaching.db.LONGEST_WAIT", 0.005)
    monkeypatch.setattr("coaching.db_waits.PASSING_WAIT_MS", 2)


@pytest.fixture
def db(all_databases: databases.Databases, database_url: str, settings: Settings) -> Iterator[None]:
    """The product speaks to this test's own database, connected, and has the keys of what lies in it."""
    vault.keys.use(settings.vault_keys)
    marks.keys.use(settings.mark_keys)
    database.initialize(all_databases.opened(database_url))
    # As the web does (gunicorn.conf.py); nothing here is forked.
    keep_connections()
    database.connect()
    databases.wait_for_no_disk()
    yield
    all_databases.let_go()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings as a self-hoster has them, on a loopback address where nobody listens."""
    return Settings.from_env(
        {
            "APP_URL": "http://localhost:8000",
            "DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a key for tests only, 0123456789 abcdef",
            "DISCORD_CLIENT_ID": "1100000000000000100",
            "DISCORD_CLIENT_SECRET": "client-secret-for-tests",
            "DISCORD_BOT_TOKEN": "bot-token-for-tests",
            "DISCORD_GUILD_ID": factories.GUILD_ID,
            "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
            "DISCORD_CDN_URL": "http://127.0.0.1:9",
            "DISCORD_OAUTH_URL": "http://127.0.0.1:9",
            "CRON_SECRET": "cron secret for tests only",
        }
    )


@pytest.fixture(autouse=True)
def no_thread_of_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread that one test's requests began writes into another one's database."""
    monkeypatch.setattr(Meter, "start", lambda meter: None)


@pytest.fixture
def host() -> FakeHost:
    """A Discord that remembers calls and fails when told to."""
    return FakeHost()


@pytest.fixture
def feed_server() -> Iterator[Server]:
    """A server of outside calendars on loopback, which is allowed to be asked for by tests alone."""
    serving = Server()
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    yield serving
    serving.is_over.set()
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def woken() -> list[datetime]:
    """The instants at which the worker was asked to look at the rooms."""
    return []


@pytest.fixture
def watched() -> list[int]:
    """The rooms that the worker was asked to look into."""
    return []


@pytest.fixture
def app(db: None, settings: Settings, host: FakeHost, woken: list[datetime], watched: list[int]) -> Flask:
    """The application on this test's database, with fakes at its outer edges."""
    # The same database as the fixtures before this one: to connect anew costs as much as a page.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("outside.open_database", lambda url, connections: database.obj)
        app = create_app(settings)
    app.testing = True
    app.extensions["host"] = host
    app.extensions["sign_in_host"] = FakeSignIn()
    app.extensions["mailer"] = FakeMailer()
    app.extensions["wake_rooms"] = lambda: woken.append(datetime.now(UTC))
    app.extensions["wake_lists"] = lambda: None
    app.extensions["watch_room"] = watched.append
    app.extensions["wake_notices"] = lambda: None
    app.extensions["wake_exports"] = lambda: None
    app.extensions["wake_calendars"] = lambda: None
    app.extensions["wake_payments"] = lambda: None
    app.extensions["provider_of"] = Keys()
    app.extensions["feeds"] = FakeFeeds()
    app.extensions["queue_depth"] = lambda: 0
    app.extensions["afterwards"] = AtOnce()
    app.extensions["queue_answers"] = lambda: True
    return app


@pytest.fixture
def sending(app: Flask) -> FakeMailer:
    """The mail server of a site that sends mail."""
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url="smtps://mail.example.com")
    app.extensions["mailer"] = FakeMailer()
    return app.extensions["mailer"]


@pytest.fixture
def browser_of(app: Flask) -> Callable[[Person | None], FlaskClient]:
    """A client signed in as somebody, or nobody; it sends the Origin a browser would."""

    def open_browser(person: Person | None = None) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_ORIGIN"] = ORIGIN["Origin"]
        if person:
            factories.sign_in(client, person)
        return client

    return open_browser


@pytest.fixture
def client(browser_of: Callable[..., FlaskClient]) -> FlaskClient:
    """Nobody's browser."""
    return browser_of()


@pytest.fixture
def alice(db: None) -> Person:
    """A coach with a linked Discord account."""
    return factories.make_person("Alice", linked_as="2001")


@pytest.fixture
def bob(db: None) -> Person:
    """A student, linked and a member of the guild."""
    return factories.make_person("Bob", linked_as="2002")


@pytest.fixture
def mallory(db: None) -> Person:
    """Somebody else with an account."""
    return factories.make_person("Mallory", linked_as="2003")


@pytest.fixture
def set_clock(db: None) -> Callable[[datetime], None]:
    """Move the product's clock: the offset keeps running from the machine's."""

    def to(instant: datetime) -> None:
        Clock.delete().execute()
        Clock.create(offset_seconds=round((instant - datetime.now(UTC)).total_seconds()))

    return to


@pytest.fixture
def statements_in() -> Callable[[Callable[[], object]], list[tuple[str, list[Any]]]]:
    """The statements that an act sends to the database, each with its values."""

    def sent_by(act: Callable[[], object]) -> list[tuple[str, list[Any]]]:
        sent: list[tuple[str, list[Any]]] = []
        listening = logging.Handler()
        # On PostgreSQL the pool tells of its connections by the same logger, in plain text.
        listening.addFilter(lambda record: isinstance(record.msg, tuple))
        listening.emit = lambda record: sent.append(record.msg)  # type: ignore[method-assign,arg-type]
        logger = logging.getLogger("peewee")
        level = logger.level
        logger.setLevel(logging.DEBUG)
        logger.addHandler(listening)
        try:
            act()
        finally:
            logger.removeHandler(listening)
            logger.setLevel(level)
        return sent

    return sent_by
