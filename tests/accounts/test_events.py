"""Security events: kept where they can be, few however many there are, and never in the way of what they tell of."""

import ast
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from coaching.accounts import event_mutations as events
from coaching.accounts import event_tally
from coaching.accounts.event_kinds import ANYBODYS, KINDS, kind_of
from coaching.accounts.event_mutations import Request, note
from coaching.accounts.event_queries import Sought, events_page
from coaching.accounts.event_tally import MANY, MOST_AN_HOUR, Tally
from coaching.accounts.models import Person, SecurityEvent
from coaching.db import database, is_sqlite
from tests.factories import make_person
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SETS_WAIT = ("PRAGMA busy_timeout = ", "SET lock_timeout = ")
Statements = Callable[[Callable[[], object]], list[tuple[str, list[Any]]]]
ROOT = Path(events.__file__).parents[2]


def rows() -> list[tuple[str, str, int]]:
    return list[Any](
        SecurityEvent.select(SecurityEvent.kind, SecurityEvent.address, SecurityEvent.times)
        .order_by(SecurityEvent.id)
        .tuples()
    )


@pytest.mark.usefixtures("db")
def test_an_event_says_what_happened_to_whom_by_whom_from_where_and_in_which_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "greenroom.security")
    bob, ada = make_person("Bob"), make_person("Ada")
    events.come_from(Request("203.0.113.7", "ab12cd34"))
    note("sign-ins ended", NOW, bob, "he\x00 left\u202e\nhis laptop" + "x" * 300, actor=ada)
    events.come_from_nowhere()
    note("everybody signed out", NOW)
    first, other = SecurityEvent.select().order_by(SecurityEvent.id)
    assert (first.person, first.actor, first.address, first.request) == (bob, ada, "203.0.113.7", "ab12cd34")
    assert first.detail.startswith("he lefthis laptopxx")  # nothing that a terminal or PostgreSQL would trip over
    assert len(first.detail) == events.LONGEST_DETAIL
    assert (other.person_id, other.address, other.request) == (None, "", "")
    line = caplog.records[0]
    assert (line.kind, line.person, line.actor, line.address) == ("sign-ins ended", bob.id, ada.id, "203.0.113.7")


@pytest.mark.usefixtures("db")
def test_what_anybody_can_cause_is_counted_by_the_minute() -> None:
    bob = make_person("Bob")
    times = 12
    for second in range(times):
        note("sign-in failed", NOW + timedelta(seconds=second), bob, address="203.0.113.7")
    note("sign-in failed", NOW, None, address="203.0.113.7")  # an address that nobody has
    note("sign-in failed", NOW, bob, address="2001:db8:1:2::1")
    note("sign-in failed", NOW, bob, address="2001:db8:1:2:ffff::1")  # the same household
    note("sign-in failed", NOW + timedelta(minutes=1), bob, address="203.0.113.7")
    failed = "sign-in failed"
    assert rows() == [
        (failed, "203.0.113.7", times),
        (failed, "203.0.113.7", 1),
        (failed, "2001:db8:1:2::1", 2),
        (failed, "203.0.113.7", 1),
    ]


@pytest.mark.usefixtures("db")
def test_a_flood_from_many_addresses_makes_a_bounded_number_of_rows(statements_in: object) -> None:
    numbers = count()

    def flood() -> None:
        for number in range(1000):
            note("foreign origin", NOW, detail=f"from {next(numbers)}", address=f"198.51.100.{number % 250}")

    sent = statements_in(flood)  # type: ignore[operator]
    assert len(rows()) == MOST_AN_HOUR + 1
    assert SecurityEvent.select().where(SecurityEvent.detail == MANY, SecurityEvent.address == "").count() == 1
    # Three to write it, three about how long to wait for that.
    assert len(sent) <= (MOST_AN_HOUR + 2) * 6
    # Nobody hides among failures that they got in.
    note("signed in", NOW, make_person("Mallory"), address="198.51.100.1")
    assert rows()[-1] == ("signed in", "198.51.100.1", 1)
    # The last count is written with the next minute, and the next hour has its own rows.
    note("foreign origin", NOW + timedelta(hours=1), detail="again", address="198.51.100.1")
    assert SecurityEvent.get(SecurityEvent.detail == MANY).times == 1000 - MOST_AN_HOUR
    assert len(rows()) == MOST_AN_HOUR + 3


def test_a_row_is_written_once_a_second_at_most() -> None:
    tally = Tally()
    values: dict[str, object] = {"kind": "limit hit", "person_id": None, "address": "203.0.113.7", "detail": ""}
    written = [len(tally.add(values, NOW, seconds)) for seconds in (0, 0.2, 0.9, 1.0, 1.1, 2.5)]
    assert written == [1, 0, 0, 1, 0, 1]
    (row,) = tally._rows.values()
    assert row.times == 6
    assert event_tally.WRITTEN_EVERY == 1


@pytest.mark.usefixtures("db")
def test_an_event_that_was_rolled_back_is_written_with_the_next_one() -> None:
    with database.atomic() as act:
        note("signed in", NOW, None, address="203.0.113.7")
        act.rollback()
    assert rows() == []
    note("became admin", NOW)  # takes the number that the other one had
    for row in events._book().tally._rows.values():
        row.written_at -= 5
    note("signed in", NOW, None, address="203.0.113.7")
    assert rows() == [("became admin", "", 1), ("signed in", "203.0.113.7", 2)]


