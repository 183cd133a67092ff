"""Links by mail: to verify an address, and to choose a new password."""

from collections.abc import Callable
from datetime import datetime, timedelta

from peewee import IntegrityError

from coaching.accounts import emails, limit_mutations, passwords
from coaching.accounts.addresses import EmailAddress, find_address, find_key
from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.limited import answer_uses, link_uses
from coaching.accounts.models import DiscordLink, MailLink, Person, SignIn, WrongCode
from coaching.accounts.outbox_mutations import notify_owner, owe_email
from coaching.accounts.queries import find_mail_link, find_person, find_unconfirmed_address
from coaching.accounts.tokens import digest, new_token
from coaching.db import database
from coaching.errors import AddressTaken, LinkExpired, Refused
from coaching.notices.mutations import release_held
from coaching.notices.person_mutations import overtake_account_mail

VERIFY_LASTS = timedelta(days=3)
NOTHING_TO_CONFIRM = "There is no address to confirm: it is confirmed by now, or there is none."
RESET_LASTS = timedelta(minutes=30)
# The kinds of mail that bring such a link, and the one by which somebody suspended gets their data.
BY_MAIL = ("verify", "reset", "data_link")
# The address at which a token is used, as the web knows it.
LinkTo = Callable[[str], str]


def send_verify_link(
    person: Person, address: EmailAddress, link_to: LinkTo, now: datetime, visit: Visit = UNKNOWN
) -> None:
    """A mail to this address is on its way; the address becomes the person's once they press the button it leads to.

    One that they never verified gives way to it at once: it may have a typing error, and nobody has a right to it.
    AddressTaken when it is somebody else's, RateLimited when too many links, or too many such answers, were asked for.
    """
    links, answers = link_uses(address.key, person.id, visit), answer_uses(visit)
    limit_mutations.take([*links, *answers], now, person, visit)
    try:
        with database.atomic():
            owner = find_person(address.text)
            if owner is not None and owner != person:
                raise AddressTaken
            if person.email_key is not None and person.email_key != address.key:
                _replace_unverified(person, address)
            mail_verify_link(person, address, link_to, now)
    except (AddressTaken, IntegrityError):
        limit_mutations.give_back(links)
        raise AddressTaken from None
    limit_mutations.give_back(answers)


def send_verify_link_for(person: Person, admin: Person, reason: str, link_to: LinkTo, now: datetime) -> str:
    """The mail by which the person confirms their address is on its way once more; the address comes back.

    An admin asks for it, and has said why. Refused where nothing is to be confirmed; else as `send_verify_link`.
    """
    address = find_address(find_unconfirmed_address(person, now) or "")
    if address is None:
        raise Refused(NOTHING_TO_CONFIRM)
    with database.atomic():
        send_verify_link(person, address, link_to, now)
        note("verification sent", now, person, reason, actor=admin)
    return address.text


def verify_address(person: Person, token: str, now: datetime) -> None:
    """The link's address is the person's and verified; LinkExpired for a link that is not theirs or has been used."""
    try:
        with database.atomic():
            link = find_mail_link(token, "verify", now)
            key = find_key(link.email) if link else None
            if link is None or key is None or link.person != person:
                raise LinkExpired
            end_links(person, "verify")
            if person.email_key != key:
                # The former owner of the mailbox is told, and a reset link in it is worth nothing any more.
                notify_owner(person, emails.ADDRESS_CHANGED, now)
                end_links(person)
            person.email, person.email_key, person.email_verified_at = link.email, key, now
            person.save(only=[Person.email, Person.email_key, Person.email_verified_at])
            note("address verified", now, person)
            release_held(person.id)
    except IntegrityError:
        raise AddressTaken from None


def take_links(email: str, now: datetime, visit: Visit, asked_by: Person | None) -> None:
    """One link more was asked for to this address, whether or not somebody has it; or RateLimited."""
    uses = link_uses(find_key(email) or email, asked_by.id if asked_by else None, visit)
    limit_mutations.take(uses, now, asked_by, visit)


