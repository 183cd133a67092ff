"""What an authorize address asks for, checked. Pure but for the guild names it looks up."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from sandbox.config import SandboxConfig
from sandbox.permissions import ALL_RIGHTS, Right

SCOPES = {
    "identify": "know your name and picture",
    "email": "know your e-mail address",
    "guilds": "know which servers you are in",
    "guilds.join": "join servers for you",
    "guilds.members.read": "read your member data in a server",
    "bot": "add a bot to a server you manage",
    "applications.commands": "add commands to a server you manage",
}
INVITE_SCOPES = frozenset({"bot", "applications.commands"})


class Unaskable(Exception):
    """The address is so wrong that nobody can be sent back anywhere."""


class SentBack(Exception):
    """The address is wrong in a way the product is told of, by its redirect address."""

    def __init__(self, ask: "Ask", error: str, description: str) -> None:
        super().__init__(description)
        self.address = ask.redirected(error=error, error_description=description)


@dataclass(frozen=True)
class Ask:
    """A sign-in or an invite that a person is asked to agree to."""

    scopes: tuple[str, ...]
    redirect_uri: str | None
    state: str | None
    challenge: str | None
    prompt: str
    permissions: int
    guild_id: str | None
    fixed_guild: bool

    @property
    def wants_bot(self) -> bool:
        return "bot" in self.scopes

    @property
    def wants_code(self) -> bool:
        """Whether somebody is sent back with a code, or the page just says it is done."""
        return self.redirect_uri is not None

    @property
    def rights(self) -> list[Right]:
        """The rights asked for, one by one, as far as they have a name here."""
        return [right for right in Right if self.permissions & right]

    def granted(self, form: MultiDict[str, str]) -> int:
        """What is left of them: on the page each may be unticked; a form without them takes all."""
        if "chooses" not in form:
            return self.permissions
        return self.permissions & ~sum(right for right in self.rights if right.name not in form.getlist("right"))

    def redirected(self, **answer: str | None) -> str:
        """The address the browser goes back to with this answer."""
        given = {name: value for name, value in {**answer, "state": self.state}.items() if value is not None}
        separator = "&" if "?" in (self.redirect_uri or "") else "?"
        return f"{self.redirect_uri}{separator}{urlencode(given)}"


def read_ask(args: MultiDict[str, str], config: SandboxConfig) -> Ask:
    """The ask in an authorize address; Unaskable or SentBack where something is wrong with it."""
    if args.get("client_id") != config.client_id:
        raise Unaskable("Unknown application: the client_id is not the one this sandbox knows.")
    scopes = tuple(dict.fromkeys(args.get("scope", "").split()))
    ask = Ask(
        scopes=scopes,
        redirect_uri=_redirect_uri(args, scopes, config),
        state=args.get("state"),
        challenge=args.get("code_challenge"),
        prompt=args.get("prompt", "consent"),
        permissions=_permissions(args),
        guild_id=args.get("guild_id"),
        fixed_guild=args.get("disable_guild_select") == "true",
    )
    _check(ask, args)
    return ask


def _redirect_uri(args: MultiDict[str, str], scopes: tuple[str, ...], config: SandboxConfig) -> str | None:
    """The registered address, which must be named exactly; a plain invite goes nowhere."""
    named = args.get("redirect_uri")
    if named is not None and named != config.redirect_uri:
        raise Unaskable("Invalid OAuth2 redirect_uri: it is not exactly the registered one.")
    is_plain_invite = bool(scopes) and set(scopes) <= INVITE_SCOPES and "response_type" not in args
    return None if is_plain_invite else config.redirect_uri


def _permissions(args: MultiDict[str, str]) -> int:
    value = args.get("permissions", "0")
    if not re.fullmatch(r"[0-9]{1,20}", value):
        raise Unaskable("The permissions are not a whole number.")
    return int(value) & ALL_RIGHTS


def _check(ask: Ask, args: MultiDict[str, str]) -> None:
    unknown = [scope for scope in ask.scopes if scope not in SCOPES]
    if unknown or not ask.scopes:
        problem = ("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    elif ask.wants_code and args.get("response_type") != "code":
        problem = ("unsupported_response_type", "Only the response type code is supported.")
    elif ask.challenge is not None and args.get("code_challenge_method") != "S256":
        problem = ("invalid_request", "Only the code challenge method S256 is supported.")
    elif ask.challenge is None and "code_challenge_method" in args:
        problem = ("invalid_request", "The code challenge is missing.")
    elif ask.prompt not in ("consent", "none") or (ask.prompt == "none" and ask.wants_bot):
        problem = ("invalid_request", "This prompt is not supported here.")
    else:
        return
    if not ask.wants_code:
        raise Unaskable(problem[1])
    raise SentBack(ask, *problem)
