"""What is known of the site without asking Discord: for overview, warnings and dashboards, and part of a whole look."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from coaching.calendars.queries import standing_of_feeds
from coaching.call_budget.queries import DIRECT, find_hold
from coaching.call_budget.queries import standing as standing_of_calls
from coaching.catalog.models import Store
from coaching.catalog.queries import unverified_stores
from coaching.checks import DIRECT_MESSAGES, Check, State, backup_check, bad, good, refused, warning
from coaching.diagnostics.money_queries import money_checks
from coaching.diagnostics.people_queries import retention_check
from coaching.diagnostics.queries import last_diagnosis
from coaching.notices.queries import outbox
from coaching.now import Now
from coaching.payments.objection_queries import objections_check
from coaching.refusals import STOPS_ALL_DMS, Refusal
from coaching.remedies import LOG, RESTART, change, in_utc, instant
from coaching.reviews.report_queries import reviews_check
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.queries import existing_orphans
from coaching.rooms.views.labels import hold_label
from coaching.rooms.views.queries import count_troubled_shared_parts, holds_on_rooms, lost_servers, troubled_rooms
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


def standing_checks(now: Now, *, makes_backups: bool, sends_mail: bool, is_demo: bool) -> Iterator[Check]:
    """What our own tables say, cheap enough for a page: how worker, rooms and messages are, and who waits."""
    yield worker_check(now)
    if makes_backups:
        yield backup_check(last_heartbeat(BACKUP), last_heartbeat(FAILED_BACKUP), now.machine)
    yield retention_check(now.product)
    yield from money_checks(now.product)
    yield rooms_check()
    yield outbox_check(sends_mail, is_demo, now)
    yield orphans_check(existing_orphans())
    yield from servers_checks(now)
    yield records_check(unreadable_rooms(now.product))
    yield objections_check()
    yield reviews_check()


def queue_check(depth: int | None) -> Check:
    """Whether the queue answers."""
    if depth is None:
        remedy = f"It is the file queue.db in DATA_DIR unless HUEY_URL names another. {change('HUEY_URL')}"
        return bad("Queue", "It does not answer. Rooms may come up to a minute late.", remedy)
    return good("Queue", f"It answers; {depth} waiting.")


def worker_check(now: Now) -> Check:
    """Whether the part that opens and closes rooms is at work."""
    worker, part = worker_state(now.machine), "The part that opens and closes rooms"
    heard_at, meanwhile = worker.heard_at, "Until it does, rooms neither open nor close, and no mail leaves."
    if heard_at is None:
        sentence = f"{part} has never run; it reports within a minute of its start. {meanwhile}"
        return bad("Worker", sentence, START_AGAIN).fixed_by_owner("the worker has never run.")
    if worker.is_silent:
        check = bad("Worker", f"{part} has not run since {instant(heard_at)}. {meanwhile}", START_AGAIN)
        return check.fixed_by_owner(f"the worker is silent since {in_utc(heard_at)}.")
    if broke_at := worker.broke_at:
        sentence = f"{part} stumbled on {instant(broke_at)}. It goes on by itself, but rooms may be late."
        return bad("Worker", sentence, f"See what it says: {LOG}").fixed_by_owner("the worker stumbled.")
    # A site that was stopped a moment ago left the same mark: only when it was seen is known.
    ago = max(0, round((now.machine - heard_at).total_seconds()))
    return good("Worker", f"{part} was last seen at work on {instant(heard_at)}, {ago} seconds before this look.")


def rooms_check() -> Check:
    """Whether any room, category or shared role is in trouble."""
    rooms, shared_parts, sentences = troubled_rooms(), count_troubled_shared_parts(), []
    if rooms:
        first = rooms[0]
        sentences.append(f"{len(rooms)} in trouble. The first, “{first.coaching_session.title}”: {first.trouble}")
    if shared_parts:
        do = "category or shared role does" if shared_parts == 1 else "categories or shared roles do"
        sentences.append(f"{shared_parts} {do} not work.")
    if sentences:
        return warning("Rooms", " ".join(sentences), "See what to do: `/admin/rooms?show=trouble`")
    return good("Rooms", "None is in trouble.")


def coach_orphans_checks(stores: Collection[Store]) -> Iterator[tuple[Store, Check]]:
    """What is left over on the stores' own servers, for their coach. It keeps no room from coming: nothing bad here."""
    for store in stores:
        # On a server that this site lends, what is left over may be other people's.
        if store.guild and store.guild_verified_at and not store.guild_approved_at:
            check = orphans_check(existing_orphans({store.guild.discord_guild_id}))
            if check.state != State.OK:
                news = "rooms are left over on my server. Or delete them in Discord yourself."
                yield store, replace(check, state=State.WARN).fixed_by_owner(news)


