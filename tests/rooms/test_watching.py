"""Somebody watches the page of an open room: who comes and goes shows within seconds, for two calls at a time."""

from datetime import timedelta

import pytest

from blueprints.sessions.phase import LOOK_EVERY
from coaching.booking.models import CoachingSession
from coaching.host import HostError
from coaching.now import Now, running_from
from coaching.refusals import Refusal
from coaching.rooms.models import Presence, Room
from coaching.rooms.reconciler.loop import Reconciler
from coaching.rooms.recording.mutations import CLAIMED_FOR
from tests.fakes import GUILD_ID
from tests.rooms.conftest import CLOSED, COACH, MACHINE, MADE, OPENED, START, STUDENT, minutes, room_of

LOOK = "find_voice_channel"


@pytest.fixture
def watch(worker, host, coaching_session):
    """One look for the page at a time, and the names of the calls it made."""

    def at(now):
        began = MACHINE + timedelta(seconds=worker.slept)
        host.calls.clear()
        room_id = room_of(coaching_session).id
        look_inside(worker, host, room_id, now, began)
        return host.names()

    return at


def reconciler_at(worker, host, now, began):
    clock = running_from(Now(now, began), lambda: worker.slept)
    return Reconciler(host, clock, sleep=worker.sleep, monotonic=lambda: worker.slept)


def look_inside(worker, host, room_id, now, began):
    """The worker is told that somebody watches this room."""
    watch_once(reconciler_at(worker, host, now, began), room_id)


def watch_once(reconciler, room_id):
    reconciler.watch(room_id)
    reconciler.settle(timedelta(seconds=10), patience=timedelta(0), fresh_for=timedelta(seconds=50))


def enter(host, *people):
    [channel] = host.rooms_in()
    for person in people:
        host.voice[GUILD_ID, person] = channel.channel_id


def test_a_watched_room_is_looked_into_between_the_minutes(worker, host, watch):
    worker.by_hand(OPENED)
    worker.tick(START)
    enter(host, COACH, STUDENT)
    worker.sleep(10)
    assert watch(START + timedelta(seconds=10)) == [LOOK, LOOK]
    assert [presence.is_inside for presence in Presence.select()] == [True, True]
    assert CoachingSession.get().state == "in_progress"


def test_many_who_watch_cost_no_more_than_one(worker, host, watch):
    worker.by_hand(OPENED)
    worker.sleep(10)
    assert watch(START) == [LOOK, LOOK]
    worker.sleep(2)
    assert watch(START) == []


def test_a_room_is_looked_into_for_as_long_as_somebody_watches(worker, host, coaching_session):
    """By one worker, whose own guard against steps that lead nowhere counts how often each has worked."""
    worker.by_hand(OPENED)
    reconciler = reconciler_at(worker, host, START, MACHINE + timedelta(seconds=worker.slept))
    looks = []
    for _ in range(40):
        worker.sleep(LOOK_EVERY)
        host.calls.clear()
        watch_once(reconciler, room_of(coaching_session).id)
        looks.append(host.names().count(LOOK))
    assert looks == [2] * 40


def test_what_a_watched_look_has_seen_the_minute_does_not_look_for_again(worker, host, watch):
    worker.by_hand(OPENED)
    worker.sleep(40)
    watch(START)
    worker.sleep(20)
    host.calls.clear()
    worker.tick(START + timedelta(seconds=20))
    assert LOOK not in host.names()


@pytest.mark.parametrize("state", ["hidden", "closed", "removed"])
def test_a_room_that_is_not_open_is_not_looked_into(worker, host, watch, state):
    for instant in (MADE, OPENED, CLOSED, CLOSED + minutes(60)):
        worker.by_hand(instant)
        worker.sleep(60)
        if Room.get(Room.kind == "session").state == state:
            break
    assert Room.get(Room.kind == "session").state == state
    assert LOOK not in watch(instant)


def test_a_room_that_is_gone_is_nothing(worker, host):
    look_inside(worker, host, 999, START, MACHINE)
    assert host.calls == []


def test_a_look_that_fails_is_made_once_and_waits_like_any_other(worker, host, watch):
    worker.by_hand(OPENED)
    worker.sleep(10)
    host.fail(HostError("500", Refusal.SERVER_ERROR, status=500), name=LOOK, times=999)
    assert watch(START) == [LOOK]
    worker.sleep(1)
    assert watch(START) == []


def test_a_room_that_somebody_is_busy_with_is_left_to_them(worker, host, watch):
    worker.by_hand(OPENED)
    worker.sleep(10)
    Room.update(claimed_until=MACHINE + timedelta(seconds=worker.slept) + CLAIMED_FOR).execute()
    assert watch(START) == []


def test_whoever_enters_shows_within_twenty_seconds(worker, host, watch):
    """The page asks again and again; each time the worker is woken, and comes upon it a second later."""
    worker.by_hand(OPENED)
    shown_after = []
    for came in range(65, 65 + LOOK_EVERY):
        host.voice.clear()
        Presence.delete().execute()
        worker.slept = 1000.0 * came
        shown_after.append(seconds_until_shown(worker, host, watch, came))
    assert max(shown_after) <= 20


def seconds_until_shown(worker, host, watch, came):
    for second in range(came - 2 * LOOK_EVERY, came + 60):
        now = START + timedelta(seconds=second)
        if second == came:
            enter(host, STUDENT)
        if second % 60 == 0:
            worker.tick(now)
        if second % LOOK_EVERY == 0 and second > came and Presence.select().where(Presence.is_inside).exists():
            return second - came
        if second % LOOK_EVERY == 1:
            watch(now)
        worker.sleep(1)
    raise AssertionError("it never showed")
