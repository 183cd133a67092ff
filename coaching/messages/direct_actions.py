"""Sending on Discord, as messages by the bot to people's own accounts; no transaction is open meanwhile."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from enum import Enum, auto

from coaching.alerts.mutations import warn_admins
from coaching.call_budget.hold_mutations import hold_calls
from coaching.call_budget.queries import DIRECT, EVERYWHERE, hold_on_direct_messages
from coaching.checks import DIRECT_MESSAGES, refused
from coaching.host import Host, HostError
from coaching.messages.blocks import Message
from coaching.messages.mutations import go_another_way, record_dm_channel, record_dm_refused, record_dm_taken
from coaching.messages.planning.routing import DmTrouble, Reach, other_channel
from coaching.messages.reach_queries import Recipient, get_recipient, had_direct_message, reach_of
from coaching.messages.rendering.discord import as_direct_message
from coaching.messages.sender import Sender
from coaching.notices.kinds import Channel
from coaching.notices.models import Notice
from coaching.notices.mutations import (
    address,
    change_channel,
    defer_until,
    record_maybe_sent,
    record_not_sent,
    record_sent,
    record_unsure,
)
from coaching.now import Now
from coaching.refusals import STOPS_ALL_DMS, TAKES_NO_DMS, Refusal

logger = logging.getLogger(__name__)

# Discord posts nothing new under a nonce that it was given within "the past few minutes".
SAFE_FOR = timedelta(minutes=2)
PAUSE_WHEN_UNSURE = timedelta(seconds=30)
# Discord has trouble of its own: meanwhile one message finds out, and the others are not tried in vain.
TROUBLE = frozenset({Refusal.NO_ANSWER, Refusal.SERVER_ERROR, Refusal.BAD_ANSWER, Refusal.REFUSED_CONNECTION})
# So long at least waits what gives way to calls for rooms.
ASIDE = timedelta(seconds=5)
# Who can be reached by another channel does not wait for longer than this until one takes messages again.
LONGEST_WAIT = timedelta(minutes=15)
PAUSE_OF_BOT = timedelta(minutes=1)


class Outcome(Enum):
    """What came of trying to send one message."""

    SENT = auto()
    NOT_SENT = auto()
    CHANNEL_WAITS = auto()  # the same would happen to the next one by this channel


def send_direct(
    notice: Notice,
    message: Message,
    recipient: Recipient | None,
    host: Host,
    sender: Sender,
    worth_until: datetime | None,
    now: Now,
) -> Outcome:
    """Try the claimed notice once and record what came of it; `worth_until` is a machine's instant."""
    reach = reach_of(recipient, sender, now.machine) if recipient else Reach()
    if recipient is None or reach.discord_user_id is None:
        go_another_way(notice, reach, "no direct message reaches them any more")
        return Outcome.NOT_SENT
    if notice.unsure_at and now.machine >= notice.unsure_at + SAFE_FOR:
        record_unsure(notice, notice.last_error or "")
        return Outcome.NOT_SENT
    if hold := hold_on_direct_messages(now.machine):
        until, why = hold
        _wait(notice, until, why.happened, reach, worth_until, now)
        return Outcome.NOT_SENT
    address(notice, reach.discord_user_id)
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        # The first one says how to turn them off.
        choices_url = None if had_direct_message(recipient.person) else sender.choices_url
        post_direct(host, recipient, message, notice.key, choices_url)
    except HostError as error:
        logger.warning("direct message not sent", extra=facts | {"reason": error.kind, "code": error.code})
        return _record_refused(notice, error, recipient, reach, sender, worth_until, now)
    logger.info("direct message sent", extra=facts)
    record_sent(notice, now)
    if recipient.settings.dm_refused_at:
        record_dm_taken(recipient.person)
    return Outcome.SENT


def send_test_direct(host: Host, recipient: Recipient, sender: Sender, now: datetime) -> HostError | None:
    """Write a direct message that says it is a test, at once; what stood in the way is remembered, and comes back."""
    assert recipient.link is not None
    if hold := hold_on_direct_messages(now):
        until, why = hold
        return HostError(why.happened, why, retry_after=until - now)
    message = Message(
        "Messages on Discord",
        f"This is a message from {sender.name}. You will hear of your calls here.",
        (),
    )
    try:
        post_direct(host, recipient, message, f"test:{secrets.token_hex(16)}", sender.choices_url)
    except HostError as error:
        if error.kind in TAKES_NO_DMS:
            record_dm_refused(recipient.person, recipient.link.discord_user_id, _trouble(error), now)
        _hold_all(error, now)
        return error
    record_dm_taken(recipient.person)
    return None