@pytest.mark.usefixtures("db")
def test_many_at_once_are_all_counted() -> None:
    def fail() -> None:
        for _ in range(10):
            note("sign-in failed", NOW, None, address="203.0.113.7")

    all_at_once(*[fail] * 4)
    note("sign-in failed", NOW + timedelta(minutes=1), None, address="203.0.113.7")
    assert sum(times for _, _, times in rows()) == 41


@pytest.mark.usefixtures("db")
def test_an_event_that_cannot_be_kept_is_in_the_log_and_nothing_fails(caplog: pytest.LogCaptureFixture) -> None:
    """The table is gone, as a stand-in for a database that is full or locked."""
    bob = make_person("Bob")
    database.execute_sql("ALTER TABLE security_event RENAME TO elsewhere")
    with database.atomic():
        Person.update(name="Robert").where(Person.id == bob.id).execute()
        note("became admin", NOW, bob)
    for _ in range(3):
        note("sign-in failed", NOW, bob)  # tried no more for a while
    assert Person.get_by_id(bob.id).name == "Robert"
    assert [line.message for line in caplog.records if line.levelno == logging.WARNING] == [
        "a security event is in the log alone"
    ]
    database.execute_sql("ALTER TABLE elsewhere RENAME TO security_event")
    note("became admin", NOW, bob)
    assert [kind for kind, _, _ in rows()] == ["became admin"]


@pytest.mark.one_database
@pytest.mark.usefixtures("db")
def test_half_an_act_is_not_kept_because_its_event_broke_the_transaction() -> None:
    """SQLite may roll back all of it when the disk is full: going on would write the other half by itself."""
    if not is_sqlite():
        pytest.skip("SQLite alone does that")
    bob = make_person("Bob")
    database.execute_sql(
        "CREATE TRIGGER full BEFORE INSERT ON security_event BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
    )

    def act() -> None:
        with database.atomic():
            Person.update(name="Robert").where(Person.id == bob.id).execute()
            note("became admin", NOW, bob)
            Person.update(zone="Asia/Tokyo").where(Person.id == bob.id).execute()

    with pytest.raises(OperationalError):
        act()
    assert (Person.get_by_id(bob.id).name, Person.get_by_id(bob.id).zone) == ("Bob", "Europe/Berlin")


@pytest.mark.usefixtures("db")
def test_old_events_are_forgotten_and_of_a_flood_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    old, kept = NOW - events.KEPT - timedelta(minutes=1), NOW - events.KEPT
    for at in (old, kept):
        note("became admin", at, detail=str(at))
    for number in range(6):
        note("limit hit", NOW, detail=f"{number}")
    monkeypatch.setattr(events, "MOST_KEPT", 4)
    assert events.forget_old_events(NOW) == 1
    events.forget_floods()
    left = [event.detail for event in SecurityEvent.select().order_by(SecurityEvent.id)]
    assert left == [str(kept), "2", "3", "4", "5"]


@pytest.mark.usefixtures("db")
def test_events_are_found_by_person_kind_and_address() -> None:
    bob, ada = make_person("Bob 100% real"), make_person("Ada", is_admin=True)
    note("password changed", NOW, bob, address="203.0.113.7")
    note("sign-ins ended", NOW, bob, "laptop lost", actor=ada)
    note("sign-in failed", NOW, None, address="203.0.113.8")
    cases = {
        Sought(): ["sign-in failed", "sign-ins ended", "password changed"],
        Sought(person=bob.email): ["sign-ins ended", "password changed"],
        Sought(person=f"#{ada.id}"): ["sign-ins ended"],
        Sought(person="100%"): ["sign-ins ended", "password changed"],
        Sought(person="100_"): [],
        Sought(person="9" * 10): [],
        Sought(kind="sign-ins ended"): ["sign-ins ended"],
        Sought(kind="Signing in"): ["sign-in failed", "sign-ins ended"],
        Sought(person="bob", kind="password changed", address="203.0.113.7"): ["password changed"],
        Sought(person="bob", address="203.0.113.8"): [],
    }
    for sought, kinds in cases.items():
        assert [event.kind for event in events_page(sought, 1, 50, NOW).events] == kinds, sought
    first = events_page(Sought(), 1, 2, NOW)
    assert (len(first.events), first.has_more) == (2, True)
    assert not events_page(Sought(), 2, 2, NOW).has_more


def test_every_kind_that_is_noted_has_words_on_the_page() -> None:
    noted = set()
    for folder in ("blueprints", "coaching", "commands"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            for call in ast.walk(ast.parse(text if "note(" in text else "")):
                name = call.func if isinstance(call, ast.Call) else None
                is_note = getattr(name, "id", getattr(name, "attr", "")) == "note"
                if is_note and call.args and isinstance(call.args[0], ast.Constant):
                    noted.add(call.args[0].value)
    assert noted - set(KINDS) == set()
    assert set(ANYBODYS) <= set(KINDS)
    assert kind_of("of_another version").label == "Of another version"


def test_events_are_changed_nowhere_but_where_they_are_counted_merged_and_forgotten() -> None:
    changing = {
        path.name
        for path in (ROOT / "coaching").rglob("*.py")
        if any(f"SecurityEvent.{word}(" in path.read_text() for word in ("update", "delete", "insert", "create"))
    }
    assert changing == {"event_mutations.py", "merge_mutations.py"}
