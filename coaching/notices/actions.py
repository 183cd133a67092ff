"""Sending what waits in the outbox; no transaction is open meanwhile."""

import logging
import secrets
from datetime import datetime, timedelta
from time import monotonic

from coaching.mailer import Mailer, MailNotSent, MailUnsure
from coaching.notices.emails import NO_FOOT, letter
from coaching.notices.models import Notice
from coaching.notices.mutations import (
    claim_next,
    forget_old_texts,
    hold_all,
    record_not_sent,
    record_sent,
    record_unsure,
)
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

# With the longest time one mail can take this stays below the claim on a notice.
LONGEST_RUN = timedelta(seconds=50)


def deliver_due(mailer: Mailer | None, now: datetime, *, foot: str = NO_FOOT) -> int:
    """What is due has been tried once, within LONGEST_RUN; how many came through. Without a mailer they wait."""
    if mailer is None:
        return 0
    sent = 0
    stop_at = monotonic() + LONGEST_RUN.total_seconds()
    while monotonic() < stop_at and (notice := claim_next(now)):
        sent += deliver(notice, mailer, now, foot)
    forget_old_texts(now)
    return sent


def send_test(mailer: Mailer | None, recipient: str, site_url: str, now: datetime) -> str | None:
    """Send a mail that says it is a test, at once; what stood in the way comes back, as a sentence's end."""
    if mailer is None:
        return "no mail server is set (MAIL_URL)"
    body = f"This is a test mail from {site_url}. If you can read it, mail leaves this site and reaches you.\n"
    try:
        mailer.send(letter(f"test:{secrets.token_hex(16)}", recipient, "A test mail", body, now))
    except (MailNotSent, MailUnsure) as error:
        logger.warning("test mail not sent", extra={"reason": error.reason})
        return error.reason
    except ValueError:
        return "no mail can carry this address"
    return None


def deliver(notice: Notice, mailer: Mailer, now: datetime, foot: str) -> bool:
    """Try the claimed notice and record the outcome; True when it has gone."""
    if isinstance(notice.body, Unreadable):
        # It waits as for a mail server that is away: the key may be put back.
        record_not_sent(notice, notice.body, False, now)
        return False
    facts = {"notice": notice.id, "kind": notice.kind, "attempts": notice.attempts}
    try:
        mailer.send(letter(notice.key, notice.recipient, notice.subject, notice.body, notice.made_at, foot))
    except MailNotSent as error:
        logger.warning("mail not sent", extra=facts | {"reason": error.reason})
        record_not_sent(notice, error.reason, error.is_permanent, now)
        if error.concerns_all:
            # Or each waiting mail would try the same wrong password, until the mail server locks the account.
            hold_all(notice, error.reason, now)
    except MailUnsure as error:
        logger.warning("mail perhaps sent", extra=facts | {"reason": error.reason})
        record_unsure(notice, error.reason)
    except ValueError as error:
        # An address or a subject that no mail can carry.
        logger.warning("mail not sent", extra=facts | {"reason": str(error)})
        record_not_sent(notice, f"not a mail: {error}", True, now)
    else:
        logger.info("mail sent", extra=facts)
        record_sent(notice, now)
        return True
    return False
