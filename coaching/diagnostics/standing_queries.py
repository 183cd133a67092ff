"""What is known of the site without asking Discord: for the admin's overview, and as part of a whole look."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from coaching.calendars.queries import standing_of_feeds
from coaching.call_budget.queries import DIRECT, find_hold
from coaching.call_budget.queries import standing as standing_of_calls
from coaching.catalog.queries import unverified_stores
from coaching.checks import DIRECT_MESSAGES, Check, State, backup_check, bad, good, refused, warning
from coaching.diagnostics.queries import last_diagnosis
from coaching.notices.queries import Outbox, outbox
from coaching.now import Now
from coaching.refusals import STOPS_ALL_DMS, Refusal
from coaching.remedies import LOG, RESTART, change
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.orphans.queries import standing_orphans
from coaching.rooms.views.labels import hold_words
from coaching.rooms.views.queries import count_troubled_places, holds_on_rooms, lost_servers, troubled_rooms
from coaching.runtime.queries import BACKUP, FAILED_BACKUP, last_heartbeat, worker_state

ORPHANS = "Left over"
CALENDARS = "Outside calendars"
# Discord blocks a machine at 10,000 within ten minutes.
MANY_REFUSED = 500
MOST_NAMED = 5
LONG_HELD = timedelta(minutes=1)
LOOK_IS_NEWS = timedelta(days=7)
START_AGAIN = f"Start it again: {RESTART} Then see what it says: {LOG}"
LET_IT_LOOK = "Let it look, and see what to do: `/admin/doctor`"


def queue_check(depth: int | None) -> Check:
    """Whether the queue answers."""
    if depth is None:
        remedy = f"It is the file queue.db in DATA_DIR unless HUEY_URL names another. {change('HUEY_URL')}"
        return bad("Queue", "It does not answer. Rooms may come up to a minute late.", remedy)
    return good("Queue", f"It answers; {depth} waiting.")


def worker_check(machine_now: datetime) -> Check:
    """Whether the part that opens and closes rooms is at work."""
    worker = worker_state(machine_now)
    heard_at = worker.heard_at
    if heard_at is None:
        return bad(
            "Worker",
            "The part that opens and closes rooms has never run.",
            START_AGAIN,
        ).fixed_by_owner("the worker has never run.")
    if worker.is_silent:
        since = f"{heard_at:%Y-%m-%d %H:%M} UTC"
        return bad(
            "Worker",
            f"The part that opens and closes rooms has not run since {since}.",
            START_AGAIN,
        ).fixed_by_owner(f"the worker is silent since {since}.")
    if broke_at := worker.broke_at:
        return bad(
            "Worker",
            f"The part that opens and closes rooms stumbled at {broke_at:%H:%M:%S} UTC. It goes on by itself.",
            f"See what it says: {LOG}",
        ).fixed_by_owner("the worker stumbled.")
    # A site that was stopped a moment ago left the same mark: only when it was seen is known.
    ago = max(0, round((machine_now - heard_at).total_seconds()))
    seen = f"{heard_at:%H:%M:%S} UTC, {ago} seconds before this look"
    return good("Worker", f"The part that opens and closes rooms was last seen at work at {seen}.")


def nightly_check(machine_now: datetime) -> Check:
    """Whether the last night had its backup."""
    return backup_check(last_heartbeat(BACKUP), last_heartbeat(FAILED_BACKUP), machine_now)


def rooms_check() -> Check:
    """Whether any room, category or shared role is in trouble."""
    rooms, places = troubled_rooms(), count_troubled_places()
    if rooms:
        return warning(
            "Rooms",
            f"{len(rooms)} in trouble. The first: {rooms[0].trouble}",
            "See what to do: `/admin/rooms?show=trouble`",
        )
    if places:
        which = "category or shared role does" if places == 1 else "categories or shared roles do"
        return warning("Rooms", f"{places} {which} not work.", "See what to do: `/admin/rooms?show=trouble`")
    return good("Rooms", "None is in trouble.")


def orphans_check(guild_id: str | None = None) -> Check:
    """Whether anything of ours stands in Discord, or in this one guild, that no row knows."""
    found = standing_orphans(None if guild_id is None else {guild_id})
    if not found:
        return good(ORPHANS, "No room or role of ours was seen in Discord that belongs to nothing here.")
    open_ones = [one for one in found if one.lets_in]
    sentence = (
        f"{_orphans(len(found))} in Discord without belonging to anything here, as after a backup was restored. "
        f"The first: “{found[0].name}”."
    )
    remedy = "See which, and remove them: `/admin/orphans`"
    if not open_ones:
        return warning(ORPHANS, sentence, remedy)
    let_in = "One of them lets" if len(open_ones) == 1 else f"{len(open_ones)} of them let"
    return bad(ORPHANS, f"{sentence} {let_in if len(found) > 1 else 'It lets'} people in.", remedy)


def records_check(now: datetime) -> Check:
    """Whether what is written down about every room can be read."""
    found = unreadable_rooms(now)
    if not found:
        return good("Records", "What is written down about every room can be read.")
    more = f" So it is with {len(found) - MOST_NAMED} more." if len(found) > MOST_NAMED else ""
    sentences = " ".join(one.sentence for one in found[:MOST_NAMED])
    return bad("Records", f"{sentences}{more}", f"{found[0].remedy} All of them, with what to do: `/admin/rooms`")


def outbox_check(sends_mail: bool, is_demo: bool, machine_now: datetime) -> Check:
    """Whether every message has gone that ought to have."""
    found = outbox(machine_now, sends_mail)
    sentences, remedy = _losses(found), _remedy(found, sends_mail)
    if found.stuck:
        why = "this is a demo" if is_demo else "no mail server is set"
        sentences.insert(0, f"{_messages(found.stuck, 'waits', 'wait', 'mail')} and cannot leave: {why}.")
        remedy = "Read them and hand them on: `/admin/messages`"
        if not is_demo:
            remedy += f" With a mail server what waits leaves. {change('MAIL_URL')}"
    if sentences:
        return warning("Outbox", " ".join([*sentences, *_held(found)]), remedy)
    return good("Outbox", " ".join(["No message is stuck.", *_held(found)]))


def calendars_check() -> Check | None:
    """Whether outside calendars can be read from here; None where there are none."""
    found = standing_of_feeds()
    if not found.count:
        return None
    if found.unreachable == found.count > 1:
        return bad(
            CALENDARS,
            f"None of the {found.count} outside calendars of coaches answers, so soon no times of theirs are offered.",
            f"Let the worker's machine look up names and ask any address on port 443. What it says then: {LOG}",
        )
    dead = f" {found.dead} cannot be read, of which their coaches have been told." if found.dead else ""
    return good(CALENDARS, f"Outside calendars of coaches: {found.count}.{dead}")


def lost_servers_check(now: datetime) -> Check | None:
    """Stores that cannot open rooms, with what that costs; None where there are none."""
    stores = unverified_stores()
    if not stores:
        return None
    names = ", ".join(f"{store.name} ({store.guild.name})" for store in stores[:5] if store.guild)
    more = f" and {len(stores) - 5} more" if len(stores) > 5 else ""
    waiting = sum(map(len, lost_servers(now).values()))
    cost = f" {waiting} coming {'session gets' if waiting == 1 else 'sessions get'} none." if waiting else ""
    pages = ", ".join(f"`/store/{store.slug}/guild`" for store in stores[:5])
    return warning(
        "Verification of servers",
        f"Discord no longer says that the coach may manage the server: {names}{more}. No new rooms are made there, and "
        f"calls that need one cannot be booked.{cost}",
        f"Their coaches read it on their dashboard, and have to add the server again: {pages}",
    )


def direct_messages_check(machine_now: datetime) -> Check | None:
    """Why Discord takes none of the bot's direct messages; None where it does. No room depends on it."""
    hold = find_hold(DIRECT)
    if hold is None or hold.until <= machine_now or hold.reason not in STOPS_ALL_DMS:
        return None
    return replace(refused(DIRECT_MESSAGES, Refusal(hold.reason)), state=State.WARN)


