"""The wizard's four steps and what a product still lacks before it can be published. Pure."""

from dataclasses import dataclass

STEPS = ("thumbnail", "checkout", "availability", "options")


@dataclass(frozen=True)
class Missing:
    """One thing to do first. `place` is the step it is done in, or "store"."""

    place: str
    sentence: str


@dataclass(frozen=True)
class Facts:
    """What readiness depends on, gathered by queries.facts_of."""

    has_title: bool
    has_offers: bool
    costs_money: bool
    has_pay_text: bool
    has_hours: bool
    session_type: str
    is_linked: bool
    is_member: bool
    has_guild: bool
    guild_is_verified: bool


def missing(facts: Facts) -> tuple[Missing, ...]:
    """What is not there yet, in the order of the steps; empty when the product can be published."""
    return (*_missing_at_checkout(facts), *_missing_later(facts), *_missing_in_discord(facts))


def payment_of(costs_money: bool, chosen: str) -> str:
    """The way of paying that goes with the prices: what costs nothing is free, and what costs something never is."""
    if not costs_money:
        return "free"
    return chosen if chosen != "free" else "outside"


def is_done(step: str, facts: Facts) -> bool:
    """True when nothing is missing in this step."""
    return all(thing.place != step for thing in missing(facts))


def _missing_at_checkout(facts: Facts) -> list[Missing]:
    gaps = []
    if not facts.has_title:
        gaps.append(Missing("checkout", "Give it a title."))
    if not facts.has_offers:
        gaps.append(Missing("checkout", "Add at least one length with its price."))
    return gaps


def _missing_later(facts: Facts) -> list[Missing]:
    gaps = []
    if not facts.has_hours:
        gaps.append(Missing("availability", "Say when you take sessions: save your weekly hours."))
    if facts.costs_money and not facts.has_pay_text:
        gaps.append(Missing("options", "Tell students how to pay you."))
    return gaps


def _missing_in_discord(facts: Facts) -> list[Missing]:
    if facts.session_type == "phone":
        return []  # a phone call needs neither room nor Discord
    gaps = []
    if not facts.has_guild:
        gaps.append(Missing("store", "Choose the Discord server your rooms are made in."))
    elif not facts.guild_is_verified:
        gaps.append(Missing("store", "Verify again that the Discord server is yours to manage."))
    if not facts.is_linked:
        gaps.append(Missing("checkout", "Connect your Discord account."))
    elif facts.has_guild and not facts.is_member:
        gaps.append(Missing("checkout", "Join your store's Discord server: you need to enter your own rooms."))
    return gaps
