"""What keeps two accounts from becoming one, and what the one that stays takes over. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from coaching.catalog.details import MOST_PRODUCTS, MOST_STORES

# More would not be read; what comes after them shows once these are gone.
MOST_PAIRS = 5


@dataclass(frozen=True)
class Held:
    """A time that one of the two takes or gives."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    is_coached: bool


@dataclass(frozen=True)
class Account:
    """One of the two accounts, as far as merging is concerned."""

    person_id: int
    name: str
    email: str | None
    is_verified: bool
    has_password: bool
    has_zone: bool
    is_admin: bool
    discord: str | None
    has_factor: bool = False
    is_suspended: bool = False
    stores: tuple[str, ...] = ()
    products: int = 0
    taken: int = 0
    given: int = 0
    live: tuple[Held, ...] = ()
    # The address of their page as a coach; None for whoever is none.
    page: str | None = None
    is_stopped: bool = False
    is_applying: bool = False


@dataclass(frozen=True)
class Obstacle:
    """A sentence that says what stands in the way and what to do; `pairs` are the sessions it is about."""

    sentence: str
    pairs: tuple[tuple[Held, Held], ...] = ()
    is_of_discord: bool = False


def takeover(here: Account, there: Account) -> frozenset[str]:
    """What the account `here`, which stays, takes of the other because it has none: address, password, zone, discord.

    A verified address goes before one that nobody has confirmed.
    """
    lacks_address = here.email is None or (there.is_verified and not here.is_verified)
    lacks = {
        "address": there.email is not None and lacks_address,
        "password": there.has_password and not here.has_password,
        "zone": there.has_zone and not here.has_zone,
        "discord": there.discord is not None and here.discord is None,
    }
    return frozenset(part for part, is_lacking in lacks.items() if is_lacking)


def address_of(here: Account, there: Account) -> str | None:
    """The address one has afterwards."""
    return there.email if "address" in takeover(here, there) else here.email


def name_of(account: Account) -> str:
    """What tells one of the two accounts from the other: people go by their addresses."""
    if account.email:
        return account.email
    return f"{account.discord} at Discord" if account.discord else f"the account of {account.name}"


def ways_in(here: Account, there: Account) -> str:
    """How one signs in afterwards: “with one@example.com, and with Discord”.

    Says whose password it is where address and password come from different accounts.
    """
    address, holder = address_of(here, there), here if here.has_password else there
    ways = []
    if address and holder.has_password:
        ways.append(f"with {address}" + ("" if holder.email == address else f" and the password of {name_of(holder)}"))
    if here.discord or there.discord:
        ways.append("with Discord")
    if address and not ways:
        ways.append(f"with {address}, once you have chosen a password under “Forgotten password”")
    return ", and ".join(ways) or "as before"


def obstacles(here: Account, there: Account, own_bookings: Sequence[str]) -> list[Obstacle]:
    """Everything that keeps the two apart. `own_bookings` are titles of what one of them has booked with the other."""
    reasons = []
    if here.is_admin or there.is_admin:
        sentence = (
            "One of the two accounts is an admin’s. Admins keep an account of their own. Go on with both of them."
        )
        reasons.append(Obstacle(sentence))
    if here.is_suspended or there.is_suspended:
        sentence = "One of the two accounts is suspended. Write to whoever runs this site."
        reasons.append(Obstacle(sentence))
    if there.has_factor:
        sentence = (
            "The account that would end has a second factor. Turn it off there first, or merge the other way round."
        )
        reasons.append(Obstacle(sentence))
    if here.discord and there.discord:
        sentence = (
            f"Each account has a Discord account: {here.discord} here, {there.discord} there. Only one can stay. "
            "Disconnect the other one in the settings of its account first."
        )
        reasons.append(Obstacle(sentence, is_of_discord=True))
    if pairs := _clashes(here.live, there.live):
        sentence = "You would have two sessions at one time. Cancel one of the two first, or wait until they are over."
        reasons.append(Obstacle(sentence, tuple(pairs[:MOST_PAIRS])))
    if own_bookings:
        sentence = (
            f"With one account you booked “{own_bookings[0]}” at a store of the other. Nobody can be their own "
            "student, so these two accounts stay apart. Go on with one of them."
        )
        reasons.append(Obstacle(sentence))
    return reasons + _too_much_to_sell(here, there)


def _too_much_to_sell(here: Account, there: Account) -> list[Obstacle]:
    reasons = []
    names = {name.casefold() for name in here.stores}
    for name in (name for name in there.stores if name.casefold() in names):
        reasons.append(Obstacle(f"Both accounts have a store called “{name}”. Give one of them another name first."))
    stores, products = len(here.stores) + len(there.stores), here.products + there.products
    if stores > MOST_STORES:
        sentence = (
            f"Together the two accounts have {stores} stores, and one account can have at most {MOST_STORES}. "
            "Go on with both of them."
        )
        reasons.append(Obstacle(sentence))
    if products > MOST_PRODUCTS:
        sentence = (
            f"Together the two accounts have {products} products, and one account can have at most {MOST_PRODUCTS}. "
            f"Archive {products - MOST_PRODUCTS} of them first."
        )
        reasons.append(Obstacle(sentence))
    return reasons


def _clashes(here: Sequence[Held], there: Sequence[Held]) -> list[tuple[Held, Held]]:
    pairs = [(session, other) for session, other in product(here, there) if _overlap(session, other)]
    return sorted(pairs, key=lambda pair: (pair[0].starts_at, pair[1].starts_at))


def _overlap(held: Held, other: Held) -> bool:
    if held.session_id == other.session_id:
        return False  # they have booked each other, which is an obstacle of its own
    if held.is_coached and other.is_coached:
        # Of one coach the buffers count as well: neither they nor the database let these overlap.
        return held.busy_from < other.busy_until and other.busy_from < held.busy_until
    return held.starts_at < other.ends_at and other.starts_at < held.ends_at
