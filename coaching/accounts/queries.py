"""Reads of people, their sign-ins, their Discord link and their mail links."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect

from coaching.accounts.addresses import find_key
from coaching.accounts.models import DiscordLink, GuildMember, MailLink, MergeClaim, Person, SignIn
from coaching.accounts.sign_in_expiry import is_alive
from coaching.accounts.tokens import digest
from coaching.errors import AccountSuspended
from coaching.reading import Selection, given

# What each page of somebody who is signed in asks for.
_SIGN_IN: Selection[SignIn] = Selection(
    lambda: SignIn.select(SignIn, Person).join(Person).where(SignIn.token_sha256 == given("token"))
)
_LINK: Selection[DiscordLink] = Selection(lambda: DiscordLink.select().where(DiscordLink.person == given("person")))
_LINK_OF_ACCOUNT: Selection[DiscordLink] = Selection(
    lambda: DiscordLink.select(DiscordLink, Person).join(Person).where(DiscordLink.discord_user_id == given("account"))
)
_MEMBERSHIP: Selection[GuildMember] = Selection(
    lambda: GuildMember.select().where(
        GuildMember.link == given("link"), GuildMember.discord_guild_id == given("guild")
    )
)
_DISCORD: Selection[tuple[str, str, str | None, datetime | None]] = Selection(
    lambda: (
        DiscordLink.select(DiscordLink.username, DiscordLink.discord_user_id, GuildMember.state, GuildMember.checked_at)
        .join(
            GuildMember,
            JOIN.LEFT_OUTER,
            on=(GuildMember.link == DiscordLink.id) & (GuildMember.discord_guild_id == given("guild")),
        )
        .where(DiscordLink.person == given("person"))
        .tuples()
    )
)


@dataclass(frozen=True)
class DiscordStatus:
    """A person's Discord account and what is last known of it in one guild."""

    is_connected: bool
    name: str | None = None
    discord_user_id: str | None = None
    membership: str = "unknown"  # unknown, joined, left, banned
    checked_at: datetime | None = None

    @property
    def is_member(self) -> bool:
        return self.membership == "joined"


def check_discord(person: Person | None, discord_guild_id: str | None) -> DiscordStatus:
    """Whether the person has a Discord account here, its name, and whether it is in the guild."""
    row = _DISCORD.first(person=person.id, guild=discord_guild_id or "") if person else None
    if row is None:
        return DiscordStatus(is_connected=False)
    name, discord_user_id, membership, checked_at = row
    return DiscordStatus(
        is_connected=True,
        name=name,
        discord_user_id=discord_user_id,
        membership=membership or "unknown",
        checked_at=checked_at,
    )


def find_discord_link(person: Person) -> DiscordLink | None:
    """The person's Discord account."""
    return _LINK.first(person=person.id)


def find_link_of_account(discord_user_id: str) -> DiscordLink | None:
    """The link by which this Discord account belongs to somebody here, with its person."""
    return _LINK_OF_ACCOUNT.first(account=discord_user_id)


def find_membership(link: DiscordLink, discord_guild_id: str) -> GuildMember | None:
    """What Discord last said about the account in the guild."""
    return _MEMBERSHIP.first(link=link.id, guild=discord_guild_id)


def memberships_to_recheck(checked_before: datetime, limit: int) -> list[GuildMember]:
    """The memberships nobody has asked Discord about since, the oldest first, with their links."""
    is_due = GuildMember.checked_at.is_null() | (GuildMember.checked_at < checked_before)
    known = GuildMember.select(GuildMember, DiscordLink).join(DiscordLink)
    return list(known.where(is_due).order_by(GuildMember.checked_at).limit(limit))


def find_person(email: str) -> Person | None:
    """The person whose address this is, however it was typed."""
    key = find_key(email)
    person: Person | None = Person.get_or_none(Person.email_key == key) if key else None
    return person


