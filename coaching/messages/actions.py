"""Sending what is owed, by mail and on Discord; no transaction is open meanwhile."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from coaching.accounts.queries import find_person_by_id
from coaching.host import Host, HostError
from coaching.mailer import Mailer, MailNotSent, MailUnsure
from coaching.messages.blocks import Message, Paragraph
from coaching.messages.compose_queries import compose
from coaching.messages.mutations import (
    is_overtaken,
    list_days,
    look_at_sessions,
    record_dm_channel,
    record_dm_refused,
    record_dm_taken,
    record_mail_refused,
    route_due,
)
from coaching.messages.planning.routing import DmTrouble, Reach, other_channel
from coaching.messages.queries import Recipient, find_session, get_recipient, had_direct_message, reach_of, worth_until
from coaching.messages.rendering.discord import as_direct_message
from coaching.messages.rendering.mail import as_mail
from coaching.messages.sender import Sender
from coaching.notices.kinds import RULES, Channel, MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import (
    address,
    change_channel,
    claim_next,
    drop,
    forget_old_texts,
    hold_all,
    record_not_sent,
    record_sent,
    record_unsure,
)
from coaching.notices.queries import has_other_half
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

# With the longest time one message can take this stays below the claim on it.
LONGEST_RUN = timedelta(seconds=50)
# Discord posts nothing new under the same nonce for a few minutes: so often a message in doubt is tried again at once.
SAFE_TRIES = 2
NO_SERVER_CODE = 50278  # "Cannot send messages to this user due to having no mutual guilds"


@dataclass(frozen=True)
class Outlets:
    """The ways out of this site: its mail server, where it has one, and Discord."""

    mailer: Mailer | None
    host: Host

    @property
    def channels(self) -> tuple[Channel, ...]:
        return (Channel.DISCORD, Channel.MAIL) if self.mailer else (Channel.DISCORD,)


def send_due(outlets: Outlets, sender: Sender, now: Now) -> int:
    """Work out what is owed by now, and try once whatever is due, within LONGEST_RUN; how many messages went."""
    look_at_sessions(now.product)
    list_days(now.product)
    sent = 0
    stop_at = monotonic() + LONGEST_RUN.total_seconds()
    while monotonic() < stop_at:
        routed = route_due(sender, now)
        notice = claim_next(now.machine, outlets.channels)
        if notice is None and not routed:
            break
        if notice is not None:
            sent += send(notice, outlets, sender, now)
    forget_old_texts(now.machine)
    return sent


def send(notice: Notice, outlets: Outlets, sender: Sender, now: Now) -> bool:
    """Try the claimed notice and record what came of it; True when it has gone."""
    if isinstance(notice.body, Unreadable):
        # It waits as for a mail server that is away: the key may be put back.
        record_not_sent(notice, notice.body, False, now.machine)
        return False
    person = find_person_by_id(notice.person_id) if notice.person_id else None
    recipient = get_recipient(person) if person else None
    about = find_session(notice.session_id)
    until = worth_until(notice, about)
    if until and now.product >= until:
        drop(notice, "expired")
        return False
    if is_overtaken(notice, about):
        drop(notice, "overtaken")
        return False
    message = compose(notice, recipient, sender, now.product)
    if message is None:
        drop(notice, "overtaken", "what it is about is gone")
        return False
    if notice.channel == Channel.DISCORD:
        return _send_direct(notice, message, recipient, outlets.host, sender, now)
    return _send_mail(notice, message, recipient, outlets.mailer, sender, now)


def _send_mail(
    notice: Notice, message: Message, recipient: Recipient | None, mailer: Mailer | None, sender: Sender, now: Now
) -> bool:
    reach = reach_of(recipient, sender, now.machine) if recipient else None
    to = reach.address if reach else notice.recipient
    if mailer is None or not to:
        _go_another_way(notice, reach, "no mail reaches them any more")
        return False
    address(notice, to)
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        mailer.send(
            as_mail(message, sender, key=notice.key, recipient=to, at=now.machine, off_url=_off_url(notice, sender)),
            message.from_name,
        )
    except MailNotSent as error:
        logger.warning("mail not sent", extra=facts | {"reason": error.reason})
        _record_mail_refused(notice, error, recipient, sender, now)
    except MailUnsure as error:
        logger.warning("mail perhaps sent", extra=facts | {"reason": error.reason})
        record_unsure(notice, error.reason)
    except ValueError as error:
        # An address or a subject that no mail can carry.
        logger.warning("mail not sent", extra=facts | {"reason": str(error)})
        record_not_sent(notice, f"not a mail: {error}", True, now.machine)
    else:
        logger.info("mail sent", extra=facts)
        record_sent(notice, now.machine)
        return True
    return False


def _record_mail_refused(
    notice: Notice, error: MailNotSent, recipient: Recipient | None, sender: Sender, now: Now
) -> None:
    if recipient and error.is_about_recipient:
        record_mail_refused(recipient.person, error.reason, now.machine)
        _go_another_way(notice, reach_of(get_recipient(recipient.person), sender, now.machine), error.reason)
        return
    # What this server does not take today, another channel may: a message about a call cannot wait for its rules.
    if (
        recipient
        and error.is_refused
        and other_channel(Channel.MAIL, reach := reach_of(recipient, sender, now.machine))
    ):
        _go_another_way(notice, reach, error.reason)
        return
    record_not_sent(notice, error.reason, error.is_permanent, now.machine)
    if error.concerns_all:
        # Or each waiting mail would try the same wrong password, until the mail server locks the account.
        hold_all(notice, error.reason, now.machine)


def _send_direct(
    notice: Notice, message: Message, recipient: Recipient | None, host: Host, sender: Sender, now: Now
) -> bool:
    reach = reach_of(recipient, sender, now.machine) if recipient else Reach()
    if recipient is None or reach.discord_user_id is None:
        _go_another_way(notice, reach, "no direct message reaches them any more")
        return False
    address(notice, reach.discord_user_id)
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        # The first one says how to turn them off.
        choices_url = None if had_direct_message(recipient.person) else sender.choices_url
        post_direct(host, recipient, message, notice.key, choices_url)
    except HostError as error:
        logger.warning("direct message not sent", extra=facts | {"reason": error.kind})
        _record_refused(notice, error, recipient, reach, sender, now)
        return False
    logger.info("direct message sent", extra=facts)
    record_sent(notice, now.machine)
    return True


def post_direct(host: Host, recipient: Recipient, message: Message, key: str, choices_url: str | None) -> None:
    """Write to the person's Discord account; HostError when that does not work."""
    settings, link = recipient.settings, recipient.link
    assert link is not None
    channel_id = settings.dm_channel_id if settings.dm_user_id == link.discord_user_id else None
    if channel_id is None:
        channel_id = host.open_dm(link.discord_user_id)
        record_dm_channel(recipient.person, link.discord_user_id, channel_id)
    direct = as_direct_message(message, choices_url)
    nonce = hashlib.sha256(key.encode()).hexdigest()[:25]
    host.post_direct(channel_id, direct.text, nonce, direct.button)


