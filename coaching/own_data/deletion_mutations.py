"""Deleting one's account: sessions are called off by the usual rules, then nothing says any more who it was."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from coaching.accounts import emails
from coaching.accounts.admin_mutations import lock_admins
from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.accounts.mutations import end_all_sign_ins
from coaching.accounts.outbox_mutations import owe_email
from coaching.booking.invitation_mutations import withdraw_invitation
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.mutations import cancel_session
from coaching.catalog.models import Product, Store
from coaching.db import database
from coaching.errors import CannotDelete
from coaching.notices.models import Notice
from coaching.now import Now, now_at
from coaching.own_data.clearing_mutations import clear_person, clear_reasons
from coaching.own_data.deletion_queries import (
    find_erased,
    invitations_to,
    live_sessions,
    unfinished_deletions,
    what_goes,
)
from coaching.own_data.erased import Erased
from coaching.own_data.farewell import REASON
from coaching.own_data.models import ErasedPerson
from coaching.payments.account_mutations import put_aside
from coaching.payments.account_queries import accounts_of
from coaching.payments.begin_mutations import ask_soon
from coaching.people.barring_mutations import keep_barred
from coaching.runtime.queries import clock_offset

logger = logging.getLogger(__name__)

# So many sessions are called off in one transaction; the worker goes on with the rest.
MOST_AT_ONCE = 50
# By then every request has ended that was under way as the account was deleted, and may have written something since.
SETTLES_AFTER = timedelta(minutes=2)
# As long as the mail that says so is tried, at most.
MAIL_STAYS = timedelta(days=7)


def delete_account(
    person: Person, mark: str, now: Now, *, sends_mail: bool = True, event: str = "account deleted"
) -> None:
    """The account is deleted, which nobody can undo; its person is signed in nowhere, and told by mail if there is any.

    CannotDelete where something stands in the way, or is another than on the page with this mark. Twice does no harm.

    1. Let everything else that concerns the person wait, and the other admins.
    2. Ask anew what stands in the way.
    3. Close what they sell, and call their sessions off: money goes back by what the policy gives.
    4. Clear all that says who they were.
    """
    with database.atomic():
        lock_admins(person.id)
        current: Person = Person.get_by_id(person.id)
        if current.erased_at is not None:
            return
        let_lapse(current, None, now.product)
        going = what_goes(current, now.product)
        if going.obstacles or going.mark != mark:
            raise CannotDelete
        if current.suspended_at:
            # Else deleting would be the way around it. Not where they are deleted again after a restore: the
            # suspension may have been lifted since that backup.
            keep_barred(current, now.machine)
        _erase(current, now, event)
        if sends_mail and current.email and current.email_verified_at:
            owe_email(current.email, emails.account_deleted(), _mail_key(current.id), now.machine)


def erase_again(known: Iterable[Erased]) -> int:
    """Whoever deleted their account after a backup was made is deleted in it, too; how many that were.

    All of them stay on the list. Nobody is written to: they were told then.
    """
    erased = 0
    with database.atomic():
        for entry in known:
            row = {"person_id": entry.person_id, "person_created_at": entry.created_at, "erased_at": entry.erased_at}
            ErasedPerson.insert(**row).on_conflict_ignore().execute()
            person = Person.get_or_none(Person.id == entry.person_id, Person.created_at == entry.created_at)
            if person is not None and person.erased_at is None:
                # As it was then: what was still to come at that instant was called off.
                then = now_at(entry.erased_at, clock_offset())
                _erase(person, then)
                while _end_sessions(person, then.product):
                    continue  # none is left to the worker, which would tell of it
                erased += 1
    return erased


def finish_deletions(now: Now) -> int:
    """What the deletion of an account has left undone is done: further sessions, what was written meanwhile, the mail.

    How many accounts that were.
    """
    waiting = unfinished_deletions()
    for erased in waiting:
        try:
            # A part at a time: the database is given back in between.
            while _finish(erased, now):
                continue
        except Exception:
            logger.exception("deletion not finished", extra={"person": erased.person_id})
    return len(waiting)


def _erase(person: Person, now: Now, event: str = "account deleted") -> None:
    row = {"person_id": person.id, "person_created_at": person.created_at, "erased_at": now.machine}
    ErasedPerson.insert(**row).on_conflict_ignore().execute()
    Person.update(erased_at=now.machine).where(Person.id == person.id).execute()
    end_all_sign_ins(person)
    for store in Store.select().where(Store.owner == person):
        for account in accounts_of(store):
            if account.state == "current":
                put_aside(account, None, now.machine)
        Store.update(stopped_at=now.machine).where(Store.id == store.id).execute()
        Product.update(state="archived", updated_at=now.product).where(Product.store == store).execute()
    # Before the reason of this moment is given.
    clear_reasons(person)
    # The link of one that names nobody works for anybody.
    for invitation in invitations_to(person, now.product):
        kept = invitation.coaching_session
        withdraw_invitation(kept.coach, kept.code, now.product)
    _end_sessions(person, now.product)
    note(event, now.machine, person)
    clear_person(person)


def _end_sessions(person: Person, now: datetime) -> int:
    """The next sessions of the person are called off; how many that were."""
    ended = live_sessions(person, now, MOST_AT_ONCE)
    for coaching_session in ended:
        cancel_session(coaching_session, person, now, REASON)
        # A page on which it could still be paid is ended; what comes all the same goes back.
        ask_soon(coaching_session, now)
    return len(ended)


def _finish(erased: ErasedPerson, now: Now) -> bool:
    """Do the next part; False when nothing more can be done now."""
    age = now.machine - erased.erased_at
    with database.atomic():
        person = find_erased(erased)
        if person is not None and _end_sessions(person, erased.erased_at + (now.product - now.machine)):
            return True
        mail = Notice.get_or_none(Notice.key == _mail_key(erased.person_id))
        is_mailed = mail is None or mail.state not in ("waiting", "sending") or age >= MAIL_STAYS
        is_last = is_mailed and age >= SETTLES_AFTER
        # Where the mail server does not answer for days, not each minute.
        if person is not None and (is_last or SETTLES_AFTER <= age < 2 * SETTLES_AFTER):
            clear_person(person)
        if is_last:
            Notice.delete().where(Notice.key == _mail_key(erased.person_id)).execute()
            ErasedPerson.update(finished_at=now.machine).where(ErasedPerson.id == erased.id).execute()
    return False


def _mail_key(person_id: int) -> str:
    return f"erased:{person_id}"