def find_person_by_id(person_id: int) -> Person | None:
    """The person of this number."""
    person: Person | None = Person.get_or_none(Person.id == person_id)
    return person


def refuse_suspended(person: Person) -> None:
    """AccountSuspended, with the reason, for somebody whom an admin has suspended; as the database has it now."""
    current = Person.select(Person.suspended_at, Person.suspended_why).where(Person.id == person.id).first()
    if current and current.suspended_at:
        raise AccountSuspended(current.suspended_why)


def find_sign_in(token: str, now: datetime, *, admins_need_factor: bool = True) -> SignIn | None:
    """The live sign-in of this token, with its person; an admin's, without a second factor given, is none.

    Nor is that of somebody who is suspended.
    """
    row = find_any_sign_in(token)
    if (
        row is None
        or row.person.suspended_at
        or not is_alive(row.made_at, row.seen_at, row.ends_at, row.person.is_admin, now)
    ):
        return None
    if admins_need_factor and row.person.is_admin and row.factor_at is None:
        return None
    return row


def find_any_sign_in(token: str) -> SignIn | None:
    """The sign-in of this token, whether it still counts or has run out."""
    return _SIGN_IN.first(token=digest(token))


def sign_ins_of(person: Person, now: datetime) -> list[SignIn]:
    """The person's live sign-ins, the one last used first."""
    rows = SignIn.select().where(SignIn.person == person, SignIn.ends_at > now).order_by(SignIn.seen_at.desc())
    return [row for row in rows if is_alive(row.made_at, row.seen_at, row.ends_at, person.is_admin, now)]


def find_mail_link(token: str, purpose: str, now: datetime) -> MailLink | None:
    """The link of this token, if it was made for this purpose and has not run out, with its person."""
    links = MailLink.select(MailLink, Person).join(Person)
    link: MailLink | None = links.where(
        MailLink.token_sha256 == digest(token), MailLink.purpose == purpose, MailLink.ends_at > now
    ).first()
    return link


def find_waiting_address(person: Person, now: datetime) -> str | None:
    """The address that the person still has to verify, be it the account's or one it is to change to."""
    link = (
        MailLink.select()
        .where(MailLink.person == person, MailLink.purpose == "verify", MailLink.ends_at > now)
        .order_by(MailLink.made_at.desc())
        .first()
    )
    return link.email if link else None


def find_unconfirmed_address(person: Person, now: datetime) -> str | None:
    """The address to which a mail to confirm it could go: one that waits, else the account's own."""
    return find_waiting_address(person, now) or (person.email if person.email_verified_at is None else None)


def find_claim(sign_in: SignIn, now: datetime) -> MergeClaim | None:
    """The other account that this sign-in has shown to be the same person's, as long as what showed it holds."""
    claim = _claims().where(MergeClaim.sign_in == sign_in, MergeClaim.ends_at > now).first()
    if claim is None or claim.shown_at is None or claim.basis != (basis_of(claim.other, claim.way) or None):
        return None
    merge_claim: MergeClaim = claim
    return merge_claim


def find_waiting_claim(token: str, now: datetime) -> MergeClaim | None:
    """The claim that a link by mail would make good, whichever browser asked for it."""
    claim = _claims().where(MergeClaim.token_sha256 == digest(token), MergeClaim.ends_at > now).first()
    if claim is None or claim.basis != basis_of(claim.other, claim.way):
        return None
    merge_claim: MergeClaim = claim
    return merge_claim


def basis_of(person: Person, way: str) -> str:
    """What shows in this way that an account is somebody's; empty when nothing does. A change ends every claim."""
    if way == "password":
        return digest(person.password_hash) if person.password_hash else ""
    if way == "mail":
        return person.email_key or "" if person.email_verified_at else ""
    link = find_discord_link(person)
    return link.discord_user_id if link else ""


def _claims() -> "ModelSelect[MergeClaim]":
    return MergeClaim.select(MergeClaim, Person).join(Person)
