"""Authlib's client of Discord: calls without redirects, proxies or endless answers, each with one deadline in all."""

import json
from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask

from blueprints.accounts.oauth import SCOPES, deadline

# For one call.
SECONDS = 10
# The answer of a round that adds the bot holds the server with all its roles and emojis.
LARGEST_ANSWER = 2 * 1024 * 1024


def register(app: Flask) -> Any:
    """This site as Discord knows it. No cache: state and verifier belong to one browser."""
    settings = app.extensions["settings"]
    return OAuth(app).register(
        "discord",
        client_cls=DiscordApp,
        client_id=settings.discord_client_id,
        client_secret=settings.discord_client_secret,
        authorize_url=f"{settings.discord_oauth_url}/oauth2/authorize",
        access_token_url=f"{settings.discord_api_url}/oauth2/token",
        api_base_url=f"{settings.discord_api_url}/",
        user_agent=f"DiscordBot ({settings.app_url}, 1.0)",
        # Not "timeout": Authlib takes that and ignores it.
        client_kwargs={"scope": " ".join(SCOPES), "code_challenge_method": "S256", "default_timeout": SECONDS},
    )


class CarefulSession(OAuth2Session):  # type: ignore[misc]  # Authlib brings no types
    """Calls without redirects, proxies or endless answers; what comes back is a JSON object."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.trust_env = False
        deadline().keep_to_deadline(self)

    def request(self, method: str, url: str, **options: Any) -> Any:
        with deadline().within(options.get("timeout") or self.default_timeout):
            answer = super().request(method, url, **options | {"allow_redirects": False, "stream": True})
            with answer:
                # The attribute that requests fills itself when it reads to the end, however far that is.
                answer._content = deadline().read_answer(answer, LARGEST_ANSWER)
        if answer.is_redirect or not isinstance(json.loads(answer.content), dict):
            raise ValueError("not an answer of Discord")
        return answer


class DiscordApp(FlaskOAuth2App):  # type: ignore[misc]  # Authlib brings no types
    client_cls = CarefulSession
