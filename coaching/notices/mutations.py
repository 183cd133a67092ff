"""Changes of the outbox: a notice is written, claimed, and ends as sent, unsure, failed or expired."""

from datetime import datetime, timedelta

from peewee import Expression

from coaching.db import database
from coaching.errors import Refused
from coaching.notices.models import Notice

# Longer than the mail gateway may take for one mail.
CLAIM = timedelta(minutes=3)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
# With these pauses about five days, as mail servers do it.
MOST_ATTEMPTS = 36
# So long the text of a mail that has not gone, or perhaps has, waits for somebody who sends it again.
KEPT_FOR_A_HAND = timedelta(days=14)


def enqueue(
    key: str, kind: str, recipient: str, subject: str, body: str, now: datetime, ends_at: datetime | None = None
) -> bool:
    """One notice under this key waits to be sent; False when there is one already.

    Call it inside the transaction of what it tells about.
    """
    if Notice.select().where(Notice.key == key).exists():
        return False
    Notice.create(
        key=key, kind=kind, recipient=recipient, subject=subject, body=body, made_at=now, due_at=now, ends_at=ends_at
    )
    return True


def claim_next(now: datetime) -> Notice | None:
    """The next notice to send, claimed for CLAIM; None when nothing is due. Stale ones are put aside first."""
    with database.atomic():
        _put_stale_aside(now)
        notice: Notice | None = Notice.select().where(_is_due(now)).order_by(Notice.due_at, Notice.id).first()
        if notice is None:
            return None
        notice.claimed_until = now + CLAIM
        notice.attempts += 1
        claimed = (
            Notice.update(state="sending", claimed_until=notice.claimed_until, attempts=notice.attempts)
            .where(Notice.id == notice.id, Notice.state == "waiting")
            .execute()
        )
    return notice if claimed else None


def record_sent(notice: Notice, now: datetime) -> None:
    """The notice has gone; its text, which may hold a link, is forgotten."""
    _finish(notice, state="sent", body="", sent_at=now, last_error=None)


def record_unsure(notice: Notice, reason: str) -> None:
    """Nobody knows whether the notice has gone; it is not sent again by itself, but may be by hand."""
    _finish(notice, state="unsure", last_error=reason[:250])


def record_not_sent(notice: Notice, reason: str, is_permanent: bool, now: datetime) -> None:
    """The notice has not gone and waits for another try, or is given up until somebody sends it again."""
    if is_permanent or notice.attempts >= MOST_ATTEMPTS:
        _finish(notice, state="failed", last_error=reason[:250])
    else:
        _finish(notice, state="waiting", due_at=now + _pause(notice), last_error=reason[:250])


def hold_all(notice: Notice, reason: str, now: datetime) -> None:
    """Let every notice that is due wait as long as this one: the mail server would refuse them, too."""
    due_at = now + _pause(notice)
    Notice.update(due_at=due_at, last_error=reason[:250]).where(_is_due(due_at)).execute()


def send_again(notice_id: int, now: datetime) -> None:
    """Let a notice that has not surely gone be tried now; Refused without its text, or when it is too late."""
    may_go = Notice.state.in_(("waiting", "failed", "unsure")) & (Notice.body != "")
    is_worth_it = Notice.ends_at.is_null() | (Notice.ends_at > now)
    again = Notice.update(state="waiting", due_at=now, attempts=0).where(Notice.id == notice_id, may_go, is_worth_it)
    if not again.execute():
        raise Refused(
            "This mail cannot be sent again: it has gone, its text is no longer kept, or it is too late for it."
        )


def leave_to_a_hand(reason: str, now: datetime) -> int:
    """Let no notice that waits be sent by itself, for it may have gone; how many there are."""
    with database.atomic():
        _put_stale_aside(now)
        waiting = Notice.state.in_(("waiting", "sending"))
        left: int = Notice.update(state="unsure", last_error=reason[:250], claimed_until=None).where(waiting).execute()
    return left


def forget_old_texts(now: datetime) -> None:
    """Forget the texts of mails that nobody has sent again."""
    left_lying = Notice.state.in_(("failed", "unsure")) & (Notice.made_at <= now - KEPT_FOR_A_HAND)
    Notice.update(body="").where(left_lying, Notice.body != "").execute()


def _pause(notice: Notice) -> timedelta:
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(notice.attempts - 1, 10), LONGEST_PAUSE)
    return pause


def _finish(notice: Notice, **values: object) -> None:
    """Change the notice if it is still ours: somebody else may have put it aside meanwhile."""
    is_ours = (Notice.id == notice.id) & (Notice.state == "sending") & (Notice.claimed_until == notice.claimed_until)
    Notice.update(claimed_until=None, **values).where(is_ours).execute()


def _put_stale_aside(now: datetime) -> None:
    # Whoever claimed these died before recording the outcome: the mail may have gone.
    lost = (Notice.state == "sending") & (Notice.claimed_until <= now)
    reason = "the worker stopped while sending"
    Notice.update(state="unsure", last_error=reason, claimed_until=None).where(lost).execute()
    late = (Notice.state == "waiting") & (Notice.ends_at <= now)
    Notice.update(state="expired", body="").where(late).execute()


def _is_due(now: datetime) -> Expression:
    return (Notice.state == "waiting") & (Notice.due_at <= now)
