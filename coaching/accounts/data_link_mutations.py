"""The way of a suspended person to a copy of their data: a link is made, mailed, and opened once in one browser."""

from datetime import datetime, timedelta

from coaching.accounts import emails
from coaching.accounts.data_link_queries import OPENED, SENT, find_data_link
from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.mail_link_mutations import LinkTo, make_mail_link
from coaching.accounts.models import MailLink, Person
from coaching.accounts.outbox_mutations import owe_email
from coaching.accounts.queries import find_person
from coaching.accounts.tokens import digest
from coaching.db import database
from coaching.errors import LinkExpired

SENT_LASTS = timedelta(minutes=30)
# As long as a file is kept.
OPENED_LASTS = timedelta(days=1)


def mail_data_link(email: str, link_to: LinkTo, now: datetime, visit: Visit = UNKNOWN) -> None:
    """If a suspended person has confirmed this address, a mail to it is on its way. Whoever calls this has counted it
    (`take_links`).
    """
    with database.atomic():
        person = find_person(email)
        if person is None or person.suspended_at is None or person.email_verified_at is None:
            return
        note("data link asked", now, person, address=visit.address)
        token = make_data_link(person, now)
        # To the stored address, never to what was typed.
        email_with_link = emails.own_data(link_to(token))
        owe_email(str(person.email), email_with_link, f"data:{digest(token)}", now, now + SENT_LASTS, person)


def make_data_link(person: Person, now: datetime) -> str:
    """The token of a link that this person, who is suspended, can open once and within 30 minutes."""
    return make_mail_link(person, SENT, person.email or "", now, SENT_LASTS)


def open_data_link(token: str, now: datetime) -> str:
    """The link is spent; the token comes back by which one browser reaches the copy for a day. LinkExpired."""
    with database.atomic():
        link = find_data_link(token, SENT, now)
        if link is None or not MailLink.delete().where(MailLink.id == link.id).execute():
            raise LinkExpired
        return make_mail_link(link.person, OPENED, link.email, now, OPENED_LASTS)
