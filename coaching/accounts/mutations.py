"""Changes of people, their passwords and their sign-ins."""

from datetime import datetime

from peewee import IntegrityError

from coaching.accounts import emails, limit_mutations, passwords
from coaching.accounts.addresses import find_key
from coaching.accounts.details import UNKNOWN, SignUpDetails, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.limited import answer_uses, link_uses, password_uses, sign_up_uses
from coaching.accounts.mail_link_mutations import LinkTo, end_links, mail_verify_link
from coaching.accounts.models import HalfSignIn, MailLink, Person, SignIn, WrongCode
from coaching.accounts.outbox_mutations import notify_owner
from coaching.accounts.queries import find_person, refuse_suspended, sign_ins_of
from coaching.accounts.sign_in_expiry import KEPT_AFTER_END, ends_at
from coaching.accounts.tokens import digest, new_token
from coaching.db import database
from coaching.errors import AddressTaken, FactorNeeded, NotFound, RateLimited, Unverified, WrongCredentials


def sign_up(details: SignUpDetails, link_to: LinkTo, now: datetime, visit: Visit = UNKNOWN) -> Person:
    """A new person with this address and password, and a mail on its way to verify the address; or AddressTaken.

    RateLimited after too many from one place. To say "taken" is counted beforehand, and taken back where it was not
    said: whoever is refused learns nothing about the address.
    """
    news, answers = sign_up_uses(visit), answer_uses(visit)
    limit_mutations.refuse_spent([*news, *answers], now, visit=visit)
    password_hash = passwords.hash_password(
        details.password, lambda: limit_mutations.take([*news, *answers], now, visit=visit)
    )
    try:
        with database.atomic():
            person: Person = Person.create(
                email_key=details.address.key,
                email=details.address.text,
                password_hash=password_hash,
                name=details.name,
                zone=details.zone,
                created_at=now,
            )
            note("signed up", now, person, address=visit.address)
            _mail_first_link(person, details, link_to, now, visit)
    except IntegrityError:
        limit_mutations.give_back(news)
        raise AddressTaken from None
    limit_mutations.give_back(answers)
    return person


def check_password(email: str, password: str, now: datetime, visit: Visit = UNKNOWN) -> Person:
    """The person with this address and password; or WrongCredentials, which takes as long when there is nobody.

    RateLimited after too many wrong ones, whether or not the address is somebody's.
    """
    person = find_person(email)
    fitting = _find_fitting(password, person, find_key(email) or email, now, visit)
    if person is None or person.password_hash is None or fitting is None:
        note("sign-in failed", now, person, address=visit.address)
        raise WrongCredentials
    if passwords.is_outdated(person.password_hash) or fitting != passwords.in_nfc(password):
        renewed = passwords.hash_password(password)
        Person.update(password_hash=renewed).where(
            Person.id == person.id, Person.password_hash == person.password_hash
        ).execute()
        person.password_hash = renewed
    return person