def mail_reset_link(
    email: str,
    link_to: LinkTo,
    now: datetime,
    visit: Visit = UNKNOWN,
    compose: Callable[[str], emails.Email] = emails.reset,
) -> None:
    """If the address is somebody's, a mail to it is on its way. Whoever calls this has counted it."""
    with database.atomic():
        person = find_person(email)
        note("reset asked", now, person, address=visit.address)
        if person is None or person.email is None:
            return
        token = make_reset_link(person, now)
        # To the stored address, never to what was typed.
        owe_email(person.email, compose(link_to(token)), f"reset:{digest(token)}", now, now + RESET_LASTS, person)


def make_reset_link(person: Person, now: datetime) -> str:
    """The token of a link by which this person may choose a new password, once and within 30 minutes."""
    return make_mail_link(person, "reset", person.email or "", now, RESET_LASTS)


def reset_password(token: str, password: str, now: datetime, visit: Visit = UNKNOWN) -> Person:
    """The link's person has this password and is signed in nowhere; LinkExpired for a used or late link.

    1. Spend the link, and with it every other link of the person.
    2. An address that was never verified may have been a squatter's account: what they connected goes.
    3. Set the password, end all sign-ins, tell the owner.
    """
    if find_mail_link(token, "reset", now) is None:
        raise LinkExpired  # before the costly part
    password_hash = passwords.hash_password(password)
    with database.atomic():
        link = find_mail_link(token, "reset", now)
        if link is None or not MailLink.delete().where(MailLink.id == link.id).execute():
            raise LinkExpired
        person = link.person
        end_links(person)
        if person.email_verified_at is None:
            DiscordLink.delete().where(DiscordLink.person == person).execute()
            person.email_verified_at = now
        person.password_hash = password_hash
        person.save(only=[Person.password_hash, Person.email_verified_at])
        SignIn.delete().where(SignIn.person == person).execute()
        # The second factor stays as it was. Whoever tried codes of it knew the former password.
        WrongCode.delete().where(WrongCode.person == person).execute()
        note("password reset", now, person, address=visit.address)
        notify_owner(person, emails.PASSWORD_RESET, now)
    return person


def _replace_unverified(person: Person, address: EmailAddress) -> None:
    # Named in the UPDATE: verified meanwhile in another window, it stays until the new one is verified, too.
    is_unverified = (Person.id == person.id) & Person.email_verified_at.is_null()
    if Person.update(email=address.text, email_key=address.key).where(is_unverified).execute():
        # Links to choose a new password that lie in the former mailbox among them.
        end_links(person)


def mail_verify_link(person: Person, address: EmailAddress, link_to: LinkTo, now: datetime) -> None:
    """A mail to the address is on its way and earlier links are dead. Call it inside a transaction."""
    token = new_token()
    end_links(person, "verify")
    owe_email(address.text, emails.verify(link_to(token)), f"verify:{digest(token)}", now, now + VERIFY_LASTS, person)
    make_mail_link(person, "verify", address.text, now, VERIFY_LASTS, token)


def make_mail_link(
    person: Person, purpose: str, email: str, now: datetime, lifetime: timedelta, token: str | None = None
) -> str:
    """The token of a link for this purpose, which is kept as a hash alone."""
    MailLink.delete().where(MailLink.ends_at <= now).execute()
    token = token or new_token()
    MailLink.create(
        token_sha256=digest(token), person=person, purpose=purpose, email=email, made_at=now, ends_at=now + lifetime
    )
    return token


def end_links(person: Person, *purposes: str) -> None:
    """No link of the person works any more, or none for these purposes, and no mail that still waits brings one.

    Call it inside a transaction.
    """
    is_meant = MailLink.purpose.in_(purposes) if purposes else True
    MailLink.delete().where(MailLink.person == person, is_meant).execute()
    overtake_account_mail(person.id, purposes or BY_MAIL)
