"""Whether Discord takes the application's id and secret: yes, no, and nobody knows."""

import base64

import pytest
import requests
import responses
from responses import matchers

from coaching.host import HostError
from coaching.refusals import Refusal
from gateways.discord_secret import LARGEST_ANSWER, ApplicationLogIn

TOKEN = "https://discord.example/api/v10/oauth2/token"
BASIC = base64.b64encode(b"1000:s-cr/t").decode()


def checked(**answer: object) -> Refusal | None:
    """What comes of a check that is answered like this."""
    asked = [
        matchers.header_matcher({"Authorization": f"Basic {BASIC}"}),
        matchers.urlencoded_params_matcher({"grant_type": "client_credentials", "scope": "identify"}),
    ]
    with responses.RequestsMock() as discord:
        discord.post(TOKEN, match=asked, **answer)
        try:
            ApplicationLogIn("https://discord.example/api/v10", "1000", "s-cr/t", "https://greenroom.example").check()
        except HostError as error:
            return error.kind
    return None


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, {"access_token": "a", "token_type": "Bearer"}, None),
        (401, {"error": "invalid_client"}, Refusal.UNAUTHORIZED),
        (400, {"error": "invalid_client"}, Refusal.UNAUTHORIZED),
        # Let in, and refused this grant only.
        (400, {"error": "invalid_scope"}, None),
        (400, {"error": "unauthorized_client"}, None),
        (400, {"error": "invalid_request"}, Refusal.OTHER),
        (429, {"retry_after": 3}, Refusal.RATE_LIMITED),
        (503, {}, Refusal.SERVER_ERROR),
        (302, {}, Refusal.OTHER),
    ],
)
def test_the_answer_says_whether_the_secret_is_right(
    status: int, body: dict[str, object], refusal: Refusal | None
) -> None:
    assert checked(status=status, json=body) == refusal


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (requests.ConnectTimeout(), Refusal.REFUSED_CONNECTION),
        (requests.ReadTimeout(), Refusal.NO_ANSWER),
        (b"x" * (LARGEST_ANSWER + 1), Refusal.NO_ANSWER),
    ],
)
def test_no_answer_says_nothing_of_the_secret(body: object, refusal: Refusal) -> None:
    assert checked(body=body) == refusal
