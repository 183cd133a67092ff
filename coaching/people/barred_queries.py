"""Reads of who stays suspended although their account was deleted."""

from coaching.accounts.models import DiscordLink, Person
from coaching.marks import keyed_digests
from coaching.people.models import BarredIdentity


def digests_of(person: Person) -> list[list[str]]:
    """By what the person's confirmed address and Discord account are known again: for each the newest digest first."""
    current = Person.get_by_id(person.id)
    link = DiscordLink.get_or_none(DiscordLink.person == person)
    texts = [f"address {current.email_key}"] if current.email_key and current.email_verified_at else []
    return [keyed_digests(text) for text in [*texts, *([f"discord {link.discord_user_id}"] if link else [])]]


def is_barred(person: Person) -> bool:
    """True for who has the address or Discord account of a suspended account that was deleted."""
    known = [digest for digests in digests_of(person) for digest in digests]
    return bool(BarredIdentity.select().where(BarredIdentity.digest.in_(known)).exists())


def all_barred() -> list[str]:
    """Every such digest, in the order of the letters; those of one person stand together, with a blank between them."""
    people: dict[str, list[str]] = {}
    for row in BarredIdentity.select().order_by(BarredIdentity.digest):
        people.setdefault(row.code or row.digest, []).append(row.digest)
    return sorted(" ".join(digests) for digests in people.values())
