"""Who is in a demo: five people with an account in the sandbox, linked here or not, and an admin."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coaching.accounts import mutations as accounts
from coaching.accounts.addresses import EmailAddress
from coaching.accounts.details import DiscordAccount, SignUpDetails
from coaching.accounts.discord_mutations import link_discord, record_membership
from coaching.accounts.mail_link_mutations import LinkTo, verify_address
from coaching.accounts.models import Person
from commands.demo_profiles import avatar_of


@dataclass(frozen=True)
class DemoPerson:
    """`discord_id` is the person's account in the sandbox; a stranger has one there and no link here."""

    key: str
    name: str
    zone: str
    discord_id: str | None = None
    is_linked: bool = False
    is_admin: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"


PEOPLE = (
    DemoPerson("coach", "Nova Hart", "Europe/Berlin", "1210000000000000011", is_linked=True),
    DemoPerson("coach2", "Ben Okafor", "America/New_York", "1210000000000000012", is_linked=True),
    DemoPerson("student", "Sam Lindqvist", "America/New_York", "1210000000000000013", is_linked=True),
    DemoPerson("student2", "Aiko Tanaka", "Asia/Tokyo", "1210000000000000014", is_linked=True),
    DemoPerson("stranger", "Robin Vale", "Europe/Lisbon", "1210000000000000015"),
    DemoPerson("admin", "Ada Admin", "Europe/Berlin", is_admin=True),
)


def is_planted() -> bool:
    """True when the database holds a demo. Its people may have deleted their accounts, but the last admin cannot."""
    return bool(_of_the_demo().exists())


def has_others() -> bool:
    """True when the database holds people, and they are not a demo's. Also answers before the migrations."""
    return Person.select(Person.id).exists() and not _of_the_demo().exists()


def _of_the_demo() -> Any:
    return Person.select(Person.id).where(Person.email_key.in_([person.email for person in PEOPLE]))


def add_person(demo_person: DemoPerson, password: str, guild_id: str, verify_link: LinkTo, now: datetime) -> Person:
    """Somebody of the demo, who has confirmed their address; where they are linked, a member of the guild."""
    tokens: list[str] = []

    def link_to(token: str) -> str:
        tokens.append(token)
        return verify_link(token)

    details = SignUpDetails(
        demo_person.name, EmailAddress(demo_person.email, demo_person.email), password, demo_person.zone
    )
    person = accounts.sign_up(details, link_to, now)
    if demo_person.is_linked and demo_person.discord_id:
        account = DiscordAccount(
            demo_person.discord_id, demo_person.key, demo_person.name, avatar_of(demo_person.discord_id)
        )
        link = link_discord(person, account, now)
        record_membership(link, guild_id, "joined", now)
    verify_address(person, tokens[0], now)
    if demo_person.is_admin:
        person, _ = accounts.make_admin(demo_person.email, now)
    return person
