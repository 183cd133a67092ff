"""The token addresses: a code or a refresh token becomes an access token, and tokens are revoked."""

import base64
import binascii
import hashlib
import re
from typing import Any
from urllib.parse import unquote_plus

from flask import Blueprint, request

from sandbox import admin_actions, answers, guilds, secret
from sandbox.consent import SCOPES
from sandbox.context import here
from sandbox.errors import ApiError
from sandbox.middleware import Answer, open_call
from sandbox.oauth_records import Code, Token
from sandbox.seed import OWNER_ID

tokens = Blueprint("tokens", __name__)


class TokenRefused(ApiError):
    """An answer of the token address that is not a token."""

    def __init__(self, error: str, description: str | None = None, status: int = 400) -> None:
        body = {"error": error} | ({"error_description": description} if description else {})
        super().__init__(status, body)


@tokens.post("/oauth2/token")
@tokens.post("/api/oauth2/token", endpoint="token_api")
@tokens.post("/api/v10/oauth2/token", endpoint="token_v10")
@open_call
def token() -> Answer:
    """A fresh pair of tokens for a code or a refresh token, each good for one use."""
    form = _form()
    _require_client(form)
    kind = form.get("grant_type")
    if kind == "authorization_code":
        return _issue(_spend_code(form)), 200
    if kind == "refresh_token":
        return _issue(_spend_refresh_token(form)), 200
    if kind == "client_credentials":
        return _issue_to_owner(form), 200
    if not kind:
        raise TokenRefused("invalid_request", 'Missing "grant_type" in request.')
    raise TokenRefused("unsupported_grant_type", f"Grant type {kind} is not supported")


@tokens.post("/oauth2/token/revoke")
@tokens.post("/api/oauth2/token/revoke", endpoint="revoke_api")
@tokens.post("/api/v10/oauth2/token/revoke", endpoint="revoke_v10")
@open_call
def revoke() -> Answer:
    """Every token of the person the named one belongs to is dead."""
    form = _form()
    _require_client(form)
    state = here().state
    named = secret.digest(form.get("token", ""))
    token = state.find(Token, named) or next(iter(state.every(Token, refresh_digest=named)), None)
    if token is not None:
        admin_actions.withdraw(state, token.user_id)
    return {}, 200


def _form() -> dict[str, str]:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "The body must be application/x-www-form-urlencoded.")
    return request.form.to_dict()


def _require_client(form: dict[str, str]) -> None:
    """Nothing, or 401: the application's id and secret, by Basic or in the form."""
    config = here().config
    client_id, client_secret = _basic() or (form.get("client_id", ""), form.get("client_secret", ""))
    if client_id != config.client_id or not secret.same(client_secret, config.client_secret):
        raise TokenRefused("invalid_client", status=401)


def _basic() -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRefused("invalid_client", status=401) from None
    return unquote_plus(user), unquote_plus(password)


def _spend_code(form: dict[str, str]) -> Code:
    """The code, used up; it must be fresh and come with its own redirect address and verifier."""
    state = here().state
    code = state.find(Code, secret.digest(form.get("code", "")))
    is_fresh = code is not None and code.expires_at > state.clock()
    if code is None or not is_fresh or form.get("redirect_uri") != code.redirect_uri:
        raise TokenRefused("invalid_grant", 'Invalid "code" in request.')
    _check_verifier(code, form.get("code_verifier"))
    state.remove(code)
    return code


def _check_verifier(code: Code, verifier: str | None) -> None:
    if verifier is not None and not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        raise TokenRefused("invalid_request", 'Invalid "code_verifier" in request.')
    if code.challenge is None and verifier is None:
        return
    hashed = hashlib.sha256((verifier or "").encode()).digest()
    challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    if code.challenge is None or verifier is None or not secret.same(challenge, code.challenge):
        raise TokenRefused("invalid_grant", 'Invalid "code_verifier" in request.')


def _spend_refresh_token(form: dict[str, str]) -> Token:
    """The token pair, used up."""
    state = here().state
    digest = secret.digest(form.get("refresh_token", ""))
    token = next(iter(state.every(Token, refresh_digest=digest)), None)
    if token is None:
        raise TokenRefused("invalid_grant", 'Invalid "refresh_token" in request')
    state.remove(token)
    return token


def _issue_to_owner(form: dict[str, str]) -> dict[str, Any]:
    """An access token for the application's owner, without a refresh token."""
    sandbox, scopes = here(), tuple(form.get("scope", "").split())
    if not scopes or not set(scopes) <= set(SCOPES):
        raise TokenRefused("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    access, seconds = secret.draw(), sandbox.config.token_seconds
    ends_at = sandbox.state.clock() + seconds
    sandbox.state.put(Token(secret.digest(access), secret.digest(secret.draw()), OWNER_ID, scopes, ends_at))
    return {"token_type": "Bearer", "access_token": access, "expires_in": seconds, "scope": " ".join(scopes)}


def _issue(grant: Code | Token) -> dict[str, Any]:
    """A new pair of tokens with the grant's person and scopes."""
    sandbox = here()
    state, seconds = sandbox.state, sandbox.config.token_seconds
    access, refresh = secret.draw(), secret.draw()
    state.put(
        Token(secret.digest(access), secret.digest(refresh), grant.user_id, grant.scopes, state.clock() + seconds)
    )
    issued: dict[str, Any] = {
        "token_type": "Bearer",
        "access_token": access,
        "expires_in": seconds,
        "refresh_token": refresh,
        "scope": " ".join(grant.scopes),
    }
    if isinstance(grant, Code) and grant.guild_id:
        guild = guilds.known_guild(state, grant.guild_id)
        if grant.permissions is not None:
            admin_actions.invite_bot(state, guild, sandbox.bot_id, grant.permissions)
        issued["guild"] = answers.guild(state, guild)
    return issued