def change_password(person: Person, password: str, keep: SignIn, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The person has this password; every other sign-in and every reset link is dead, and the owner is told."""
    password_hash = passwords.hash_password(password)
    with database.atomic():
        person.password_hash = password_hash
        person.save(only=[Person.password_hash])
        SignIn.delete().where(SignIn.person == person, SignIn.id != keep.id).execute()
        end_links(person, "reset")
        # Whoever tried codes knew the former password.
        WrongCode.delete().where(WrongCode.person == person).execute()
        note("password changed", now, person, address=visit.address)
        notify_owner(person, emails.PASSWORD_CHANGED, now)


def save_profile(person: Person, name: str, zone: str | None, clock: str) -> None:
    """The person's name, time zone and kind of clock are these."""
    person.name, person.zone, person.clock = name, zone, clock
    person.save(only=[Person.name, Person.zone, Person.clock])


def record_browser_clock(person: Person, clock: str) -> None:
    """The person's browser writes times by this clock, where it says it at all."""
    if clock and person.browser_clock != clock:
        person.browser_clock = clock
        Person.update(browser_clock=clock).where(Person.id == person.id).execute()


def set_zone(person: Person, zone: str) -> None:
    """The person's times are shown in this zone."""
    person.zone = zone
    person.save(only=[Person.zone])


def keep_first_zone(person: Person, zone: str) -> None:
    """The person's times are shown in this zone, if they have none yet."""
    if person.zone is None:
        person.zone = zone
        Person.update(zone=zone).where(Person.id == person.id, Person.zone.is_null()).execute()


def make_admin(email: str, now: datetime, *, may_be_unverified: bool = False) -> tuple[Person, int | None]:
    """The person with this address is an admin; how many sign-ins that ended, or None if they were one before.

    NotFound when there is nobody, AccountSuspended for whoever is let in nowhere; Unverified when nobody has confirmed
    the address, unless that does not matter.
    """
    with database.atomic():
        person = find_person(email)
        if person is None:
            raise NotFound(f"Nobody here has the address {email}. They have to sign up first.")
        refuse_suspended(person)
        if person.is_admin:
            return person, None
        if person.email_verified_at is None and not may_be_unverified:
            raise Unverified
        person.is_admin = True
        person.save(only=[Person.is_admin])
        note("became admin", now, person)
        # Somebody else may be in there, and waits for more rights.
        return person, end_all_sign_ins(person)


def sign_out_everywhere(person: Person, now: datetime) -> int:
    """The person is signed in nowhere; how many sign-ins that ended."""
    with database.atomic():
        note("signed out by whoever runs this site", now, person)
        return end_all_sign_ins(person)


def end_sign_ins_of(person: Person, admin: Person, reason: str, now: datetime) -> int:
    """The person is signed in nowhere, because an admin says so; how many live sign-ins that ended."""
    with database.atomic():
        ended = len(sign_ins_of(person, now))
        end_all_sign_ins(person)
        note("sign-ins ended", now, person, reason, actor=admin)
    return ended


def sign_out_everybody(now: datetime) -> int:
    """Nobody is signed in anywhere; how many sign-ins that ended."""
    with database.atomic():
        note("everybody signed out", now)
        HalfSignIn.delete().execute()
        ended: int = SignIn.delete().execute()
    return ended


def end_sign_ins_and_links(now: datetime) -> tuple[int, int]:
    """Nobody is signed in anywhere and no link by mail works; how many there were of both. The rows stay."""
    with database.atomic():
        sign_ins: int = SignIn.update(ends_at=now).where(SignIn.ends_at > now).execute()
        HalfSignIn.update(ends_at=now).where(HalfSignIn.ends_at > now).execute()
        links: int = MailLink.update(ends_at=now).where(MailLink.ends_at > now).execute()
    return sign_ins, links


def start_sign_in(
    person: Person,
    now: datetime,
    *,
    browser: str = "",
    address: str = "",
    replaces: str | None = None,
    with_factor: bool = False,
) -> str:
    """The token of a new sign-in; the browser's former one, `replaces`, is dead.

    FactorNeeded for somebody who has a second factor and, by `with_factor`, did not just give it; AccountSuspended.
    """
    token = new_token()
    with database.atomic():
        refuse_suspended(person)
        if not with_factor and has_factor(person):
            raise FactorNeeded
        if replaces:
            SignIn.delete().where(SignIn.token_sha256 == digest(replaces)).execute()
        SignIn.delete().where(SignIn.person == person, SignIn.ends_at < now - KEPT_AFTER_END).execute()
        SignIn.create(
            token_sha256=digest(token),
            person=person,
            made_at=now,
            seen_at=now,
            verified_at=now,
            factor_at=now if with_factor else None,
            ends_at=ends_at(now, person.is_admin),
            browser=browser[:200],
        )
        note("signed in", now, person, address=address)
    return token


def record_seen(sign_in: SignIn, now: datetime) -> None:
    """The sign-in was used now."""
    SignIn.update(seen_at=now).where(SignIn.id == sign_in.id, SignIn.seen_at < now).execute()


def verify_by_password(sign_in: SignIn, password: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The person has just been verified by their password; or WrongCredentials, or RateLimited."""
    person = sign_in.person
    if _find_fitting(password, person, person.email_key or f"person {person.id}", now, visit) is None:
        note("confirmation failed", now, person, address=visit.address)
        raise WrongCredentials
    record_verification(sign_in, now)


def record_verification(sign_in: SignIn, now: datetime) -> None:
    """The person has just been verified once more."""
    SignIn.update(verified_at=now).where(SignIn.id == sign_in.id).execute()
    sign_in.verified_at = now


def end_sign_in(person: Person, sign_in_id: int) -> None:
    """This sign-in of the person's is over; NotFound when it is not theirs."""
    if not SignIn.delete().where(SignIn.person == person, SignIn.id == sign_in_id).execute():
        raise NotFound


def end_all_sign_ins(person: Person, keep: SignIn | None = None) -> int:
    """Every sign-in of the person, all but `keep`, is over; how many there were. So is any that waits for a code."""
    HalfSignIn.delete().where(HalfSignIn.person == person).execute()
    ended: int = SignIn.delete().where(SignIn.person == person, SignIn.id != (keep.id if keep else 0)).execute()
    return ended


def _find_fitting(password: str, person: Person | None, account: str, now: datetime, visit: Visit) -> str | None:
    """The form of the password that fits. Else None, and it is one wrong password more; RateLimited after too many.

    It is counted before it is compared, and taken back if it fits: of many at once no more are compared than may be.
    """
    uses = password_uses(account, person.id if person else None, visit)
    limit_mutations.refuse_spent(uses, now, person, visit)
    fitting = passwords.fitting_form(
        password,
        person.password_hash if person else None,
        lambda: limit_mutations.take(uses, now, person, visit),
    )
    if fitting is not None:
        limit_mutations.give_back(uses)
    return fitting


def _mail_first_link(person: Person, details: SignUpDetails, link_to: LinkTo, now: datetime, visit: Visit) -> None:
    try:
        limit_mutations.take(link_uses(details.address.key, person.id), now, person, visit)
    except RateLimited:
        return  # the account's page says so, and sends one later
    mail_verify_link(person, details.address, link_to, now)


def rename_zone(old: str, new: str) -> int:
    """Whoever lives in the zone `old` lives in `new`; how many they are."""
    return int(Person.update(zone=new).where(Person.zone == old).execute())
