"""The three-state Discord card: what it shows and where its buttons lead.

A flow that shows it calls `discord_card(...)` and includes the fragment:

    card = discord_card(current_person(), store, request.full_path, form="booking-form")
    {% include "accounts/_discord_card.html" %}

`form` is the id of the form on the page whose fields must not be lost: the card's buttons send that form, and what is
typed in it is saved for the page at `next` (blueprints/saved_forms.py). Without `form` the card is a form of its own.
"""

from dataclasses import dataclass

from blueprints.accounts.guilds import destination_of
from blueprints.web import safe_next
from coaching.accounts.models import Person
from coaching.accounts.queries import check_discord
from coaching.catalog.models import Store


@dataclass(frozen=True)
class DiscordCard:
    """The variables of accounts/_discord_card.html."""

    state: str  # unlinked, linked, verified
    is_signed_in: bool
    account: str | None
    membership: str  # unknown, joined, left, banned
    guild_name: str
    may_join: bool
    shares_rooms: bool
    store: str | None
    next: str
    form: str | None
    look: str | None = None  # "line" in the bar that books, None for the card

    @property
    def is_verified(self) -> bool:
        return self.state == "verified"

    @property
    def fragment(self) -> str:
        """The template that draws it."""
        return "accounts/_discord_line.html" if self.look == "line" else "accounts/_discord_card.html"

    @property
    def said(self) -> str:
        """How things stand, for those who do not see it."""
        if self.state == "unlinked":
            return "Discord is not connected."
        return f"Connected as {self.account}, {'and in the server' if self.is_verified else 'not in the server yet'}."

    @property
    def mark(self) -> str:
        """Changes whenever the card looks otherwise."""
        return f"{self.state}-{self.membership}-{'in' if self.is_signed_in else 'out'}"


def discord_card(
    person: Person | None, store: Store | None, next: str, form: str | None = None, look: str | None = None
) -> DiscordCard:
    """What the card says to `person` about the guild of `store`, or about the site's without one."""
    guild = destination_of(store)
    status = check_discord(person, guild.guild_id)
    is_there = status.is_member or guild.guild_id is None
    return DiscordCard(
        state="unlinked" if not status.is_connected else "verified" if is_there else "linked",
        is_signed_in=person is not None,
        account=status.name,
        membership=status.membership,
        guild_name=guild.name,
        may_join=guild.may_join,
        shares_rooms=store is not None and store.shares_rooms,
        store=store.slug if store else None,
        next=safe_next(next),
        form=form,
        look=look,
    )
