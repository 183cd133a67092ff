"""Who is in the room: talks that run over, the warning, the limit, and what became of the session."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.accounts.models import DiscordLink
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from coaching.guild_parts import Overwrite
from coaching.guild_rights import VIDEO_RIGHTS, VIEW_AND_CONNECT
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms import manual_mutations
from coaching.rooms.models import Presence
from coaching.rooms.recording.events import EventKind
from coaching.rooms.views import queries
from tests import factories
from tests.fakes import BOT_ID, GUILD_ID
from tests.rooms.conftest import COACH, START, STUDENT, room_of, who_sees

END = START + timedelta(hours=1)
BOTH = {COACH, STUDENT}
OPENED, CLOSED = START - timedelta(minutes=15), END + timedelta(minutes=15)


def minutes(count):
    return timedelta(minutes=count)


def enter(host, *people):
    [channel] = host.rooms_in()
    for person in people:
        host.voice[GUILD_ID, person] = channel.channel_id


def let_in(host, person):
    """A moderator makes an entry for somebody."""
    [room] = host.rooms_in()
    entries = room.overwrites | {Overwrite(person, True, allow=VIDEO_RIGHTS)}
    host.channels[room.channel_id] = (GUILD_ID, replace(room, overwrites=entries))


def outcome():
    coaching_session = CoachingSession.get()
    return coaching_session.state, coaching_session.absent


def what_happened(coaching_session):
    return [event.kind for event in queries.room_log(room_of(coaching_session).id)]


def test_a_talk_goes_on_until_its_limit_and_then_ends(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END - minutes(2), END + minutes(3))
    worker.minutes(END + minutes(7), END + minutes(59), 4)
    assert (who_sees(host), len(host.voice)) == ([BOTH], 2)
    worker.minutes(END + minutes(60), END + minutes(62))
    assert (host.rooms_in(), host.voice) == ([], {})


def test_at_the_limit_people_are_put_out_of_a_room_that_is_not_removed_yet(worker, host, coaching_session):
    Product.update(remove_minutes=120).execute()
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END - minutes(2), END + minutes(4))
    worker.minutes(END + minutes(8), END + minutes(60), 4)
    assert (who_sees(host), host.voice) == ([set()], {})
    assert host.names().count("disconnect") == 2
    assert "disconnected" in what_happened(coaching_session)


def test_somebody_who_lost_the_line_came_back_and_did_not_come_twice(worker, host, coaching_session):
    worker.by_hand(OPENED)
    for at, people in enumerate(((STUDENT,), (STUDENT, COACH), (COACH,), (STUDENT, COACH))):
        host.voice.clear()
        enter(host, *people)
        worker.sleep(60)
        worker.tick(START + minutes(at))
    walks = {EventKind.CAME, EventKind.LEFT, EventKind.CAME_BACK}
    events = [line.event for line in queries.room_log(room_of(coaching_session).id) if line.kind in walks]
    assert [(event.kind, event.fields.side) for event in events] == [
        ("came", "student"),
        ("came", "coach"),
        ("left", "student"),
        ("came_back", "student"),
    ]
    assert sum(seen.minutes for seen in Presence.select()) == 3


def test_the_room_closes_when_the_last_one_has_left(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END - minutes(2), END + minutes(20))
    assert who_sees(host) == [BOTH]
    host.voice.clear()
    worker.sleep(60)
    worker.tick(END + minutes(21))
    assert who_sees(host) == [set()]
    assert host.names().count("disconnect") == 0


def test_those_inside_are_warned_once_at_the_planned_end(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH)
    worker.minutes(END - minutes(2), END - minutes(1))
    assert len(host.messages) == 1
    worker.minutes(END, END + minutes(5))
    [_, (_, _, text)] = host.messages
    limit = int((END + minutes(60)).timestamp())
    assert text == (
        f"The planned time is over. This room stays open while you are here, until <t:{limit}:t> at the latest."
    )


def test_a_talk_ends_ten_minutes_before_the_coachs_next_session(worker, host, coaching_session, alice):
    factories.make_coaching_session(coaching_session.product, starts_at=END + minutes(40))
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END, END + minutes(29))
    assert len(host.voice) == 2
    worker.minutes(END + minutes(30), END + minutes(31))
    assert host.voice == {}


def test_a_next_session_never_closes_a_room_before_its_time(worker, host, coaching_session):
    factories.make_coaching_session(coaching_session.product, starts_at=END + minutes(15))
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END, CLOSED - minutes(1))
    assert len(host.voice) == 2
    worker.tick(CLOSED)
    assert BOTH not in who_sees(host)


def test_after_an_outage_nobody_is_cut_off_unseen(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.sleep(5400)
    worker.tick(CLOSED + minutes(5))
    assert (who_sees(host), len(host.voice)) == ([BOTH], 2)


def test_a_server_that_will_not_say_who_is_inside_keeps_no_room_open(worker, host, coaching_session):
    worker.by_hand(OPENED)
    host.fail(HostError("500", Refusal.SERVER_ERROR, status=500), name="find_voice_channel", times=999)
    worker.minutes(CLOSED - minutes(2), CLOSED + minutes(1))
    assert who_sees(host) == [set()]


def shut_out_bot(host):
    """A moderator takes the bot's entry from the room: Discord does not say any more who is inside."""
    [room] = host.rooms_in()
    entries = frozenset(entry for entry in room.overwrites if entry.target_id != BOT_ID)
    host.channels[room.channel_id] = (GUILD_ID, replace(room, overwrites=entries))
    host.fail(HostError("403", Refusal.MISSING_ACCESS, status=403, code=50001), name="find_channel", times=999)
    host.fail(HostError("403", Refusal.MISSING_ACCESS, status=403, code=50001), name="set_overwrites", times=999)