def servers_checks(now: Now) -> Iterator[Check]:
    """Servers in which no rooms are made for a while, or until their coach acts."""
    for hold in holds_on_rooms(now):
        words = f"{hold_words(hold)} until {hold.until:%H:%M} UTC."
        yield warning("Servers", words, f"{hold.sentence} The rooms it is about: `/admin/rooms`")
    if lost := lost_servers_check(now.product):
        yield lost
    if stopped := direct_messages_check(now.machine):
        yield stopped
    calls = standing_of_calls(now.machine)
    if calls.held_for > LONG_HELD or calls.refused > MANY_REFUSED:
        minutes = -(-calls.held_for // timedelta(minutes=1))
        waits = f"All calls wait {minutes} min. " if minutes else ""
        yield warning(
            "Calls to Discord",
            f"{waits}{calls.refused} were refused within ten minutes; Discord blocks this machine at 10,000.",
            f"See in the log what is refused: {LOG}",
        )


def doctor_check(machine_now: datetime) -> Check:
    """What the last look at the whole site found."""
    found = last_diagnosis(None)
    if found is None:
        return warning(
            "Doctor", "It has not looked yet: nobody knows how settings, Discord and the servers are.", LET_IT_LOOK
        )
    at, states = f"{found.at:%Y-%m-%d %H:%M} UTC", [check.state for check in found.checks]
    if count := states.count(State.BAD):
        return bad("Doctor", f"It found {_things(count)} to mend on {at}.", LET_IT_LOOK)
    if machine_now - found.at > LOOK_IS_NEWS:
        return warning("Doctor", f"It last looked on {at}.", LET_IT_LOOK)
    also = f", and {_things(count)} to look at" if (count := states.count(State.WARN)) else ""
    return good("Doctor", f"It found nothing to mend on {at}{also}.")


def _losses(found: Outbox) -> list[str]:
    return [
        f"{_messages(count, one, many)} {rest}."
        for count, one, many, rest in (
            (found.late, "waits", "wait", "longer than it takes"),
            (found.restored, "is", "are", "in doubt since the database was restored, and may have gone out before"),
            (found.lost, "did", "did", "not go out for certain"),
            (found.expired, "was", "were", "not sent in time"),
        )
        if count
    ]


def _held(found: Outbox) -> list[str]:
    """Messages that wait for their person, who reads on every page how to be reached: nobody else can do anything."""
    if not found.held:
        return []
    whom = "somebody who" if found.held_for == 1 else f"{found.held_for} people who"
    return [f"{_messages(found.held, 'is', 'are')} held for {whom} cannot be reached yet."]


def _remedy(found: Outbox, sends_mail: bool) -> str:
    if found.late or found.lost or found.expired:
        answered = "See what mail server and Discord answered: `/admin/messages`"
        return f"{answered} {change('MAIL_URL')}" if sends_mail else answered
    return "Send again those that are still needed: `/admin/messages?state=unsure`"


def _orphans(count: int) -> str:
    return "One room or role of ours stands" if count == 1 else f"{count} rooms and roles of ours stand"


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


def _messages(count: int, one: str, many: str, noun: str = "message") -> str:
    return f"1 {noun} {one}" if count == 1 else f"{count} {noun}s {many}"
