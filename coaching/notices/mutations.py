"""Changes of the outbox: a notice is written, gets its channel, is claimed, and ends as one of models.STATES."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from peewee import Expression

from coaching.db import database
from coaching.notices.keys import key_by, keys_of
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.labels import OTHER_WAY
from coaching.notices.models import Notice
from coaching.notices.queries import has_twin
from coaching.now import Now
from coaching.reading import Change, given

# Longer than the mail gateway may take for one mail.
CLAIM = timedelta(minutes=3)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
# With these pauses about five days, as mail servers do it.
MOST_ATTEMPTS = 36

# Asked for each account that is seen on its server.
_RELEASE = Change(
    lambda: Notice.update(state="waiting", channel="", due_at=None, last_error=None).where(
        Notice.person_id == given("person"), Notice.state == "held"
    )
)


def owe(
    kind: MessageKind,
    key: str,
    person_id: int,
    now: datetime,
    *,
    session_id: int | None = None,
    fields: Mapping[str, object] | None = None,
    subject: str = "",
    body: str = "",
    state: str = "waiting",
    due_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> bool:
    """Owe a person one message under this key; False when there is one already.

    Call it inside the transaction of what it tells about. Its channel is chosen when it is due, at once or at `due_at`
    by the machine's clock; without a `body` its words are those of the moment when it is sent.
    """
    return Notice.add_unless_there(
        Notice.key,
        key=key,
        kind=kind,
        person_id=person_id,
        session_id=session_id,
        fields=json.dumps(fields or {}, ensure_ascii=False),
        subject=subject,
        body=body,
        state=state,
        made_at=now,
        due_at=due_at,
        ends_at=ends_at,
    )


def enqueue(
    key: str,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    now: datetime,
    ends_at: datetime | None = None,
    fields: str = "{}",
) -> bool:
    """Let one mail to this address wait to be sent under this key; False when there is one already.

    Call it inside the transaction of what it tells about. `fields` says whose account it is about:
    person_mutations.py.
    """
    return Notice.add_unless_there(
        Notice.key,
        key=key,
        kind=kind,
        channel=Channel.MAIL,
        recipient=recipient,
        subject=subject,
        body=body,
        fields=fields,
        made_at=now,
        due_at=now,
        ends_at=ends_at,
    )


# --- Which way it goes


def choose_channels(notice: Notice, channels: Sequence[Channel]) -> None:
    """Let the notice go by the first of the channels, and a copy of it by each further one."""
    with database.atomic():
        is_open = (Notice.id == notice.id) & (Notice.state == "waiting") & (Notice.channel == "")
        if not Notice.update(channel=channels[0], due_at=None).where(is_open).execute():
            return
        for channel in channels[1:]:
            copied = ("kind", "person_id", "session_id", "fields", "subject", "body", "made_at", "ends_at")
            same = {name: getattr(notice, name) for name in copied}
            Notice.create(key=key_by(notice.key, channel), channel=channel, **same)


def change_channel(notice: Notice, channel: Channel, reason: str) -> None:
    """Let a claimed notice that one channel refused for good go by another one, at once.

    Where that one has a copy of it already, this one is overtaken.
    """
    if leave_to_twin(notice, reason):
        return
    _finish(notice, state="waiting", channel=channel, recipient="", due_at=None, attempts=0, last_error=reason[:250])


def leave_to_twin(notice: Notice, reason: str) -> bool:
    """Let a claimed notice be overtaken by its copy that goes by another channel; False where there is none."""
    if not has_twin(notice):
        return False
    _finish(notice, state="overtaken", last_error=f"{OTHER_WAY}: {reason}"[:250])
    return True


def redirect_waiting(notice: Notice, channel: Channel) -> None:
    """Let a waiting notice, which one channel keeps waiting for long, go by another one at once."""
    if has_twin(notice):
        return
    is_same = (Notice.id == notice.id) & (Notice.state == "waiting") & (Notice.channel == notice.channel)
    Notice.update(channel=channel, recipient="", due_at=None, attempts=0).where(is_same).execute()


def put_off(notice: Notice, until: datetime) -> None:
    """Let a notice that has no channel yet wait until then."""
    Notice.update(due_at=until).where(Notice.id == notice.id, Notice.state == "waiting").execute()


def put_aside(notice: Notice, state: str, reason: str | None = None) -> None:
    """Let a waiting notice not be sent: it is held, expired, overtaken or off."""
    is_waiting = (Notice.id == notice.id) & (Notice.state == "waiting")
    Notice.update(state=state, last_error=reason).where(is_waiting).execute()


def drop(notice: Notice, state: str, reason: str | None = None) -> None:
    """Let a claimed notice not be sent: it is overtaken, off, failed, held or unsure."""
    _finish(notice, state=state, last_error=reason and reason[:250])


def overtake(kind: MessageKind, session_id: int, key: str) -> None:
    """Let no other message of this kind about the session go that still waits: this one says it."""
    _overtake((Notice.kind == kind) & (Notice.session_id == session_id), key)


def overtake_theirs(kind: MessageKind, person_id: int, key: str) -> None:
    """Let no other message of this kind to the person go that still waits: this one says how things stand."""
    _overtake((Notice.kind == kind) & (Notice.person_id == person_id), key)


def _overtake(same: Expression, key: str) -> None:
    others = same & Notice.key.not_in(keys_of(key))
    Notice.update(state="overtaken").where(others, Notice.state.in_(("waiting", "held"))).execute()


def route_anew(person_id: int) -> None:
    """Let all that has no channel yet and waits for a time be asked about now."""
    is_put_off = (Notice.person_id == person_id) & (Notice.state == "waiting") & (Notice.channel == "")
    Notice.update(due_at=None).where(is_put_off).execute()


def release_held(person_id: int) -> None:
    """Let all go that waits for the person to be reachable; what is not worth it any more is found out then."""
    _RELEASE.run(person=person_id)


# --- Sending


def claim_next(now: datetime, channels: Collection[Channel]) -> Notice | None:
    """The next notice to send by one of the channels, claimed for CLAIM; None when nothing is due."""
    is_worth_it = Notice.ends_at.is_null() | (Notice.ends_at > now)
    can_go = _is_due(now) & is_worth_it & Notice.channel.in_(list(channels))
    # First what may have gone: only for minutes it is safe to find out. Then what has no time of its own: it tells of
    # something that has just happened.
    order = (Notice.unsure_at.is_null(), Notice.due_at.is_null().desc(), Notice.due_at, Notice.id)
    # One statement claims. A transaction around both would keep rooms from being written to, message after message.
    while first := Notice.select(Notice.id).where(can_go).order_by(*order).first():
        claim = {"claimed_until": now + CLAIM, "attempts": Notice.attempts + 1}
        is_open = (Notice.id == first.id) & (Notice.state == "waiting")
        if Notice.update(state="sending", **claim).where(is_open).execute():
            claimed: Notice = Notice.get_by_id(first.id)
            return claimed
    return None


def put_stale_aside(now: datetime) -> None:
    """What somebody claimed who died has an unknown outcome, and what is not worth sending any more is expired."""
    lost = (Notice.state == "sending") & (Notice.claimed_until <= now)
    reason = "the worker stopped while sending"
    Notice.update(state="unsure", last_error=reason, claimed_until=None).where(lost).execute()
    late = (Notice.state == "waiting") & (Notice.ends_at <= now)
    Notice.update(state="expired", body="").where(late).execute()


def address(notice: Notice, recipient: str) -> None:
    """Write down to whom the claimed notice is about to go."""
    Notice.update(recipient=recipient).where(Notice.id == notice.id).execute()


def record_sent(notice: Notice, now: Now) -> None:
    """The notice has gone; its text, which may hold a link, is forgotten."""
    sent_at = now.machine if notice.is_by_machine else now.product
    _finish(notice, state="sent", body="", sent_at=sent_at, last_error=None)


def record_unsure(notice: Notice, reason: str) -> None:
    """Nobody knows whether the notice has gone; it is not sent again by itself, but may be by hand."""
    _finish(notice, state="unsure", last_error=reason[:250])


def record_not_sent(notice: Notice, reason: str, is_permanent: bool, now: datetime) -> None:
    """The notice has not gone and waits for another try, or is given up until somebody sends it again."""
    if is_permanent or notice.attempts >= MOST_ATTEMPTS:
        _finish(notice, state="failed", last_error=reason[:250])
    else:
        _finish(notice, state="waiting", due_at=next_try_at(notice, now), last_error=reason[:250])


def defer_until(notice: Notice, until: datetime, reason: str) -> None:
    """Let the claimed notice, which could not even be tried, wait until then: that is no attempt."""
    _finish(notice, state="waiting", due_at=until, attempts=notice.attempts - 1, last_error=reason[:250])


def record_maybe_sent(notice: Notice, reason: str, now: datetime, again_at: datetime) -> None:
    """The notice may have gone, and waits for another try where a second one of it does nothing."""
    first = notice.unsure_at or now
    _finish(notice, state="waiting", due_at=again_at, unsure_at=first, last_error=reason[:250])


def hold_all(notice: Notice, reason: str, now: datetime) -> None:
    """Let every notice of its channel that is due wait as long as this one: they would be refused, too."""
    due_at = next_try_at(notice, now)
    is_same = _is_due(due_at) & (Notice.channel == notice.channel)
    Notice.update(due_at=due_at, last_error=reason[:250]).where(is_same).execute()


def next_try_at(notice: Notice, now: datetime) -> datetime:
    """When a notice is tried again that has not gone now."""
    return now + _pause(notice)


def _pause(notice: Notice) -> timedelta:
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(notice.attempts - 1, 10), LONGEST_PAUSE)
    return pause


def _finish(notice: Notice, **values: object) -> None:
    """Change the notice if it is still ours: somebody else may have put it aside meanwhile."""
    is_ours = (Notice.id == notice.id) & (Notice.state == "sending") & (Notice.claimed_until == notice.claimed_until)
    Notice.update(claimed_until=None, **values).where(is_ours).execute()


def _is_due(now: datetime) -> Expression:
    return (Notice.state == "waiting") & (Notice.due_at.is_null() | (Notice.due_at <= now))