def orphans_check(orphans: Sequence[Orphan]) -> Check:
    """What it means that these stand in Discord, ours and known by no row."""
    if not orphans:
        return good(ORPHANS, "No room or role of ours was seen in Discord that belongs to nothing here.")
    more = len(orphans) > 1
    stand = f"{len(orphans)} rooms and roles of ours stand" if more else "One room or role of ours stands"
    sentence = (
        f"{stand} in Discord without belonging to anything here, as after a backup was restored. "
        f"The first: “{orphans[0].name}”."
    )
    remedy = "See which, and remove them: `/admin/orphans`"
    letting_in = sum(orphan.lets_in for orphan in orphans)
    if not letting_in:
        return warning(ORPHANS, sentence, remedy)
    some = "One of them lets" if letting_in == 1 else f"{letting_in} of them let"
    return bad(ORPHANS, f"{sentence} {some if more else 'It lets'} people in.", remedy)


def records_check(rooms: Sequence[UnreadableRoom]) -> Check:
    """Whether what is written down about every room can be read: all but these."""
    if not rooms:
        return good("Records", "What is written down about every room can be read.")
    more = f" So it is with {len(rooms) - MOST_NAMED} more." if len(rooms) > MOST_NAMED else ""
    sentences = " ".join(room.sentence for room in rooms[:MOST_NAMED])
    return bad("Records", f"{sentences}{more}", f"{rooms[0].remedy} All of them, with what to do: `/admin/rooms`")


def outbox_check(sends_mail: bool, is_demo: bool, now: Now) -> Check:
    """Whether every message has gone that ought to have."""
    counts = outbox(now.machine, sends_mail)
    sentences = [
        f"{_messages(count, singular, plural)} {rest}."
        for count, singular, plural, rest in (
            (counts.late, "waits", "wait", "longer than it takes"),
            (counts.restored, "is", "are", "in doubt since the database was restored, and may have gone out before"),
            (counts.lost, "did", "did", "not go out for certain"),
            (counts.expired, "was", "were", "not sent in time"),
        )
        if count
    ]
    if counts.late or counts.lost or counts.expired:
        remedy = "See what mail server and Discord answered: `/admin/messages`"
        remedy += f" {change('MAIL_URL')}" if sends_mail else ""
    else:
        remedy = "Send again those that are still needed: `/admin/messages?state=unsure`"
    if counts.stuck:
        why = "this is a demo" if is_demo else "no mail server is set"
        sentences.insert(0, f"{_messages(counts.stuck, 'waits', 'wait', 'mail')} and cannot leave: {why}.")
        remedy = "Read them and hand them on: `/admin/messages`"
        remedy += "" if is_demo else f" With a mail server what waits leaves. {change('MAIL_URL')}"
    held = []
    if counts.held:
        # Who is meant reads on every page how to be reached: nobody else can do anything.
        whom = "somebody who" if counts.held_for == 1 else f"{counts.held_for} people who"
        held = [f"{_messages(counts.held, 'is', 'are')} kept back for {whom} cannot be reached yet."]
    if sentences:
        return warning("Outbox", " ".join([*sentences, *held]), remedy)
    return good("Outbox", " ".join(["No message is stuck.", *held]))


