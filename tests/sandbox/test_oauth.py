"""Signing in at the stand-in: the consent page, the token address, and every way they refuse."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from sandbox import seed
from sandbox.permissions import BOT_INVITE, Right

APP_URL = "http://127.0.0.1:5000"
REDIRECT_URI = APP_URL + "/api/auth/discord/callback"


def query(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def consent_address(**differences: str | None) -> str:
    asked = {
        "client_id": seed.APPLICATION_ID,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "identify guilds.join",
        "state": "a-state",
    } | differences
    prepared = requests.Request("GET", "http://x/oauth2/authorize", params=asked).prepare()
    return str(prepared.url).removeprefix("http://x")


def test_authlib_signs_somebody_in_renews_and_revokes(served):
    with OAuth2Session(
        seed.APPLICATION_ID,
        "a-client-secret",
        scope="identify guilds.join",
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
    ) as client:
        verifier = "x" * 48
        address, state = client.create_authorization_url(
            served + "/oauth2/authorize", code_verifier=verifier, prompt="consent"
        )
        form = {"person": seed.NEWCOMER_ID, "decision": "authorize"}
        back = requests.post(address, data=form, allow_redirects=False, timeout=5)
        assert back.status_code == 302
        client.fetch_token(
            served + "/api/v10/oauth2/token",
            authorization_response=back.headers["Location"],
            state=state,
            code_verifier=verifier,
            timeout=5,
        )
        who = client.get(served + "/api/v10/users/@me", timeout=5).json()
        assert (who["id"], who["username"], who["global_name"]) == (seed.NEWCOMER_ID, "newcomer", "Lee Marsh")
        old = client.token["refresh_token"]
        assert client.refresh_token(served + "/oauth2/token", timeout=5)["refresh_token"] != old
        revoked = client.revoke_token(
            served + "/api/oauth2/token/revoke", token=client.token["access_token"], timeout=5
        )
        assert revoked.status_code == 200
        assert client.get(served + "/api/v10/users/@me", timeout=5).status_code == 401


def test_authlib_hears_of_a_used_code(served):
    with OAuth2Session(seed.APPLICATION_ID, "a-client-secret", scope="identify", redirect_uri=REDIRECT_URI) as client:
        address, _ = client.create_authorization_url(served + "/oauth2/authorize")
        form = {"person": seed.COACH_ID, "decision": "authorize"}
        agreed = requests.post(address, data=form, allow_redirects=False, timeout=5).headers["Location"]
        client.fetch_token(served + "/oauth2/token", authorization_response=agreed, timeout=5)
        with pytest.raises(OAuthError) as caught:
            client.fetch_token(served + "/oauth2/token", authorization_response=agreed, timeout=5)
        assert (caught.value.error, caught.value.description) == ("invalid_grant", 'Invalid "code" in request.')


def test_an_application_is_let_in_by_its_secret_alone(discord):
    def ask(secret, scope="identify"):
        form = {"grant_type": "client_credentials", "scope": scope}
        return discord.client.post("/api/v10/oauth2/token", data=form, auth=(seed.APPLICATION_ID, secret))

    issued = ask("a-client-secret")
    assert (issued.status_code, issued.json["scope"]) == (200, "identify")
    assert "refresh_token" not in issued.json
    assert (ask("another").status_code, ask("another").json) == (401, {"error": "invalid_client"})
    assert ask("a-client-secret", "everything").json["error"] == "invalid_scope"


def test_a_bot_finds_the_servers_it_is_on(discord):
    own, *_ = discord.api("GET", "/users/@me/guilds").json
    assert (own["id"], own["owner"]) == (seed.GUILD_ID, False)


def test_the_page_offers_the_people_and_says_what_is_asked_for(discord):
    page = discord.client.get(consent_address()).text
    for word in ("Nova Hart", "newcomer", "Authorize", "Refuse", "join servers for you"):
        assert word in page
    assert "greenroom</small>" not in page


def test_the_state_comes_back_and_a_refusal_says_so(discord):
    agreed = query(discord.authorize(seed.COACH_ID).location)
    assert set(agreed) == {"code", "state"}
    refused = query(discord.authorize(seed.COACH_ID, decision="refuse").location)
    assert (refused["error"], refused["state"]) == ("access_denied", "a-state")


def test_without_a_redirect_address_the_registered_one_is_used(discord):
    location = discord.authorize(seed.COACH_ID, redirect_uri=None).location
    assert location.startswith(REDIRECT_URI + "?")
    code = query(location)["code"]
    assert discord.exchange(code, redirect_uri=None).status_code == 400
    assert discord.exchange(code).status_code == 200


@pytest.mark.parametrize(
    "differences",
    [
        {"client_id": "99"},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": "http://localhost:5000/api/auth/discord/callback"},
        {"redirect_uri": "https://evil.example/"},
        {"permissions": "-1"},
    ],
)
def test_a_wrong_address_sends_nobody_anywhere(discord, differences):
    answer = discord.client.get(consent_address(**differences))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("differences", "error"),
    [
        ({"scope": "identify everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "abc", "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "abc"}, "invalid_request"),
        ({"prompt": "maybe"}, "invalid_request"),
        ({"prompt": "none", "scope": "bot identify"}, "invalid_request"),
    ],
)
def test_a_wrong_wish_is_told_to_the_product(discord, differences, error):
    answer = discord.client.get(consent_address(**differences))
    assert answer.status_code == 302
    assert query(answer.location)["error"] == error


def test_nobody_is_signed_in_without_choosing_somebody(discord):
    assert discord.authorize("").status_code == 422
    assert discord.authorize(seed.APPLICATION_ID).status_code == 422


def test_a_returning_person_skips_the_screen_only_when_asked_for(discord):
    silent = consent_address(prompt="none")
    assert discord.client.get(silent).status_code == 200
    discord.authorize(seed.COACH_ID)
    assert "code" in query(discord.client.get(silent).location)
    assert discord.client.get(consent_address(prompt="consent")).status_code == 200
    assert discord.client.get(consent_address(prompt="none", scope="identify email")).status_code == 200


def test_a_code_is_good_for_one_token(discord):
    code = discord.code(seed.COACH_ID)
    issued = discord.exchange(code)
    assert issued.status_code == 200
    assert (issued.json["token_type"], issued.json["expires_in"]) == ("Bearer", 604800)
    assert issued.json["scope"] == "identify guilds.join"
    used = discord.exchange(code)
    assert (used.status_code, used.json) == (
        400,
        {"error": "invalid_grant", "error_description": 'Invalid "code" in request.'},
    )


def test_a_code_dies_of_age(discord, clock):
    code = discord.code(seed.COACH_ID)
    clock.forward(600)
    assert discord.exchange(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("differences", "status", "error"),
    [
        ({"redirect_uri": APP_URL}, 400, "invalid_grant"),
        ({"code": "made up"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 48}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code_verifier": "short"}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "99"}, 401, "invalid_client"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_an_exchange_that_does_not_fit_is_refused_and_spends_nothing(discord, differences, status, error):
    code = discord.code(seed.COACH_ID)
    refused = discord.exchange(**{"code": code, **differences})
    assert (refused.status_code, refused.json["error"]) == (status, error)
    assert discord.exchange(code).status_code == 200


def test_the_token_address_takes_forms_only_with_or_without_a_charset(discord):
    code = discord.code(seed.COACH_ID)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": "v" * 48}
    basic = base64.b64encode(f"{seed.APPLICATION_ID}:a-client-secret".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    refused = discord.client.post("/oauth2/token", json=form, headers=headers)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request")
    headers["Content-Type"] = "application/x-www-form-urlencoded;charset=UTF-8"
    assert discord.client.post("/oauth2/token", data=form, headers=headers).status_code == 200


def test_a_refresh_token_is_good_for_one_renewal(discord):
    first = discord.exchange(discord.code(seed.COACH_ID)).json
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "code": None}
    second = discord.exchange(**renewal)
    assert second.status_code == 200
    assert discord.exchange(**renewal).json == {
        "error": "invalid_grant",
        "error_description": 'Invalid "refresh_token" in request',
    }


def test_revoking_one_token_kills_all_of_that_person(discord):
    first, second = discord.access_token(seed.COACH_ID), discord.access_token(seed.COACH_ID)
    other = discord.access_token(seed.STUDENT_ID)
    form = {"token": first, "client_id": seed.APPLICATION_ID, "client_secret": "a-client-secret"}
    assert discord.client.post("/oauth2/token/revoke", data=form).status_code == 200
    for token, status in ((first, 401), (second, 401), (other, 200)):
        answer = discord.client.get("/api/v10/users/@me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_scopes_open_what_they_name_and_no_more(discord):
    def ask(scope: str, path: str):
        headers = {"Authorization": f"Bearer {discord.access_token(seed.COACH_ID, scope=scope)}"}
        return discord.client.get("/api/v10" + path, headers=headers)

    assert "email" not in ask("identify", "/users/@me").json
    assert ask("identify email", "/users/@me").json["email"] == "coach@example.com"
    membership = f"/users/@me/guilds/{seed.GUILD_ID}/member"
    assert ask("identify", membership).status_code == 401
    assert ask("guilds.members.read", membership).json["user"]["id"] == seed.COACH_ID
    about = ask("identify guilds.join", "/oauth2/@me").json
    assert (about["scopes"], about["user"]["id"]) == (["identify", "guilds.join"], seed.COACH_ID)
    assert "user" not in ask("guilds.join", "/oauth2/@me").json


def invite(discord, person: str, chosen: str, **differences: str):
    asked = {"scope": "bot applications.commands", "permissions": str(BOT_INVITE), "response_type": None}
    asked |= {
        "redirect_uri": None,
        "code_challenge": None,
        "code_challenge_method": None,
        "prompt": None,
        "state": None,
    }
    return discord.authorize(person, form={"guild": chosen}, **asked | differences)


def test_the_bot_is_invited_with_exactly_the_permissions_in_the_address(discord):
    address = f"/oauth2/authorize?client_id={seed.APPLICATION_ID}&scope=bot&permissions={BOT_INVITE}"
    discord.client.post(address, data={"person": seed.COACH_ID, "decision": "enter"})
    assert "13 permissions" in discord.client.get(address).text
    assert invite(discord, seed.COACH_ID, seed.NEW_GUILD_ID).status_code == 200
    role = next(role for role in discord.guild(seed.NEW_GUILD_ID)["roles"] if role["managed"])
    assert (role["permissions"], role["tags"]) == (str(BOT_INVITE), {"bot_id": seed.APPLICATION_ID})
    assert discord.api("GET", f"/guilds/{seed.NEW_GUILD_ID}").status_code == 200


def test_inviting_again_sets_the_permissions_anew(discord):
    invite(discord, seed.COACH_ID, seed.GUILD_ID, permissions=str(int(Right.VIEW_CHANNEL)))
    role = next(role for role in discord.guild()["roles"] if role["id"] == seed.BOT_ROLE_ID)
    assert role["permissions"] == "1024"


def test_a_bot_invited_with_nothing_gets_no_role(discord):
    invite(discord, seed.COACH_ID, seed.NEW_GUILD_ID, permissions="0")
    assert not [role for role in discord.guild(seed.NEW_GUILD_ID)["roles"] if role["managed"]]


@pytest.mark.parametrize(
    ("person", "guild_id"),
    [(seed.STUDENT_ID, seed.GUILD_ID), (seed.COACH_ID, seed.FOREIGN_GUILD_ID), (seed.COACH_ID, "99")],
)
def test_who_does_not_manage_a_guild_cannot_invite_into_it(discord, person, guild_id):
    assert invite(discord, person, guild_id).status_code == 403


def test_a_fixed_guild_cannot_be_chosen_away(discord):
    fixed = {"guild_id": seed.FOREIGN_GUILD_ID, "disable_guild_select": "true"}
    assert invite(discord, seed.COACH_ID, seed.NEW_GUILD_ID, **fixed).status_code == 403


def test_signing_in_and_inviting_at_once_tells_the_guild_in_the_token_answer(discord):
    location = discord.authorize(
        seed.COACH_ID,
        scope="identify bot",
        permissions=str(BOT_INVITE),
        form={"guild": seed.NEW_GUILD_ID},
    ).location
    back = query(location)
    assert (back["guild_id"], back["permissions"]) == (seed.NEW_GUILD_ID, str(BOT_INVITE))
    assert discord.exchange(back["code"]).json["guild"]["id"] == seed.NEW_GUILD_ID


# One round that signs somebody in and adds the bot.


def add(discord, person: str = seed.COACH_ID, guild_id: str = seed.NEW_GUILD_ID, form=None, **differences: str):
    asked = {"scope": "bot identify guilds.join", "permissions": str(BOT_INVITE)} | differences
    return discord.authorize(person, form={"guild": guild_id} | (form or {}), **asked)


def bot_rights(discord, guild_id: str = seed.NEW_GUILD_ID) -> list[int]:
    return [int(role["permissions"]) for role in discord.guild(guild_id)["roles"] if role["managed"]]


def add_address(**differences: str) -> str:
    return consent_address(scope="bot identify guilds.join", permissions=str(BOT_INVITE), **differences)


def test_only_servers_that_one_manages_are_offered(discord):
    address = add_address(guild_id=seed.NEW_GUILD_ID)
    assert "Go on" in discord.client.get(address).text
    chosen = discord.client.post(address, data={"person": seed.COACH_ID, "decision": "enter"})
    assert chosen.status_code == 303
    page = discord.client.get(chosen.location).text
    assert f'<option value="{seed.NEW_GUILD_ID}" selected>' in page
    assert f'<option value="{seed.GUILD_ID}">' in page
    assert seed.FOREIGN_GUILD_ID not in page


def test_not_you_asks_anew_who_one_is(discord):
    address = add_address()
    discord.client.post(address, data={"person": seed.COACH_ID, "decision": "enter"})
    assert "Not you?" in discord.client.get(address).text
    discord.client.post(address, data={"decision": "leave"})
    assert "Who are you?" in discord.client.get(address).text


def test_who_manages_no_server_can_only_refuse(discord):
    address = add_address()
    discord.client.post(address, data={"person": seed.STUDENT_ID, "decision": "enter"})
    page = discord.client.get(address).text
    assert "owns or may manage" in page
    assert 'value="authorize"' not in page
    assert 'value="refuse"' in page


def test_a_right_that_is_unticked_is_not_granted(discord):
    kept = [right.name for right in Right if right & BOT_INVITE and right is not Right.STREAM]
    back = query(add(discord, form={"chooses": "1", "right": kept}).location)
    assert int(back["permissions"]) == BOT_INVITE & ~Right.STREAM
    assert bot_rights(discord) == [BOT_INVITE & ~Right.STREAM]


def test_the_guild_in_the_token_answer_is_whole(discord):
    issued = discord.exchange(query(add(discord).location)["code"]).json
    assert issued["scope"] == "bot identify guilds.join"
    assert issued["guild"]["owner_id"] == seed.OWNER_ID
    assert {role["managed"] for role in issued["guild"]["roles"]} == {True, False}


def test_a_private_application_is_added_by_its_owner_alone(discord):
    assert discord.control("/application", is_public=False).status_code == 200
    assert discord.made("GET", "/applications/@me")["bot_public"] is False
    refused = add(discord)
    assert refused.status_code == 403
    assert "application is private" in refused.text
    assert bot_rights(discord) == []
    assert add(discord, seed.OWNER_ID).status_code == 302
    # Who only signs in adds nothing.
    assert discord.authorize(seed.COACH_ID).status_code == 302


def test_with_a_code_grant_the_bot_comes_with_the_exchange_and_a_plain_invite_does_not_work(discord):
    discord.control("/application", requires_code_grant=True)
    assert discord.made("GET", "/applications/@me")["bot_require_code_grant"] is True
    refused = invite(discord, seed.COACH_ID, seed.NEW_GUILD_ID)
    assert (refused.status_code, "requires code grant" in refused.text) == (400, True)
    code = query(add(discord).location)["code"]
    assert bot_rights(discord) == []
    assert discord.exchange(code).json["guild"]["id"] == seed.NEW_GUILD_ID
    assert bot_rights(discord) == [BOT_INVITE]
