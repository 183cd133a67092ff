"""The application in the shapes of Discord's answers. Pure but for the state it looks things up in."""

from sandbox import guilds
from sandbox.answers import Json, user
from sandbox.config import SandboxConfig
from sandbox.oauth_records import Token
from sandbox.records import Member
from sandbox.state import State


def application(state: State, config: SandboxConfig) -> Json:
    """The application as anybody sees it."""
    own = guilds.own_application(state, config.client_id)
    return {
        "id": config.client_id,
        "name": "Greenroom",
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(guilds.known_person(state, config.client_id)),
        "bot_public": own.is_public,
        "bot_require_code_grant": own.requires_code_grant,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
    }


def own_application(state: State, config: SandboxConfig, owner_id: str) -> Json:
    """The application as its bot sees it."""
    return application(state, config) | {
        "redirect_uris": [config.redirect_uri],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(guilds.known_person(state, owner_id)),
        "approximate_guild_count": len(state.every(Member, user_id=config.client_id)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": len({token.user_id for token in state.every(Token)}),
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": ["identify", "email", "guilds", "guilds.join", "guilds.members.read", "bot"],
    }
