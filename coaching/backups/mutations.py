"""What is made true of a database that was just restored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.mutations import end_sign_ins_and_links
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.kept_out_mutations import record_lost_records
from coaching.booking.models import CoachingSession
from coaching.coaches.invitation_mutations import revoke_all
from coaching.db import database
from coaching.messages.outbox_mutations import leave_to_a_hand
from coaching.notices.models import RESTORED
from coaching.now import now_at
from coaching.own_data.deletion_mutations import erase_again
from coaching.own_data.erased import Erased
from coaching.own_data.export_mutations import drop_exports
from coaching.payments.models import Receipt
from coaching.payments.restore_mutations import read_again
from coaching.payments.restore_queries import last_alive_at
from coaching.people.barring_mutations import hold_barred
from coaching.people.suspended_queries import Suspended
from coaching.people.suspension_mutations import suspend_again
from coaching.pricing.models import Partner
from coaching.rooms.orphans.mutations import want_sweep
from coaching.rooms.orphans.queries import known_guilds
from coaching.runtime.queries import clock_offset

# Where nothing shows when the backup was last the present database.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Settled:
    """How many sign-ins and links by mail were ended, and how many messages wait for somebody to send them.

    `pending` times were held or asked for; whether they were paid or answered since, nobody knows. On `accounts`
    nothing is paid back until what their provider did since has been read. `partner_links`
    are those of the backup again; `coach_links`, which make coaches, were revoked. It has so many `receipts`; numbers
    given since are given again. Of those who had deleted their accounts it had `erased`;
    `suspended` people were not so in it yet.
    """

    sign_ins: int
    links: int
    pending: int
    messages: int
    accounts: int = 0
    partner_links: int = 0
    receipts: int = 0
    coach_links: int = 0
    erased: int = 0
    suspended: int = 0


def settle(
    now: datetime, erased: Iterable[Erased] = (), suspended: Iterable[Suspended] = (), barred: Iterable[str] = ()
) -> Settled:
    """End what time has overtaken since the backup: sign-ins, links by mail, and messages that may have gone since.

    Whoever is among the `erased`, who deleted their accounts, is deleted again; who is `suspended` stays so, and so do
    the `barred`, who have no account any more.

    Every server is searched as soon as the worker runs.
    """
    with database.atomic():
        sign_ins, links = end_sign_ins_and_links(now)
        pending = CoachingSession.select().where(CoachingSession.state.in_(PENDING_STATES)).count()
        # Before anything of this moment is written: it shows up to when the backup was the present database.
        offset = clock_offset()
        both = now_at(now, offset)
        record_lost_records((last_alive_at() or EARLIEST) + offset, both.product)
        accounts = read_again(both)
        # Before messages are left to a hand: nobody is told of what they were told of then.
        again, stopped = erase_again(erased), suspend_again(suspended, now)
        hold_barred(barred, now)
        partner_links = Partner.select().where(Partner.token_sha256.is_null(False)).count()
        receipts = Receipt.select().count()
        coach_links = revoke_all(now)
        drop_exports()
        messages = leave_to_a_hand(RESTORED, both)
        for guild_id in known_guilds():
            # What was made there since has no row any more.
            want_sweep(guild_id, now)
        note("database restored", now, detail=f"{sign_ins} sign-ins ended, {messages} messages unsure")
    return Settled(sign_ins, links, pending, messages, accounts, partner_links, receipts, coach_links, again, stopped)
