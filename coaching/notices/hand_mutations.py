"""Messages that have not surely gone, and that somebody may send again by hand."""

from datetime import datetime, timedelta

from coaching.db import database
from coaching.errors import Refused
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import put_stale_aside

# So long the text of a mail that has not gone, or perhaps has, waits for somebody who sends it again.
KEPT_FOR_A_HAND = timedelta(days=14)


def send_again(notice_id: int, now: datetime) -> None:
    """Let a notice that has not surely gone be tried now; Refused without its text, or when it is too late."""
    # One about a session or a person's day has its words made anew.
    has_words = (Notice.body != "") | Notice.session_id.is_null(False) | (Notice.kind == MessageKind.COACH_DAY)
    may_go = Notice.state.in_(("waiting", "failed", "unsure")) & has_words
    is_worth_it = Notice.ends_at.is_null() | (Notice.ends_at > now)
    again = Notice.update(state="waiting", due_at=now, attempts=0, unsure_at=None).where(
        Notice.id == notice_id, may_go, is_worth_it
    )
    if not again.execute():
        raise Refused(
            "This message cannot be sent again: it has gone, its text is no longer kept, or it is too late for it."
        )


def leave_to_a_hand(reason: str, now: datetime) -> int:
    """Let no notice that waits be sent by itself, for it may have gone; how many there are."""
    with database.atomic():
        put_stale_aside(now)
        # What is held may have gone as well: its person may have been reached since.
        waiting = Notice.state.in_(("waiting", "held", "sending"))
        left: int = Notice.update(state="unsure", last_error=reason[:250], claimed_until=None).where(waiting).execute()
    return left


def forget_old_texts(now: datetime) -> None:
    """Forget the texts of mails that nobody has sent again."""
    left_lying = Notice.state.in_(("failed", "unsure")) & (Notice.made_at <= now - KEPT_FOR_A_HAND)
    Notice.update(body="").where(left_lying, Notice.body != "").execute()
