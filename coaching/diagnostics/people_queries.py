"""How the site keeps its word to people: somebody can let them in, times are as promised, and what is old goes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from peewee import fn

from coaching.accounts.admin_queries import admins
from coaching.accounts.models import Person
from coaching.accounts.signup import Signup
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.promise_queries import changed_sessions
from coaching.catalog.models import Store
from coaching.checks import Check, bad, good, warning
from coaching.coaches.application_queries import count_waiting
from coaching.coaches.applications import State
from coaching.coaches.models import Coach, CoachApplication
from coaching.coaches.signup import CoachSignup
from coaching.db import rows
from coaching.hours.models import Schedule, Travel
from coaching.remedies import LOG, change, instant
from coaching.runtime.models import RetentionRun
from coaching.zones import is_zone

COACHES, PICTURES, PROMISES, RETENTION = "Coaches", "Pictures", "Promised times", "Old data"
# So many failures in a row are five minutes and more.
FAILS = 3
LONG = timedelta(days=7)
MAKE_ADMIN = "Make somebody an admin: `flask people make-admin EMAIL`"
SENTENCES = {
    CoachSignup.OPEN: "Whoever opens a store is a coach.",
    CoachSignup.APPROVAL: "Admins approve who sells here, and nobody waits for long.",
    CoachSignup.INVITE: "Coaches come by the links of admins.",
    CoachSignup.CLOSED: "No new coaches are taken.",
}
MOST_NAMED = 5
ZONES = (Person.zone, Store.zone, Schedule.zone, Travel.zone, CoachingSession.zone, Seat.zone)
# At least one night went by, or a night's work has not ended by the evening.
LATE = timedelta(hours=36)
UNFINISHED = timedelta(hours=12)
# By the names of the rules (own_data/retention_mutations.py).
WORDS = {
    "answers": "answers of students",
    "goals": "goals and phone numbers",
    "folders": "folders of calls",
    "presence": "records of who was in a room",
    "room_log": "lines of rooms’ logs",
    "sign_ins": "sign-ins that had ended",
    "messages": "messages",
    "student_messages": "messages of students to coaches",
    "security_log": "lines of the security log",
}


def coaches_check(policy: CoachSignup, signup: Signup, now: datetime) -> Check:
    """Whether the two settings lock everybody out, or an applicant has waited for long."""
    if signup is Signup.CLOSED and not Person.select().exists():
        sentence = "SIGNUP is closed, and nobody has an account yet."
        return bad(COACHES, sentence, f"Open it until you have made yours. {change('SIGNUP')}")
    needs_admin = policy in (CoachSignup.APPROVAL, CoachSignup.INVITE)
    if needs_admin and not admins():
        return bad(COACHES, f"COACH_SIGNUP is {policy}, and there is no admin to let anybody in.", MAKE_ADMIN)
    waiting = count_waiting()
    first = CoachApplication.select(fn.MIN(CoachApplication.sent_at)).where(CoachApplication.state == State.SENT)
    oldest = CoachApplication.sent_at.python_value(first.scalar()) if waiting else None
    if oldest and now - oldest > LONG:
        who = "One person waits" if waiting == 1 else f"{waiting} people wait"
        sentence = f"{who} to become a coach, the longest for {(now - oldest).days} days."
        return warning(COACHES, sentence, "Read what they wrote, and answer: `/admin/coaches`")
    return good(COACHES, SENTENCES[policy])


def pictures_check() -> Check | None:
    """Whether coaches' pictures can be fetched from Discord; None where none waits for long."""
    count = Coach.select().where(Coach.takes_avatar, Coach.avatar_attempts >= FAILS).count()
    if not count:
        return None
    whose = "The picture at Discord of one coach" if count == 1 else f"The pictures at Discord of {count} coaches"
    return warning(
        PICTURES,
        f"{whose} could not be fetched, several times in a row. Their pages show their initials, or an older picture.",
        f"Let the worker's machine ask cdn.discordapp.com on port 443. What it says then: {LOG}",
    )


def promises_checks(now: datetime) -> Iterator[Check]:
    """Zones that nobody knows any more, and sessions to come at another time of day than was promised."""
    zones = {zone for column in ZONES for (zone,) in rows(column.model.select(column).distinct()) if zone}
    if lost := sorted(zone for zone in zones if not is_zone(zone)):
        yield bad(
            "Zones",
            f"No zone is called {', '.join(lost[:MOST_NAMED])} any more, and times in it cannot be shown.",
            f"Find its present name, then: `flask sessions rename-zone {lost[0]} NEW`",
        )
    changed = changed_sessions(now)
    if not changed:
        yield good(PROMISES, "Every session to come is at the time of day it was promised for.")
        return
    codes = ", ".join(coaching_session.code for coaching_session in changed[:MOST_NAMED])
    more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    are = "session to come is" if len(changed) == 1 else "sessions to come are"
    yield warning(
        PROMISES,
        f"{len(changed)} {are} at another time of day than was promised, for clocks are set otherwise: {codes}{more}.",
        "See them: `flask sessions zones`. Then tell both sides of each: `flask sessions zones --tell`",
    )


def retention_check(now: datetime) -> Check:
    """How the deleting of the last night fared; as long as there was none, nothing is wrong with that."""
    runs = [run for run in RetentionRun.select().order_by(RetentionRun.id) if run.name in WORDS]
    if not runs:
        return good(RETENTION, "Nothing was looked through yet. The worker does it within minutes, then each night.")
    late = [run for run in runs if now - run.night_at > (LATE if run.ended_at else UNFINISHED)]
    if late:
        names = ", ".join(WORDS[run.name] for run in late)
        since = min(run.night_at for run in late)
        remedy = f"The worker tries again each minute. The reason is in the log: {LOG}"
        return warning(RETENTION, f"Not deleted since {instant(since)}, though it is time: {names}.", remedy)
    night = max(run.night_at for run in runs)
    gone = [f"{WORDS[run.name]} ({run.removed})" for run in runs if run.removed]
    outcome = f"this was deleted: {', '.join(gone)}" if gone else "nothing was old enough to be deleted"
    return good(RETENTION, f"In the night of {instant(night)} {outcome}.")
