"""The accounts' part of merging two people. Called inside the transaction that moves all the rest, too."""

from datetime import datetime

from coaching.accounts import emails
from coaching.accounts.event_mutations import note
from coaching.accounts.mail_link_mutations import end_links
from coaching.accounts.models import DiscordLink, FormKey, MergeClaim, Person, SavedForm, SecurityEvent
from coaching.accounts.outbox_mutations import notify_owner, owe_email
from coaching.accounts.tokens import new_token

TAKEN_OVER = {
    "address": (Person.email, Person.email_key, Person.email_verified_at),
    "password": (Person.password_hash,),
    "zone": (Person.zone,),
}


def spend_claim(claim: MergeClaim) -> bool:
    """The claim is used up; False when it was before."""
    return bool(MergeClaim.delete().where(MergeClaim.id == claim.id).execute())


def move_account(from_person: Person, to_person: Person) -> None:
    """Discord account, waiting forms, form keys and security events are the other person's."""
    DiscordLink.update(person=to_person).where(DiscordLink.person == from_person).execute()
    SavedForm.update(person=to_person).where(SavedForm.person == from_person).execute()
    known = FormKey.select(FormKey.key).where(FormKey.person == to_person)
    # Drawn at random, two are hardly ever the same; the one that stays decides then.
    FormKey.delete().where(FormKey.person == from_person, FormKey.key.in_(known)).execute()
    FormKey.update(person=to_person).where(FormKey.person == from_person).execute()
    # Whatever was done by either, or to them, is found under the one account that is left.
    for field in (SecurityEvent.person, SecurityEvent.actor):
        SecurityEvent.update({field: to_person}).where(field == from_person).execute()


def end_account(from_person: Person, to_person: Person, takes: frozenset[str], way: str, now: datetime) -> None:
    """The account is gone, with its sign-ins and links; `to_person` has what it `takes` of it, and both are told."""
    detail = f"account {from_person.id} into {to_person.id}, shown by {way}"
    for kind in ("merged into another account", "took in another account"):
        note(kind, now, to_person, detail)
    notify_owner(to_person, emails.MERGED, now)
    if "address" in takes:
        # Nothing that lies in the mailbox of a former address may lead into the account.
        end_links(to_person)
        notify_owner(from_person, emails.MERGED, now)
    elif from_person.email and from_person.email_verified_at:
        owe_email(from_person.email, emails.merged_away(), f"merged:{new_token()}", now, about=to_person)
    from_person.delete_instance()  # first: an address is nobody else's meanwhile
    for field in (field for part in takes for field in TAKEN_OVER.get(part, ())):
        setattr(to_person, field.name, getattr(from_person, field.name))
    to_person.save(only=[field for fields in TAKEN_OVER.values() for field in fields])
