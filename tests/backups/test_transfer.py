"""A SQLite database copied into PostgreSQL, row for row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching import marks, vault
from coaching.accounts.models import Person
from coaching.backups.transfer import copy_to
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Offer, Picture, Product
from coaching.db import database, is_sqlite, open_database
from coaching.errors import Refused
from coaching.rooms.models import Installation
from coaching.rooms.orphans.mutations import new_room_code
from coaching.rooms.orphans.queries import orphans_among
from settings import Settings
from tests import databases, factories

NOW = datetime(2027, 3, 9, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def target(database_url: str, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """An empty PostgreSQL database, while the product speaks to a SQLite database with something in it."""
    if not database_url.startswith("postgres"):
        pytest.skip("runs with --database postgres: it needs both")
    vault.keys.use(settings.vault_keys)
    marks.keys.use(settings.mark_keys)
    files = databases.SqliteDatabases(tmp_path)
    database.initialize(open_database(files.fresh()))
    with database.connection_context():
        nova = factories.make_person("Nova", linked_as="2001")
        product = factories.make_product(factories.make_store(nova, slug="nova"))
        factories.make_coaching_session(product, starts_at=NOW)
        factories.make_coaching_session(product, starts_at=NOW - timedelta(days=3), state="cancelled")
        Picture.create(code="p", owner=nova, sha256="x", width=1, height=1, webp=b"\x00\xff\x00", made_at=NOW)
        yield database_url


def test_every_row_arrives_as_it_was(target: str) -> None:
    before = [*rows_of(CoachingSession), *rows_of(Seat), *rows_of(Picture), *rows_of(Product)]

    counts = copy_to(target)

    assert is_sqlite()
    assert counts["coaching_session"] == 2
    with speaking_to(target):
        assert [*rows_of(CoachingSession), *rows_of(Seat), *rows_of(Picture), *rows_of(Product)] == before
        assert Seat.get().goals == "Make the low end work."
        # The next row gets a number that nobody has.
        assert Offer.create(product=Product.get(), minutes=30, price_cents=0).id > 1
        with pytest.raises(Exception, match="coaching_session_overlap"):
            factories.make_coaching_session(Product.get(), starts_at=NOW)


def test_the_marks_of_the_copied_installation_are_known_in_the_new_place(target: str) -> None:
    code = new_room_code()

    copy_to(target)

    with speaking_to(target):
        assert orphans_among(factories.GUILD_ID, {code}) == {code}
        assert Installation.select().count() == 1


def test_a_copy_nobody_has_used_is_replaced(target: str) -> None:
    copy_to(target)
    factories.make_person("Came later")

    assert copy_to(target)["person"] == Person.select().count()


@pytest.mark.parametrize("is_copy", [True, False])
def test_what_has_been_used_is_never_overwritten(target: str, is_copy: bool) -> None:
    if is_copy:
        copy_to(target)
    with speaking_to(target):
        factories.make_person("Somebody of its own")

    with pytest.raises(Refused, match="data of its own"):
        copy_to(target)

    with speaking_to(target):
        assert Person.select().where(Person.name == "Somebody of its own").exists()


def test_only_sqlite_is_copied_and_only_into_postgresql(target: str) -> None:
    with pytest.raises(Refused, match="name a target"):
        copy_to("sqlite:////tmp/other.db")
    with speaking_to(target), pytest.raises(Refused, match="copies a SQLite database"):
        copy_to(target)


class speaking_to:
    """The product speaks to the database behind an address inside the block."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        self.source = database.obj
        database.initialize(open_database(self.url))
        database.connect()

    def __exit__(self, *_: object) -> None:
        databases.close()
        database.initialize(self.source)


def rows_of(model: type) -> list[object]:
    return list(model.select().order_by(model.id).dicts())  # type: ignore[attr-defined]
