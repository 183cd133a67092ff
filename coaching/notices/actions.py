"""Sending what waits in the outbox; no transaction is open meanwhile."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from coaching.mailer import Mailer, MailNotSent, MailUnsure
from coaching.notices.letters import NO_FOOT, letter
from coaching.notices.models import Notice
from coaching.notices.mutations import claim_next, record_not_sent, record_sent, record_unsure
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

# With the longest time one mail can take this stays below the claim on a notice.
LONGEST_RUN = timedelta(seconds=50)


def deliver_due(mailer: Mailer | None, now: datetime, longest: timedelta = LONGEST_RUN, *, foot: str = NO_FOOT) -> int:
    """What is due has been tried once, within `longest`; how many came through. Without a mailer they wait."""
    if mailer is None:
        return 0
    sent = 0
    stop_at = monotonic() + longest.total_seconds()
    while monotonic() < stop_at and (notice := claim_next(now)):
        sent += deliver(notice, mailer, now, foot)
    return sent


def deliver(notice: Notice, mailer: Mailer, now: datetime, foot: str) -> bool:
    """The claimed notice has been tried, and its outcome is recorded; True when it has gone."""
    if isinstance(notice.body, Unreadable):
        # It waits as for a mail server that is away: the key may be put back.
        record_not_sent(notice, notice.body, False, now)
        return False
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        mailer.send(letter(notice.key, notice.recipient, notice.subject, notice.body, notice.made_at, foot))
    except MailNotSent as error:
        logger.warning("mail not sent", extra=facts)
        record_not_sent(notice, error.reason, error.is_permanent, now)
    except MailUnsure as error:
        logger.warning("mail perhaps sent", extra=facts)
        record_unsure(notice, error.reason)
    except ValueError as error:
        # An address or a subject that no mail can carry.
        logger.warning("mail not sent", extra=facts)
        record_not_sent(notice, f"not a mail: {error}", True, now)
    else:
        logger.info("mail sent", extra=facts)
        record_sent(notice, now)
        return True
    return False