def post_direct(host: Host, recipient: Recipient, message: Message, key: str, choices_url: str | None) -> None:
    """Write to the person's Discord account; HostError when that does not work, or nobody knows whether it did."""
    settings, link = recipient.settings, recipient.link
    assert link is not None
    direct = as_direct_message(message, choices_url)
    nonce = hashlib.sha256(key.encode()).hexdigest()[:25]
    known_id = settings.dm_channel_id if settings.dm_user_id == link.discord_user_id else None
    try:
        host.post_direct(known_id or _open_channel(host, recipient), direct.text, nonce, direct.button)
    except HostError as error:
        if error.kind is not Refusal.UNKNOWN_CHANNEL or known_id is None:
            raise
        host.post_direct(_open_channel(host, recipient), direct.text, nonce, direct.button)


def _open_channel(host: Host, recipient: Recipient) -> str:
    assert recipient.link is not None
    user_id = recipient.link.discord_user_id
    try:
        channel_id = host.open_dm(user_id)
    except HostError as error:
        if not error.is_outcome_unknown:
            raise
        # Whether or not it is open: nothing was written, and opening it again gives the same one.
        raise HostError(error.message, Refusal.REFUSED_CONNECTION, status=error.status, code=error.code) from error
    record_dm_channel(recipient.person, user_id, channel_id)
    return channel_id


def _record_refused(
    notice: Notice,
    error: HostError,
    recipient: Recipient,
    reach: Reach,
    sender: Sender,
    worth_until: datetime | None,
    now: Now,
) -> Outcome:
    reason = error.message
    if error.kind in TAKES_NO_DMS:
        record_dm_refused(recipient.person, reach.discord_user_id or "", _trouble(error), now.machine)
        go_another_way(notice, reach_of(get_recipient(recipient.person), sender, now.machine), reason)
        return Outcome.NOT_SENT
    held_until = _hold_all(error, now.machine)
    if error.is_outcome_unknown:
        record_maybe_sent(notice, reason, now.machine, now.machine + PAUSE_WHEN_UNSURE)
        return Outcome.CHANNEL_WAITS
    if error.retry_after or error.kind is Refusal.UNAUTHORIZED:
        until = held_until or now.machine + max(error.retry_after or ASIDE, ASIDE)
        _wait(notice, until, reason, reach, worth_until, now)
        return Outcome.CHANNEL_WAITS
    if error.permanent and other_channel(Channel.DISCORD, reach):
        go_another_way(notice, reach, reason)
        return Outcome.NOT_SENT
    record_not_sent(notice, reason, error.permanent, now.machine)
    return Outcome.NOT_SENT if error.permanent else Outcome.CHANNEL_WAITS


def _hold_all(error: HostError, now: datetime) -> datetime | None:
    """Hold every direct message after what none of them would get past; until when."""
    name = DIRECT
    if error.kind is Refusal.UNAUTHORIZED:
        # As after a step of a room: one probe finds out for all calls.
        name, until = EVERYWHERE, now + PAUSE_OF_BOT
    elif error.kind in STOPS_ALL_DMS and error.retry_after:
        until = now + error.retry_after
    elif error.kind in TROUBLE:
        until = now + PAUSE_WHEN_UNSURE
    else:
        return None
    hold_calls(name, error.kind, until)
    if error.kind is Refusal.BOT_FLAGGED:
        # It does not pass by itself.
        warn_admins([refused(DIRECT_MESSAGES, error.kind)], now)
    return until


def _wait(notice: Notice, until: datetime, reason: str, reach: Reach, worth_until: datetime | None, now: Now) -> None:
    """Let the notice wait until then; a long wait, or one it is not worth after, mail spares whoever has an address."""
    other = other_channel(Channel.DISCORD, reach)
    # One that may have gone already would be a second one.
    if other and not notice.unsure_at and is_long_wait(until, worth_until, now):
        change_channel(notice, other, reason)
    else:
        defer_until(notice, until, reason)


def is_long_wait(until: datetime, worth_until: datetime | None, now: Now) -> bool:
    """True where a message that waits for its channel until then had better go by another one; machine's instants."""
    is_in_vain = worth_until is not None and worth_until <= until
    return is_in_vain or until - now.machine > LONGEST_WAIT


def _trouble(error: HostError) -> DmTrouble:
    return DmTrouble.CLOSED if error.kind is Refusal.DM_REFUSED else DmTrouble.NO_SERVER