@pytest.mark.parametrize(("is_shut_out", "became"), [(False, "both"), (True, "unknown")])
def test_a_bot_shut_out_of_the_room_takes_nobody_for_absent(worker, host, coaching_session, is_shut_out, became):
    worker.by_hand(OPENED)
    if is_shut_out:
        shut_out_bot(host)
        enter(host, COACH, STUDENT)
    worker.minutes(START, CLOSED + minutes(2), 4)
    assert outcome() == ("no_show", became)
    assert EventKind.LEFT not in what_happened(coaching_session)


def test_who_sits_in_somebody_elses_private_channel_is_not_in_the_room(worker, host, coaching_session):
    worker.by_hand(OPENED)
    closed = frozenset({Overwrite(GUILD_ID, False, deny=VIEW_AND_CONNECT)})
    host.channels["77"] = (GUILD_ID, replace(host.rooms_in()[0], channel_id="77", overwrites=closed))
    host.voice[GUILD_ID, COACH] = host.voice[GUILD_ID, STUDENT] = "77"
    worker.minutes(START, CLOSED + minutes(2), 4)
    assert outcome() == ("no_show", "both")


def test_a_cancelled_session_goes_at_once_whoever_is_inside(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH)
    worker.tick(START)
    CoachingSession.update(state="cancelled").execute()
    worker.tick(START)
    assert host.rooms_in() == []


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ((COACH, STUDENT), ("completed", None)),
        ((COACH,), ("no_show", "student")),
        ((STUDENT,), ("no_show", "coach")),
        ((), ("no_show", "both")),
    ],
)
def test_who_was_seen_decides_what_became_of_the_session(worker, host, coaching_session, inside, expected):
    worker.by_hand(OPENED)
    enter(host, *inside)
    worker.minutes(START, START + minutes(2))
    assert outcome() == ("in_progress" if len(inside) == 2 else "scheduled", None)
    host.voice.clear()
    worker.minutes(START + minutes(3), CLOSED + minutes(2), 4)
    assert outcome() == expected


def test_an_outage_during_the_call_makes_nobody_a_no_show(worker, host, coaching_session):
    worker.by_hand(OPENED)
    worker.sleep(90 * 60)
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert outcome() == ("no_show", "unknown")


def test_whoever_comes_after_an_outage_in_the_middle_was_there(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH)
    worker.minutes(START, START + minutes(12), 4)
    worker.sleep(33 * 60)
    enter(host, STUDENT)
    worker.minutes(START + minutes(49), CLOSED, 4)
    host.voice.clear()
    worker.minutes(CLOSED + minutes(1), CLOSED + minutes(3))
    assert outcome() == ("completed", None)


def test_a_room_that_came_late_says_nothing_of_the_time_before(worker, host, coaching_session):
    worker.by_hand(START + minutes(20))
    enter(host, COACH)
    worker.minutes(START + minutes(21), CLOSED + minutes(20), 4)
    host.voice.clear()
    worker.minutes(CLOSED + minutes(21), CLOSED + minutes(24))
    assert outcome() == ("no_show", "unknown")


