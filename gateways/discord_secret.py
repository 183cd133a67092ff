"""Asks Discord's token address whether it takes the application's id and secret. One call, and its token is dropped."""

import json
from base64 import b64encode

import requests

from coaching.host import HostError
from coaching.refusals import Refusal
from gateways import deadline
from gateways.discord_answers import object_in
from gateways.discord_errors import refusal_of

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
# Said of the grant once the application was let in (RFC 6749, section 5.2). One of a team may lack the grant.
LET_IN = frozenset({"invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type"})


class ApplicationLogIn:
    """The application that signs people in, by its id and secret."""

    def __init__(self, api_url: str, client_id: str, client_secret: str, site: str) -> None:
        self._address = f"{api_url}/oauth2/token"
        self._auth = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._agent = f"DiscordBot ({site}, 1.0)"

    def check(self) -> None:
        """Return if Discord takes id and secret. HostError: UNAUTHORIZED if not, else nobody knows."""
        answer, content = self._ask()
        if 200 <= answer.status_code < 300:
            return
        said = _error_in(content)
        if answer.status_code == 401 or said == "invalid_client":
            raise HostError("Discord does not take the client's secret", Refusal.UNAUTHORIZED, status=401)
        if said not in LET_IN:
            raise refusal_of(answer.status_code, answer.headers, content)

    def _ask(self) -> tuple[requests.Response, bytes]:
        try:
            with deadline.within(SECONDS), deadline.open_session() as session:
                answer = session.post(
                    self._address,
                    # A token that speaks for the application's owner, with the least it may do; nobody reads it.
                    data={"grant_type": "client_credentials", "scope": "identify"},
                    headers={"User-Agent": self._agent, "Authorization": f"Basic {self._auth}"},
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    return answer, _content(answer)
        except requests.ConnectionError as error:
            raise HostError(f"no connection: {type(error).__name__}", Refusal.REFUSED_CONNECTION) from None
        except requests.RequestException as error:
            raise HostError(f"no answer: {type(error).__name__}", Refusal.NO_ANSWER) from None


def _content(answer: requests.Response) -> bytes:
    try:
        return deadline.read_answer(answer, LARGEST_ANSWER)
    except requests.RequestException as error:
        raise HostError(f"no whole answer: {type(error).__name__}", Refusal.NO_ANSWER) from None


def _error_in(content: bytes) -> str:
    """The word by which OAuth names what is wrong; nothing for another kind of answer."""
    try:
        said = object_in(json.loads(content)).get("error")
    except (ValueError, HostError):
        return ""
    return said if isinstance(said, str) else ""
