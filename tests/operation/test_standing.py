"""What is known to be wrong without asking Discord."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.calendars.faults import SENTENCES, Fault
from coaching.call_budget.models import CallHold
from coaching.checks import Check, State, bad, good, warning
from coaching.diagnostics.mutations import record_diagnosis
from coaching.diagnostics.standing_queries import (
    calendars_check,
    doctor_check,
    orphans_check,
    outbox_check,
    queue_check,
    rooms_check,
    servers_checks,
)
from coaching.messages.mutations import route_due
from coaching.notices.kinds import MessageKind
from coaching.notices.models import RESTORED, Notice
from coaching.notices.mutations import owe
from coaching.refusals import Refusal
from coaching.remedies import with_times
from coaching.rooms.models import Room
from coaching.rooms.orphans.queries import existing_orphans
from tests import factories
from tests.clocks import at
from tests.fakes import FakeHost
from tests.sending import SENDER

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("db")


def write(**differences: Any) -> None:
    """A mail in the outbox, just written."""
    ordinary = {
        "kind": "reset",
        "channel": "mail",
        "recipient": "a@b.c",
        "subject": "",
        "body": "",
        "made_at": NOW,
        "due_at": NOW,
    }
    Notice.create(**{"key": f"k{Notice.select().count()}"} | ordinary | differences)


def outbox(*, sends_mail: bool = True, is_demo: bool = False) -> Check:
    return outbox_check(sends_mail, is_demo, at(NOW))


def test_calendars_none_of_which_answers_point_to_a_machine_that_lets_nothing_out(alice: Person) -> None:
    assert calendars_check() is None
    factories.make_feed(alice, failures=5, fault=SENTENCES[Fault.UNREACHABLE])
    assert calendars_check().state == State.OK  # one alone may have a wrong address
    other = factories.make_feed(alice, failures=9, fault=SENTENCES[Fault.UNREACHABLE])
    assert calendars_check().sentence.startswith("None of the 2 outside calendars of coaches answers")
    assert "port 443" in calendars_check().remedy
    other.fault = SENTENCES[Fault.GONE]
    other.save()
    assert calendars_check() == good(
        "Outside calendars",
        "Outside calendars of coaches: 2. 2 cannot be read, of which their coaches have been told.",
    )


def test_a_mail_that_was_just_written_is_no_trouble_where_mail_leaves() -> None:
    write()
    write(state="sent")
    assert outbox().state == State.OK


@pytest.mark.parametrize(("is_demo", "why"), [(False, "no mail server is set"), (True, "this is a demo")])
def test_mails_that_can_never_leave_are_told(is_demo: bool, why: str) -> None:
    write()
    write()
    check = outbox(sends_mail=False, is_demo=is_demo)
    assert check.state == State.WARN
    assert check.sentence == f"2 mails wait and cannot leave: {why}."
    assert ("MAIL_URL" in check.remedy) is not is_demo


def test_unsure_mails_are_told_beside_those_that_cannot_leave() -> None:
    write()
    write(state="unsure", last_error=RESTORED)
    write(state="unsure", last_error=RESTORED)
    check = outbox(sends_mail=False, is_demo=True)
    assert check.sentence.startswith("1 mail waits and cannot leave: this is a demo. 2 messages are in doubt since ")


def test_no_mail_server_is_blamed_for_what_a_restore_left_unsure() -> None:
    write(state="unsure", last_error=RESTORED)
    assert "restored" in outbox().sentence
    assert "mail server" not in outbox().remedy
    write(state="failed", last_error="550")
    assert "1 message did not go out for certain." in outbox().sentence
    assert "what mail server and Discord answered" in outbox().remedy


def test_a_link_that_has_run_out_is_no_mail_that_waits() -> None:
    write(ends_at=NOW - MINUTE)
    assert outbox(sends_mail=False).state == State.OK


@pytest.mark.parametrize(
    ("mail", "sentence"),
    [
        ({"attempts": 1, "due_at": NOW + MINUTE}, "1 message waits longer than it takes."),
        ({"due_at": NOW - 11 * MINUTE}, "1 message waits longer than it takes."),
        ({"state": "sending", "claimed_until": NOW - MINUTE}, "1 message waits longer than it takes."),
        ({"state": "unsure"}, "1 message did not go out for certain."),
        ({"state": "failed"}, "1 message did not go out for certain."),
        ({"state": "expired", "ends_at": NOW - MINUTE}, "1 message was not sent in time."),
    ],
)
def test_a_mail_that_is_stuck_or_lost_is_told(mail: dict[str, Any], sentence: str) -> None:
    write(**mail)
    assert (outbox().state, outbox().sentence) == (State.WARN, sentence)


def test_a_message_about_a_call_that_went_out_too_late_is_told(bob: Person) -> None:
    session = factories.make_coaching_session(student=bob, starts_at=NOW - timedelta(hours=5))
    owe(MessageKind.REMINDER, "reminder:1", bob.id, NOW - timedelta(hours=6), session_id=session.id)
    route_due(SENDER, at(NOW))
    assert Notice.get().state == "expired"
    assert outbox().sentence == "1 message was not sent in time."


@pytest.mark.parametrize(
    "mail",
    [
        {"due_at": NOW - 9 * MINUTE},
        {"state": "sending", "claimed_until": NOW + MINUTE, "attempts": 1},
        {"state": "expired", "ends_at": NOW - timedelta(days=2)},
    ],
)
def test_what_is_on_its_way_or_long_past_is_not(mail: dict[str, Any]) -> None:
    write(**mail)
    assert outbox().state == State.OK


def test_people_who_cannot_be_reached_are_counted_and_no_trouble_of_the_site() -> None:
    for person_id in (1, 1, 2):
        write(kind="booked", state="held", channel="", person_id=person_id)
    assert (outbox().state, outbox().sentence) == (
        State.OK,
        "No message is stuck. 3 messages are kept back for 2 people who cannot be reached yet.",
    )
    write(state="failed")
    assert "1 message did not go out for certain. 3 messages are kept back" in outbox().sentence


def test_without_a_mail_server_only_mails_cannot_leave() -> None:
    write(channel="discord", attempts=1)
    assert outbox(sends_mail=False).sentence == "1 message waits longer than it takes."
    assert "MAIL_URL" not in outbox(sends_mail=False).remedy


def test_a_queue_that_does_not_answer_is_told() -> None:
    assert [queue_check(depth).state for depth in (None, 3)] == [State.BAD, State.OK]


def test_a_shared_part_in_trouble_is_no_all_clear_for_rooms() -> None:
    assert rooms_check().state == State.OK
    Room.create(
        kind="shared",
        number=1,
        store=factories.make_store(factories.make_person("Nova")),
        code="shr",
        discord_guild_id=factories.GUILD_ID,
        last_error=Refusal.MISSING_PERMISSION,
        created_at=NOW,
    )
    assert rooms_check().state == State.WARN


def test_rooms_and_shared_parts_in_trouble_are_told_beside_one_another() -> None:
    ordinary = {"discord_guild_id": factories.GUILD_ID, "last_error": Refusal.MISSING_PERMISSION, "created_at": NOW}
    Room.create(kind="category", code="cat", **ordinary)
    session = factories.make_coaching_session(starts_at=NOW, title="Mixing")
    Room.create(coaching_session=session, code="ses", state="hidden", **ordinary)
    sentence = rooms_check().sentence
    assert sentence.startswith("1 in trouble. The first, “Mixing”: ")
    assert sentence.endswith("1 category or shared role does not work.")


def test_a_server_that_is_left_alone_is_told_with_the_reason() -> None:
    factories.make_guild(name="Nova Studio")
    assert list(servers_checks(at(NOW))) == []
    CallHold.create(name=factories.GUILD_ID, reason=Refusal.MISSING_ACCESS, until=NOW + MINUTE)
    [check] = servers_checks(at(NOW))
    assert with_times(check.sentence) == "Nova Studio is left alone until 2027-03-09 12:01 UTC."
    assert "cannot see your server" in check.remedy


def test_a_store_whose_verification_is_lost_is_told(alice: Person) -> None:
    factories.make_store(alice, name="Alices", guild_verified_at=None)
    factories.make_store(alice, guild=None, guild_verified_at=None)
    [check] = servers_checks(at(NOW))
    assert "Alices (Nova Studio)" in check.sentence


def test_a_doctor_that_never_looked_is_no_all_clear() -> None:
    assert doctor_check(at(NOW)).state == State.WARN


def test_the_doctors_red_lines_are_told_and_its_amber_ones_counted() -> None:
    record_diagnosis(None, [bad("A", "a", "b"), warning("B", "a", "b"), good("C", "a")], at(NOW))
    assert doctor_check(at(NOW)).state == State.BAD
    assert "one thing to mend" in doctor_check(at(NOW)).sentence
    record_diagnosis(None, [warning("B", "a", "b"), good("C", "a")], at(NOW))
    assert doctor_check(at(NOW)).state == State.OK
    sentence = with_times(doctor_check(at(NOW)).sentence)
    assert sentence.endswith("nothing to mend on 2027-03-09 12:00 UTC, and one thing to look at.")


def test_what_the_doctor_found_long_ago_is_no_all_clear() -> None:
    record_diagnosis(None, [good("C", "a")], at(NOW))
    assert doctor_check(at(NOW + timedelta(days=7))).state == State.OK
    assert doctor_check(at(NOW + timedelta(days=7, minutes=1))).state == State.WARN


def test_what_is_left_over_is_told_and_is_bad_while_it_lets_people_in(host: FakeHost) -> None:
    assert orphans_check(existing_orphans()).state == State.OK
    closed = factories.make_orphan(host, "Old call · Bob", lets_in=False)
    check = orphans_check(existing_orphans())
    assert (check.state, check.remedy) == (State.WARN, "See which, and remove them: `/admin/orphans`")
    assert closed.name in check.sentence
    factories.make_orphan(host)
    check = orphans_check(existing_orphans())
    assert check.state == State.BAD
    assert "2 rooms and roles of ours stand in Discord" in check.sentence
    assert "One of them lets people in." in check.sentence
    assert orphans_check(existing_orphans({"1100000000000000002"})).state == State.OK
