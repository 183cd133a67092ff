"""A person whose two accounts become one while their room stands: nobody is put out, and the outcome is theirs."""

from datetime import UTC, datetime

import pytest

from coaching.accounts import claim_mutations, mutations, queries
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.merging.mutations import merge_accounts
from coaching.merging.queries import what_moves
from coaching.rooms.models import Presence
from tests.clocks import at
from tests.factories import make_person
from tests.fakes import GUILD_ID, FakeHost
from tests.rooms.conftest import BOTH, CLOSED, COACH, END, OPENED, START, STUDENT, SteppedWorker, minutes, who_sees


def merge(other: Person, survivor: Person) -> None:
    now = datetime.now(UTC)
    sign_in = queries.find_sign_in(mutations.start_sign_in(survivor, now), now)
    link = queries.find_discord_link(other)
    assert sign_in is not None
    assert link is not None
    claim_mutations.claim_by_discord(sign_in, link, "", now)
    merge_accounts(sign_in, what_moves(survivor, other, now).mark, "abcdefghjk", at(now))


def merge_into_a_new_account(other: Person) -> Person:
    """The survivor is an account by mail, without Discord."""
    survivor = make_person("Survivor")
    merge(other, survivor)
    return survivor


def ticks(worker: SteppedWorker, *instants: datetime) -> None:
    for instant in instants:
        worker.tick(instant)
        worker.sleep(60)


@pytest.mark.parametrize(
    ("mode", "side"),
    [("members", "coach"), ("members", "student"), ("session_role", "student"), ("shared_role", "student")],
)
def test_a_merge_during_the_call_changes_nothing_at_discord(
    mode: str, side: str, worker: SteppedWorker, coaching_session: CoachingSession, host: FakeHost, alice, bob
) -> None:
    Store.update(access_mode=mode).execute()
    ticks(worker, OPENED - minutes(15), OPENED, START)
    calls, roles = len(host.calls), dict(host.member_roles)

    merge_into_a_new_account(alice if side == "coach" else bob)
    ticks(worker, START + minutes(1), START + minutes(2))

    assert [name for name in host.names()[calls:] if not name.startswith(("find", "get", "list"))] == []
    assert host.member_roles == roles
    assert mode == "shared_role" or who_sees(host) == [BOTH]


@pytest.mark.parametrize("side", ["coach", "student"])
def test_who_was_seen_under_the_name_that_ended_has_been_there(
    side: str, worker: SteppedWorker, coaching_session: CoachingSession, host: FakeHost, alice, bob
) -> None:
    ticks(worker, OPENED - minutes(15), OPENED)
    [room] = host.rooms_in()
    host.voice |= {(GUILD_ID, account): room.channel_id for account in BOTH}
    ticks(worker, START, START + minutes(1))
    before = Presence.get(Presence.person == (alice if side == "coach" else bob)).seconds

    survivor = merge_into_a_new_account(alice if side == "coach" else bob)
    ticks(worker, START + minutes(2))

    assert Presence.select().count() == 2
    assert Presence.get(Presence.person == survivor).seconds > before > 0
    host.voice.clear()
    ticks(worker, END, CLOSED, CLOSED + minutes(1))
    current = CoachingSession.get_by_id(coaching_session.id)
    assert current.state == "completed"
    assert survivor.id in (current.coach_id, Seat.get(Seat.coaching_session == current).student_id)


def test_the_seat_of_an_account_without_discord_opens_for_the_one_that_comes_along(
    worker: SteppedWorker, coaching_session: CoachingSession, host: FakeHost, bob: Person
) -> None:
    """Booked by an account that has disconnected Discord since: the account from the other one gets in."""
    link = queries.find_discord_link(bob)
    assert link is not None
    other = make_person("Bob by Discord", email=None, email_key=None)
    link.person = other
    link.save()
    ticks(worker, OPENED, START)
    assert who_sees(host) == [{COACH}]

    merge(other, bob)
    ticks(worker, START + minutes(1), START + minutes(2))

    assert who_sees(host) == [{COACH, STUDENT}]
