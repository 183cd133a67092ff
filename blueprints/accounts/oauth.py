"""The round trip to Discord by Authlib: setting off with state and PKCE, coming back with an account and a token.

The state, the verifier and what the trip is for lie in the starting browser's cookie only. The access token never
leaves the request in which it arrives.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from threading import BoundedSemaphore
from typing import Any

from authlib.common.errors import AuthlibBaseError
from flask import Flask, current_app, request, session, url_for
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from blueprints.accounts.next_pages import go_to
from coaching.accounts.details import DiscordAccount
from coaching.plain_text import clean

SCOPES = ("identify", "guilds.join")
SERVER_SCOPES = ("bot", *SCOPES)
# For all that is asked with the token, joining servers among it; and for giving the token back.
SECONDS_TO_ARRIVE = 15
SECONDS_TO_REVOKE = 3
# A quarter of the threads that gunicorn.conf.py gives a process: a Discord that hangs leaves the rest to others.
MOST_ARRIVALS = 2
STATE_PREFIX = "_state_discord_"
# An abandoned trip leaves 200 bytes in the cookie, which holds 4093.
KEPT_TRIPS = 2
LONGEST_NEXT = 500
SNOWFLAKE = re.compile("[0-9]{15,21}")


@dataclass(frozen=True)
class Trip:
    """What a round trip is for; kept beside its state."""

    purpose: str  # sign-in, link, relink, join, confirm, server
    person_id: int | None
    next: str
    guild_id: str | None = None
    store: str | None = None
    zone: str | None = None
    may_link: bool = False  # the person had no account when they set off, and had just proved who they are


@dataclass(frozen=True)
class Again:
    """A button that tries the last part of a trip again, without Discord's pages."""

    address: str
    fields: dict[str, str]


class TripFailed(Exception):
    """The trip ends here: `title` and `text` say what happened and what to do."""

    def __init__(self, title: str, text: str, status: int = 400, again: Again | None = None) -> None:
        super().__init__(title)
        self.title, self.text, self.status, self.again = title, text, status, again


@dataclass(frozen=True)
class Arrival:
    """Who came back from Discord, and what they allow us to do for the length of this request."""

    account: DiscordAccount
    access_token: str
    may_join: bool
    guild_id: str | None = None  # to which the bot was added in this round, as Discord's own answer says

    def __repr__(self) -> str:
        return f"Arrival({self.account!r})"


def init_app(app: Flask) -> None:
    """Have a client of Discord made by the first who needs it."""
    app.extensions["arrivals"] = BoundedSemaphore(MOST_ARRIVALS)
    # Authlib takes 4 MB, and many who serve pages never see anybody off.
    app.extensions["discord_oauth"] = LocalProxy(cache(partial(_client_of, app)))


def set_off(trip: Trip, scopes: Sequence[str] = SCOPES, **asked: str | int) -> Response:
    """The way to Discord's consent screen, which shows whose Discord account it is about."""
    forget_old_trips()
    discord = current_app.extensions["discord_oauth"]
    started = discord.create_authorization_url(callback_address(), prompt="consent", scope=" ".join(scopes), **asked)
    discord.save_authorize_data(
        redirect_uri=callback_address(),
        state=started["state"],
        code_verifier=started["code_verifier"],
        trip=asdict(trip),
    )
    return go_to(started["url"])


def find_trip() -> Trip | None:
    """The trip this browser comes back from; None when it started none, or is back already."""
    kept = session.get(STATE_PREFIX + request.args.get("state", ""))
    return Trip(**kept["data"]["trip"]) if kept else None


def forget_trip() -> None:
    """The trip is over: its state counts once, whatever came of it."""
    session.pop(STATE_PREFIX + request.args.get("state", ""), None)


@contextmanager
def a_place() -> Iterator[bool]:
    """True while Discord may be asked about somebody who is back; False when enough others wait for it already."""
    places: BoundedSemaphore = current_app.extensions["arrivals"]
    # Nobody waits here: whoever waits holds a thread, too.
    has_place = places.acquire(blocking=False)
    try:
        yield has_place
    finally:
        if has_place:
            places.release()