def test_waiting_in_the_open_room_before_the_start_is_not_the_call(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(OPENED + minutes(1), START - minutes(2))
    host.voice.clear()
    worker.minutes(START - minutes(1), START + minutes(1))
    assert outcome() == ("scheduled", None)
    worker.minutes(START + minutes(2), CLOSED + minutes(4), 4)
    assert outcome() == ("no_show", "both")


def test_a_clock_that_jumps_over_the_call_has_looked_at_none_of_it(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH)
    worker.minutes(START, START)
    worker.minutes(END - minutes(1), END - minutes(1))
    host.voice.clear()
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert outcome() == ("no_show", "unknown")


def test_a_session_whose_room_never_stood_is_unknown(worker, host, coaching_session):
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013), name="create_channel", times=999)
    worker.minutes(START, START + minutes(3))
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert outcome() == ("no_show", "unknown")


def test_a_session_that_no_worker_saw_is_unknown(worker, host, coaching_session):
    worker.tick(CLOSED)
    assert outcome() == ("no_show", "unknown")


def test_a_call_by_phone_counts_as_held(worker, host, coaching_session):
    CoachingSession.update(session_type="phone").execute()
    worker.tick(END)
    assert outcome() == ("completed", None)


def test_minutes_are_kept_for_each_person(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH)
    worker.minutes(START, START + minutes(10))
    enter(host, STUDENT)
    worker.minutes(START + minutes(11), START + minutes(20))
    seconds = {presence.person.name: presence.seconds for presence in Presence.select()}
    assert seconds == {"Alice": 1140, "Bob": 540}


# --- By hand


def test_the_coach_opens_the_room_now_whenever_that_is(worker, host, coaching_session, alice):
    now = START - timedelta(days=3)
    manual_mutations.open_now(coaching_session, alice, now)
    worker.tick(now)
    assert who_sees(host) == [BOTH]
    assert what_happened(coaching_session)[:2] == ["opened_by_hand", "made_open"]
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert who_sees(host) == [set()]


def test_ten_more_minutes_keep_an_empty_room_open_so_much_longer(worker, host, coaching_session, alice):
    worker.by_hand(OPENED)
    manual_mutations.add_minutes(coaching_session, alice, 10, END)
    worker.minutes(CLOSED, CLOSED + minutes(9))
    assert who_sees(host) == [BOTH]
    worker.by_hand(CLOSED + minutes(10))
    assert who_sees(host) == [set()]


def test_the_coach_closes_the_room_now_and_everybody_is_out(worker, host, coaching_session, alice):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(START, START + minutes(2))
    manual_mutations.close_now(coaching_session, alice, START + minutes(3))
    worker.sleep(60)
    worker.tick(START + minutes(3))
    assert (who_sees(host), host.voice) == ([set()], {})


def test_a_room_opened_and_closed_by_hand_days_before_still_opens_at_its_time(worker, host, coaching_session, alice):
    early = START - timedelta(days=1)
    manual_mutations.open_now(coaching_session, alice, early)
    worker.tick(early)
    manual_mutations.close_now(coaching_session, alice, early + minutes(1))
    worker.sleep(60)
    worker.tick(early + minutes(1))
    assert host.rooms_in() == []
    worker.tick(OPENED)
    assert who_sees(host) == [BOTH]


def test_a_room_closed_by_hand_just_before_the_start_stays_shut(worker, host, coaching_session, alice):
    worker.by_hand(START - minutes(20))
    manual_mutations.close_now(coaching_session, alice, START - minutes(5))
    worker.sleep(60)
    worker.minutes(START - minutes(5), START + minutes(5))
    assert who_sees(host) == [set()]
    worker.by_hand(END + minutes(60))
    assert room_of(coaching_session).state == "removed"


@pytest.mark.parametrize("passed", [END + timedelta(minutes=30), CLOSED])
def test_one_look_that_finds_nobody_ends_no_talk(worker, host, coaching_session, passed):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END, passed - minutes(1))
    talking, host.voice = host.voice, {}
    worker.tick(passed)
    assert who_sees(host) == [BOTH]
    host.voice = talking
    worker.sleep(60)
    worker.minutes(passed + minutes(1), passed + minutes(3))
    assert who_sees(host) == [BOTH]
    host.voice = {}
    worker.minutes(passed + minutes(4), passed + minutes(5))
    assert who_sees(host) == [set()]


