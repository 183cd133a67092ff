"""Changes of the outbox: a notice is written, claimed, and ends as sent, unsure, failed or expired."""

from datetime import datetime, timedelta

from peewee import Expression

from coaching.db import database
from coaching.notices.models import Notice

# Longer than the mail gateway may take for one mail.
CLAIM = timedelta(minutes=3)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
MOST_ATTEMPTS = 12


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
    """Nobody knows whether the notice has gone; it is not sent again by itself."""
    _finish(notice, state="unsure", body="", last_error=reason[:250])


def record_not_sent(notice: Notice, reason: str, is_permanent: bool, now: datetime) -> None:
    """The notice has not gone and waits for another try, or is given up."""
    if is_permanent or notice.attempts >= MOST_ATTEMPTS:
        _finish(notice, state="failed", body="", last_error=reason[:250])
    else:
        pause = min(FIRST_PAUSE * 2 ** (notice.attempts - 1), LONGEST_PAUSE)
        _finish(notice, state="waiting", due_at=now + pause, last_error=reason[:250])


def _finish(notice: Notice, **values: object) -> None:
    """Change the notice if it is still ours: somebody else may have put it aside meanwhile."""
    is_ours = (Notice.id == notice.id) & (Notice.state == "sending") & (Notice.claimed_until == notice.claimed_until)
    Notice.update(claimed_until=None, **values).where(is_ours).execute()


def _put_stale_aside(now: datetime) -> None:
    # Whoever claimed these died before recording the outcome: the mail may have gone.
    lost = (Notice.state == "sending") & (Notice.claimed_until <= now)
    reason = "the worker stopped while sending"
    Notice.update(state="unsure", body="", last_error=reason, claimed_until=None).where(lost).execute()
    late = (Notice.state == "waiting") & (Notice.ends_at <= now)
    Notice.update(state="expired", body="").where(late).execute()


def _is_due(now: datetime) -> Expression:
    return (Notice.state == "waiting") & (Notice.due_at <= now)