@contextmanager
def arrival() -> Iterator[Arrival]:
    """Who came back, while the block runs; afterwards Discord is asked to forget the token. Or TripFailed."""
    discord = current_app.extensions["discord_oauth"]
    token = _token(discord)
    try:
        with deadline().within(SECONDS_TO_ARRIVE):
            may_join = "guilds.join" in _scopes(token)
            yield Arrival(_account(discord, token), token["access_token"], may_join, _guild_id(token))
    finally:
        with suppress(OSError, ValueError):
            _revoke(discord, token)


def callback_address() -> str:
    """The one address at which a trip ends, as it is registered at Discord."""
    site: str = current_app.config["APP_URL"]
    return site.rstrip("/") + url_for("accounts.discord_callback")


def forget_old_trips() -> None:
    """At most the newest two abandoned trips stay in the cookie."""
    trips = sorted((name for name in session if name.startswith(STATE_PREFIX)), key=lambda name: session[name]["exp"])
    for name in trips[:-KEPT_TRIPS]:
        session.pop(name)


def _client_of(app: Flask) -> Any:
    from blueprints.accounts.discord_client import register

    return register(app)


def deadline() -> Any:
    """The gateway's module: a call has one deadline in all."""
    return current_app.extensions["deadline"]


def _token(discord: Any) -> dict[str, Any]:
    try:
        if not (_text(request.args.get("code")) or _text(request.args.get("error"))):
            raise TripFailed("Discord’s answer is not complete", "Nothing was changed. Start again.")
        token = discord.authorize_access_token()
    except AuthlibBaseError as error:
        raise _refused(error.error) from None
    except (OSError, ValueError) as error:
        raise _silent(error) from None
    finally:
        forget_trip()
    if not isinstance(token.get("access_token"), str) or "identify" not in _scopes(token):
        raise _silent()
    return dict(token)


def _account(discord: Any, token: dict[str, Any]) -> DiscordAccount:
    """Discord's answer is untrusted input like any other."""
    try:
        profile = discord.get("users/@me", token=token).json()
    except (OSError, ValueError, AuthlibBaseError) as error:
        raise _silent(error) from None
    user_id, username, name, avatar = (_text(profile.get(key)) for key in ("id", "username", "global_name", "avatar"))
    if not (SNOWFLAKE.fullmatch(user_id) and username):
        raise _silent()
    return DiscordAccount(user_id, username[:80], (name or username)[:60], avatar[:80] or None)


def _guild_id(token: dict[str, Any]) -> str | None:
    """The guild of the token answer. The one in the redirect is the browser's word, and never read."""
    guild = token.get("guild")
    guild_id = _text(guild.get("id")) if isinstance(guild, dict) else ""
    return guild_id if SNOWFLAKE.fullmatch(guild_id) else None


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _revoke(discord: Any, token: dict[str, Any]) -> None:
    discord.post(
        "oauth2/token/revoke",
        data={"token": token["access_token"]},
        auth=(discord.client_id, discord.client_secret),
        withhold_token=True,
        timeout=SECONDS_TO_REVOKE,
    )


def _scopes(token: dict[str, Any]) -> set[str]:
    return set(str(token.get("scope", "")).split())


def _refused(error: str) -> TripFailed:
    if error == "access_denied":
        return TripFailed("You cancelled at Discord", "Nothing was changed here.", 200)
    if error == "invalid_grant":
        return TripFailed(
            "Discord’s answer has run out", "It was used already, or it is too old. Nothing was changed. Start again."
        )
    if error in ("invalid_client", "unauthorized_client"):
        current_app.logger.error("Discord does not accept this site's client id and secret")
        return TripFailed(
            "Discord does not know this site", "Whoever runs this site has to check its Discord settings.", 502
        )
    return TripFailed("Discord said no", "It did not say why. Nothing was changed. Start again in a minute.", 502)


def _silent(error: Exception | None = None) -> TripFailed:
    current_app.logger.warning("Discord's OAuth gave no usable answer: %s", type(error).__name__)
    return TripFailed("Discord did not answer", "Nothing was changed. Try again in a minute.", 502)