def test_whoever_takes_another_account_during_a_talk_does_not_leave_the_old_one_in_it(
    worker, host, coaching_session, bob
):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.tick(START)
    DiscordLink.delete().where(DiscordLink.person == bob).execute()
    factories.link_discord(bob, "2999")
    worker.minutes(START + minutes(1), START + minutes(2))
    assert (who_sees(host), set(host.voice)) == ([{COACH, "2999"}], {(GUILD_ID, COACH)})
    assert "disconnected" in what_happened(coaching_session)


def test_a_guest_whom_a_moderator_let_in_is_put_out_with_their_entry(worker, host, coaching_session):
    worker.by_hand(OPENED)
    let_in(host, "2999")
    enter(host, COACH, STUDENT, "2999")
    worker.minutes(START, START + minutes(2))
    assert (who_sees(host), set(host.voice)) == ([BOTH], {(GUILD_ID, COACH), (GUILD_ID, STUDENT)})


def test_a_talk_that_was_held_counts_although_its_room_was_deleted_before_the_end(worker, host, coaching_session):
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(START, START + minutes(2))
    worker.minutes(END - minutes(1), END - minutes(1))
    host.channels.clear()
    host.voice.clear()
    worker.sleep(60)
    worker.minutes(END, END + minutes(20))
    assert outcome() == ("completed", None)


def test_whoever_has_gone_to_another_channel_at_the_limit_is_left_there(worker, host, coaching_session):
    Product.update(remove_minutes=120).execute()
    worker.by_hand(OPENED)
    enter(host, COACH, STUDENT)
    worker.minutes(END - minutes(2), END + minutes(3))
    worker.minutes(END + minutes(7), END + minutes(59), 4)
    host.voice[GUILD_ID, COACH] = "77"
    worker.minutes(END + minutes(60), END + minutes(61))
    assert (who_sees(host), host.voice) == ([set()], {(GUILD_ID, COACH): "77"})


def test_a_guest_who_sits_with_others_by_now_is_left_alone(worker, host, coaching_session):
    worker.by_hand(OPENED)
    let_in(host, "2999")
    host.voice[GUILD_ID, "2999"] = "77"
    worker.minutes(START, START + minutes(2))
    assert host.voice[GUILD_ID, "2999"] == "77"
    assert "disconnect" not in host.names()


def test_a_room_that_was_opened_too_early_and_shut_again_has_nobody_inside(worker, host, coaching_session, alice):
    early = START - minutes(28)
    manual_mutations.open_now(coaching_session, alice, early)
    worker.by_hand(early)
    enter(host, COACH, STUDENT)
    manual_mutations.close_now(coaching_session, alice, early + minutes(1))
    worker.minutes(early + minutes(1), early + minutes(3))
    assert (who_sees(host), host.voice) == ([set()], {})
    worker.minutes(OPENED, OPENED + minutes(1))
    assert who_sees(host) == [BOTH]


NO_RIGHT = HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013)


def test_a_guest_who_cannot_be_put_out_hides_nobody_who_comes(worker, host, coaching_session):
    worker.by_hand(OPENED)
    let_in(host, "2999")
    enter(host, "2999")
    host.fail(NO_RIGHT, name="disconnect", times=999)
    worker.minutes(START, START + minutes(30))
    enter(host, COACH, STUDENT)
    worker.minutes(START + minutes(31), START + minutes(33))
    assert {presence.is_inside for presence in Presence.select()} == {True}
    # After one minute, two, four, eight and sixteen more.
    assert host.names().count("disconnect") <= 6


def test_looks_that_are_held_back_do_not_shorten_the_pause_of_a_putting_out(worker, host, coaching_session):
    worker.by_hand(OPENED)
    let_in(host, "2999")
    enter(host, "2999")
    host.fail(NO_RIGHT, name="disconnect", times=999)
    worker.minutes(START, START + minutes(2))
    host.calls.clear()
    held_back = HostError("held back", Refusal.RATE_LIMITED, retry_after=timedelta(seconds=30))
    host.fail(held_back, name="find_channel", times=9)
    worker.sleep(60)
    worker.tick(START + minutes(3))
    assert host.names().count("find_channel") <= 7
    assert host.names().count("disconnect") <= 1
