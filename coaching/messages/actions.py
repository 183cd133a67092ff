"""Sending what is owed, by mail and on Discord; no transaction is open meanwhile."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from time import monotonic

from coaching.accounts.queries import find_person_by_id
from coaching.db import UNAVAILABLE
from coaching.host import Host
from coaching.mailer import Mailer, MailNotSent, MailUnsure
from coaching.messages.blocks import Message, Paragraph
from coaching.messages.compose_queries import compose
from coaching.messages.direct_actions import Outcome, is_long_wait, send_direct, send_test_direct
from coaching.messages.mutations import (
    MOST_AT_ONCE,
    go_another_way,
    list_days,
    look_at_sessions,
    record_mail_refused,
    route_due,
)
from coaching.messages.planning.routing import other_channel
from coaching.messages.queries import find_session, is_stale, worth_until
from coaching.messages.reach_queries import Recipient, get_recipient, reach_of
from coaching.messages.rendering.mail import as_mail
from coaching.messages.sender import Sender
from coaching.notices.hand_mutations import forget_old_texts
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.late_mutations import record_too_late
from coaching.notices.models import Notice
from coaching.notices.mutations import (
    address,
    claim_next,
    drop,
    hold_all,
    next_try_at,
    put_stale_aside,
    record_not_sent,
    record_sent,
    record_unsure,
    redirect_waiting,
)
from coaching.notices.queries import waiting_by
from coaching.now import Now
from coaching.vault import Unreadable

__all__ = ["Outlets", "send_due", "send_test_direct", "send_test_mail"]

logger = logging.getLogger(__name__)

# With the longest time one message can take this stays below the claim on it.
LONGEST_RUN = timedelta(seconds=50)
MOST_SPARED = 200


@dataclass(frozen=True)
class Outlets:
    """The ways out of this site: its mail server, where it has one, and Discord."""

    mailer: Mailer | None
    host: Host
    give_way: Callable[[float], object] = bool  # to rooms, after a piece of work that took so many seconds

    @property
    def channels(self) -> tuple[Channel, ...]:
        return (Channel.DISCORD, Channel.MAIL) if self.mailer else (Channel.DISCORD,)


def send_due(outlets: Outlets, sender: Sender, now: Now) -> int:
    """Work out what is owed by now, and try once whatever is due, within LONGEST_RUN; how many messages went."""
    began = monotonic()
    stop_at = began + LONGEST_RUN.total_seconds()
    while look_at_sessions(now.product) == MOST_AT_ONCE and monotonic() < stop_at:
        began = _give_way(outlets, began)
    list_days(now.product)
    put_stale_aside(now.machine)
    sent, channels, routed = 0, set(outlets.channels), route_due(sender, now)
    while monotonic() < stop_at:
        began = _give_way(outlets, began)
        notice = claim_next(now.machine, channels)
        if notice is None:
            if not routed:
                break
            routed = route_due(sender, now)
            continue
        outcome = _send_or_leave(notice, outlets, sender, now)
        sent += outcome is Outcome.SENT
        if outcome is Outcome.CHANNEL_WAITS:
            # The others do not wait for it.
            channels.discard(Channel(notice.channel))
    forget_old_texts(now.machine)
    return sent


def _give_way(outlets: Outlets, began: float) -> float:
    """Let rooms go first; when the next piece of work begins."""
    outlets.give_way(monotonic() - began)
    return monotonic()


def _send_or_leave(notice: Notice, outlets: Outlets, sender: Sender, now: Now) -> Outcome:
    """The same as `send`, but one that breaks stays claimed, with its outcome unknown, and keeps no other waiting."""
    try:
        return send(notice, outlets, sender, now)
    except Exception:
        logger.exception("message broke", extra={"notice": notice.id, "kind": notice.kind})
        return Outcome.NOT_SENT


def send(notice: Notice, outlets: Outlets, sender: Sender, now: Now) -> Outcome:
    """Try the claimed notice and record what came of it."""
    if isinstance(notice.body, Unreadable):
        # It waits as for a mail server that is away: the key may be put back.
        record_not_sent(notice, notice.body, False, now.machine)
        return Outcome.NOT_SENT
    person = find_person_by_id(notice.person_id) if notice.person_id else None
    recipient = get_recipient(person) if person else None
    about = find_session(notice.session_id)
    until = worth_until(notice, about)
    if until and now.product >= until:
        if notice.unsure_at:
            drop(notice, "unsure", notice.last_error)
        else:
            record_too_late(notice, now.machine)
        return Outcome.NOT_SENT
    if is_stale(notice, about):
        drop(notice, "overtaken")
        return Outcome.NOT_SENT
    try:
        message = compose(notice, recipient, sender, now.product)
    except UNAVAILABLE:
        raise
    except Exception:
        # Something about it cannot be read: that keeps no other message from going.
        logger.exception("message not written", extra={"notice": notice.id, "kind": notice.kind})
        drop(notice, "failed", "its words cannot be made: the log has more")
        return Outcome.NOT_SENT
    if message is None:
        drop(notice, "overtaken", "what it is about is gone")
        return Outcome.NOT_SENT
    if notice.channel == Channel.DISCORD:
        return send_direct(notice, message, recipient, outlets.host, sender, _machine_until(notice, until, now), now)
    return _send_mail(notice, message, recipient, outlets.mailer, sender, _machine_until(notice, until, now), now)


def _machine_until(notice: Notice, until: datetime | None, now: Now) -> datetime | None:
    """Until when, by the machine's clock, it is worth sending."""
    return now.machine_time_of(until) if until else notice.ends_at