def _record_refused(
    notice: Notice, error: HostError, recipient: Recipient, reach: Reach, sender: Sender, now: Now
) -> None:
    if error.kind is Refusal.DM_REFUSED:
        why = DmTrouble.NO_SERVER if error.code == NO_SERVER_CODE else DmTrouble.CLOSED
        record_dm_refused(recipient.person, reach.discord_user_id or "", why, now.machine)
        _go_another_way(notice, reach_of(get_recipient(recipient.person), sender, now.machine), error.message)
    elif error.doubtful and notice.attempts >= SAFE_TRIES:
        record_unsure(notice, error.message)
    else:
        is_for_all = error.retry_after is not None or error.kind is Refusal.UNAUTHORIZED
        record_not_sent(notice, error.message, error.permanent and not is_for_all, now.machine)
        if is_for_all:
            hold_all(notice, error.message, now.machine, error.retry_after)


def _go_another_way(notice: Notice, reach: Reach | None, reason: str) -> None:
    """The other channel takes over; where there is none, the notice waits until its person can be reached.

    Of one that was to go by both, the other half may have gone or be on its way: then this one is not needed.
    """
    if has_other_half(notice):
        drop(notice, "overtaken", f"it goes by the other channel: {reason}")
        return
    other = other_channel(Channel(notice.channel), reach) if reach else None
    if other:
        change_channel(notice, other, reason)
    else:
        drop(notice, "held" if notice.person_id else "failed", reason)


def _off_url(notice: Notice, sender: Sender) -> str | None:
    """Where the person turns this kind of message off; None for what cannot be."""
    can_be_off = notice.kind in RULES and RULES[MessageKind(notice.kind)].can_be_off
    return sender.off_url(notice.person_id, notice.kind) if can_be_off and notice.person_id else None


def send_test_mail(mailer: Mailer | None, recipient: str, sender: Sender, machine_now: datetime) -> str | None:
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
        mailer.send(as_mail(message, sender, key=key, recipient=recipient, at=machine_now), None)
    except (MailNotSent, MailUnsure) as error:
        logger.warning("test mail not sent", extra={"reason": error.reason})
        return error.reason
    except ValueError:
        return "no mail can carry this address"
    return None


def send_test_direct(host: Host, recipient: Recipient, sender: Sender, machine_now: datetime) -> HostError | None:
    """Write a direct message that says it is a test, at once; what stood in the way is remembered, and comes back."""
    assert recipient.link is not None
    message = Message(
        "Messages on Discord",
        f"This is a message from {sender.name}. You will hear of your calls here.",
        (),
    )
    try:
        post_direct(host, recipient, message, f"test:{secrets.token_hex(16)}", sender.choices_url)
    except HostError as error:
        if error.kind is Refusal.DM_REFUSED:
            why = DmTrouble.NO_SERVER if error.code == NO_SERVER_CODE else DmTrouble.CLOSED
            record_dm_refused(recipient.person, recipient.link.discord_user_id, why, machine_now)
        return error
    record_dm_taken(recipient.person)
    return None
