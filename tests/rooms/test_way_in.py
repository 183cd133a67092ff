"""Whether a room ever let its student in: what the record says, by what happened to the room and to the student."""

from datetime import timedelta

import pytest

from coaching.accounts.models import DiscordLink, GuildMember
from coaching.booking.events import OutBecause
from coaching.booking.models import Seat
from coaching.catalog.models import Store
from coaching.notices.models import Notice
from coaching.refusals import Refusal
from coaching.rooms.kept_out_queries import why_kept_out
from tests.fakes import GUILD_ID
from tests.rooms.conftest import CLOSED, END, MADE, OPENED, START, STUDENT, room_of

MINUTE = timedelta(minutes=1)


def why(coaching_session):
    return why_kept_out(coaching_session, Seat.get(Seat.coaching_session == coaching_session))


@pytest.mark.parametrize("mode", ["coaching_session", "by_role", "by_shared_role"])
def test_a_room_that_opened_let_its_student_in_and_the_record_outlives_it(worker, host, mode, request):
    coaching_session = request.getfixturevalue(mode)
    worker.by_hand(MADE)
    worker.sleep(60)
    worker.by_hand(OPENED)
    assert room_of(coaching_session).let_in_since is not None
    worker.sleep(60)
    worker.by_hand(CLOSED)
    room = room_of(coaching_session)
    assert (room.let_in, room.let_in_since) == (((OPENED, CLOSED),), None)
    assert why(coaching_session) is None


@pytest.mark.one_database
def test_a_late_opening_is_not_never(worker, host, coaching_session):
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel", times=3)
    worker.minutes(MADE, START + 40 * MINUTE, step=10)
    assert why(coaching_session) is None
    assert room_of(coaching_session).let_in_since > OPENED


@pytest.mark.one_database
@pytest.mark.parametrize("mode", ["coaching_session", "by_role", "by_shared_role"])
def test_without_the_right_to_make_rooms_nobody_is_let_in(worker, host, mode, request):
    coaching_session = request.getfixturevalue(mode)
    name = {"coaching_session": "create_channel", "by_role": "create_role", "by_shared_role": "give_role"}[mode]
    host.fail(Refusal.MISSING_PERMISSION, name=name, times=999)
    worker.minutes(MADE, END, step=15)
    assert why(coaching_session) is OutBecause.NO_ROOM


def test_a_worker_that_slept_through_the_call_let_nobody_in(worker, coaching_session):
    worker.by_hand(END + MINUTE)
    assert why(coaching_session) is OutBecause.NO_ROOM


@pytest.mark.one_database
def test_a_room_lost_before_the_start_and_not_made_again_let_nobody_in(worker, host, coaching_session):
    worker.by_hand(OPENED)
    [channel] = host.rooms_in()
    host.channels.pop(channel.channel_id)
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel", times=999)
    worker.sleep(90)
    worker.minutes(OPENED + 2 * MINUTE, END, step=10)
    assert why(coaching_session) is OutBecause.NO_ROOM


@pytest.mark.one_database
def test_who_could_not_be_given_the_role_was_kept_out_for_no_cause_of_theirs(worker, host, by_role):
    worker.by_hand(MADE)
    worker.sleep(60)
    # The coach is given the role first.
    host.before_call = lambda: len(holders(host)) and fail_once(host)
    worker.minutes(OPENED, END, step=15)
    assert why(by_role) is OutBecause.NO_RIGHT


@pytest.mark.one_database
def test_a_student_who_is_not_on_the_server_kept_themselves_out(worker, host, coaching_session):
    host.leave(GUILD_ID, STUDENT)
    worker.minutes(MADE, END, step=15)
    assert why(coaching_session) is OutBecause.LEFT
    # A ban that Discord told of when they wanted to join is not their doing.
    GuildMember.update(state="banned").where(GuildMember.link.in_(_link())).execute()
    assert why(coaching_session) is OutBecause.BANNED
    DiscordLink.delete().where(DiscordLink.discord_user_id == STUDENT).execute()
    assert why(coaching_session) is OutBecause.NOT_LINKED


def test_a_store_without_a_server_lets_nobody_in_whoever_its_student_is(worker, coaching_session):
    Store.update(guild=None).execute()
    DiscordLink.delete().where(DiscordLink.discord_user_id == STUDENT).execute()
    worker.minutes(MADE, END, step=30)
    assert why(coaching_session) is OutBecause.NO_ROOM


def test_who_is_put_off_the_server_is_told_at_once_and_let_in_when_they_come_back(worker, host, coaching_session):
    worker.minutes(MADE, OPENED + 2 * MINUTE, step=4)
    assert told_to_come_back() == []
    host.leave(GUILD_ID, STUDENT)
    worker.minutes(OPENED + 4 * MINUTE, START + 5 * MINUTE, step=4)
    assert told_to_come_back() == [Seat.get().student_id]
    assert room_of(coaching_session).let_in_since is None
    host.gone.clear()
    worker.minutes(START + 6 * MINUTE, START + 10 * MINUTE)
    assert room_of(coaching_session).let_in_since >= START
    assert why(coaching_session) is None
    # Again is said again.
    host.leave(GUILD_ID, STUDENT)
    worker.minutes(START + 11 * MINUTE, START + 25 * MINUTE, step=4)
    assert len(told_to_come_back()) == 2


def told_to_come_back():
    return [notice.person_id for notice in Notice.select().where(Notice.kind == "left_server")]


def holders(host):
    return [user for (_, user), roles in host.member_roles.items() if roles]


def fail_once(host):
    host.faults.clear()
    host.fail(Refusal.MISSING_PERMISSION, name="give_role")


def _link():
    return DiscordLink.select(DiscordLink.id).where(DiscordLink.discord_user_id == STUDENT)