def _send_mail(
    notice: Notice,
    message: Message,
    recipient: Recipient | None,
    mailer: Mailer | None,
    sender: Sender,
    machine_until: datetime | None,
    now: Now,
) -> Outcome:
    reach = reach_of(recipient, sender, now.machine) if recipient else None
    to = reach.address if reach else notice.recipient
    if mailer is None or not to:
        go_another_way(notice, reach, "no mail reaches them any more")
        return Outcome.NOT_SENT
    address(notice, to)
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        mailer.send(_mail_of(notice, message, to, sender, now, has_account=recipient is not None), message.from_name)
    except MailNotSent as error:
        logger.warning("mail not sent", extra=facts | {"reason": error.reason})
        _record_mail_refused(notice, error, recipient, sender, machine_until, now)
    except MailUnsure as error:
        logger.warning("mail perhaps sent", extra=facts | {"reason": error.reason})
        record_unsure(notice, error.reason)
    except ValueError as error:
        # An address or a subject that no mail can carry.
        logger.warning("mail not sent", extra=facts | {"reason": str(error)})
        record_not_sent(notice, f"not a mail: {error}", True, now.machine)
    else:
        logger.info("mail sent", extra=facts)
        record_sent(notice, now)
        return Outcome.SENT
    return Outcome.NOT_SENT


def _mail_of(
    notice: Notice, message: Message, address: str, sender: Sender, now: Now, *, has_account: bool
) -> EmailMessage:
    return as_mail(
        message,
        sender,
        key=notice.key,
        recipient=address,
        at=now.machine,
        off_url=_off_url(notice, sender),
        choices_url=sender.choices_url if has_account else None,
    )


def _record_mail_refused(
    notice: Notice,
    error: MailNotSent,
    recipient: Recipient | None,
    sender: Sender,
    machine_until: datetime | None,
    now: Now,
) -> None:
    if recipient and error.is_about_recipient:
        record_mail_refused(recipient.person, error.reason, now.machine)
        go_another_way(notice, reach_of(get_recipient(recipient.person), sender, now.machine), error.reason)
        return
    # What this server does not take today, another channel may: a message about a call cannot wait for its rules.
    reach, again_at = reach_of(recipient, sender, now.machine) if recipient else None, next_try_at(notice, now.machine)
    is_for_another = error.is_refused or is_long_wait(again_at, machine_until, now)
    if reach and is_for_another and other_channel(Channel.MAIL, reach):
        go_another_way(notice, reach, error.reason)
    else:
        record_not_sent(notice, error.reason, error.is_permanent, now.machine)
    if error.concerns_all:
        # Or each waiting mail would try the same wrong password, until the mail server locks the account.
        hold_all(notice, error.reason, now.machine)
        _spare_waiting(again_at, sender, now)


def _spare_waiting(again_at: datetime, sender: Sender, now: Now) -> None:
    """Mails that wait until then for the mail server go on Discord where that is too long for them."""
    for notice in waiting_by(Channel.MAIL, again_at, MOST_SPARED):
        until = worth_until(notice, find_session(notice.session_id))
        person = find_person_by_id(notice.person_id) if notice.person_id else None
        if person and is_long_wait(again_at, _machine_until(notice, until, now), now):
            other = other_channel(Channel.MAIL, reach_of(get_recipient(person), sender, now.machine))
            if other:
                redirect_waiting(notice, other)


def _off_url(notice: Notice, sender: Sender) -> str | None:
    """Where the person turns this kind of message off; None for what cannot be."""
    can_be_off = notice.kind in RULES and RULES[MessageKind(notice.kind)].can_be_off
    return sender.off_url(notice.person_id, notice.kind) if can_be_off and notice.person_id else None


def send_test_mail(mailer: Mailer | None, recipient: str, sender: Sender, now: datetime) -> str | None:
    """Send a mail that says it is a test, at once; what stood in the way comes back, as a sentence's end."""
    if mailer is None:
        return "no mail server is set (MAIL_URL)"
    message = Message(
        "A test mail",
        f"This is a test mail from {sender.url}.",
        (Paragraph("If you can read it, mail leaves this site and reaches you."),),
    )
    key = f"test:{secrets.token_hex(16)}"
    try:
        mailer.send(as_mail(message, sender, key=key, recipient=recipient, at=now), None)
    except (MailNotSent, MailUnsure) as error:
        logger.warning("test mail not sent", extra={"reason": error.reason})
        return error.reason
    except ValueError:
        return "no mail can carry this address"
    return None
