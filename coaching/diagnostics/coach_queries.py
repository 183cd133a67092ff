"""Whether whoever wants to come in or to sell here finds somebody who can let them in."""

from datetime import datetime, timedelta

from peewee import fn

from coaching.accounts.admin_queries import admins
from coaching.accounts.models import Person
from coaching.accounts.signup import Signup
from coaching.checks import Check, bad, good, warning
from coaching.coaches.application_queries import count_waiting
from coaching.coaches.applications import State
from coaching.coaches.models import Coach, CoachApplication
from coaching.coaches.signup import CoachSignup
from coaching.remedies import LOG, change

COACHES, PICTURES = "Coaches", "Pictures"
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