def calendars_check() -> Check | None:
    """Whether outside calendars can be read from here; None where there are none."""
    feeds = standing_of_feeds()
    if not feeds.count:
        return None
    if feeds.unreachable == feeds.count > 1:
        return bad(
            CALENDARS,
            f"None of the {feeds.count} outside calendars of coaches answers, so soon no times of theirs are offered.",
            f"Let the worker's machine look up names and ask any address on port 443. What it says then: {LOG}",
        )
    dead = f" {feeds.dead} cannot be read, of which their coaches have been told." if feeds.dead else ""
    return good(CALENDARS, f"Outside calendars of coaches: {feeds.count}.{dead}")


def servers_checks(now: Now) -> Iterator[Check]:
    """Servers in which no rooms are made for a while, or until their coach acts."""
    for hold in holds_on_rooms(now):
        sentence = f"{hold_label(hold)} until {instant(hold.until)}."
        yield warning("Servers", sentence, f"{hold.sentence} The rooms it is about: `/admin/rooms`")
    if stores := unverified_stores():
        yield _lost_servers_check(stores, now.product)
    hold_on_messages = find_hold(DIRECT)
    if hold_on_messages and hold_on_messages.until > now.machine and hold_on_messages.reason in STOPS_ALL_DMS:
        # No room depends on it.
        yield replace(refused(DIRECT_MESSAGES, Refusal(hold_on_messages.reason)), state=State.WARN)
    calls = standing_of_calls(now.machine)
    if calls.held_for > LONG_HELD or calls.refused > MANY_REFUSED:
        minutes = -(-calls.held_for // timedelta(minutes=1))
        waits = f"All calls wait {minutes} min. " if minutes else ""
        yield warning(
            "Calls to Discord",
            f"{waits}{calls.refused} were refused within ten minutes; Discord blocks this machine at 10,000.",
            f"See in the log what is refused: {LOG}",
        )


def doctor_check(now: Now) -> Check:
    """What the last look at the whole site found."""
    diagnosis = last_diagnosis(None)
    if diagnosis is None:
        sentence = "It has not looked yet: nobody knows how settings, Discord and the servers are."
        return warning("Doctor", sentence, LET_IT_LOOK)
    at, states = instant(diagnosis.at), [check.state for check in diagnosis.checks]
    if count := states.count(State.BAD):
        return bad("Doctor", f"It found {_things(count)} to mend on {at}.", LET_IT_LOOK)
    if now.machine - diagnosis.at > LOOK_IS_NEWS:
        return warning("Doctor", f"It last looked on {at}.", LET_IT_LOOK)
    also = f", and {_things(count)} to look at" if (count := states.count(State.WARN)) else ""
    return good("Doctor", f"It found nothing to mend on {at}{also}.")


def _lost_servers_check(stores: Sequence[Store], now: datetime) -> Check:
    """That these stores cannot open rooms, with what that costs."""
    names = ", ".join(f"{store.name} ({store.guild.name})" for store in stores[:MOST_NAMED] if store.guild)
    more = f" and {len(stores) - MOST_NAMED} more" if len(stores) > MOST_NAMED else ""
    waiting = sum(map(len, lost_servers(now).values()))
    cost = f" {waiting} coming {'session gets' if waiting == 1 else 'sessions get'} none." if waiting else ""
    pages = ", ".join(f"`/store/{store.slug}/guild`" for store in stores[:MOST_NAMED])
    return warning(
        "Verification of servers",
        f"Discord no longer says that the coach may manage the server: {names}{more}. No new rooms are made there, and "
        f"calls that need one cannot be booked.{cost}",
        f"Their coaches read it on their dashboard, and have to add the server again: {pages}",
    )


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


def _messages(count: int, singular: str, plural: str, noun: str = "message") -> str:
    return f"1 {noun} {singular}" if count == 1 else f"{count} {noun}s {plural}"
