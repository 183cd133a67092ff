"""What the stand-in takes and answers, against Discord's OpenAPI document where that lies beside the project."""

from typing import Any

import pytest

from sandbox import seed
from tests.sandbox.contract import Contract, discords_contract

GUILD = seed.GUILD_ID
ALLOW = "36818432"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return discords_contract()


@pytest.fixture
def call(discord, contract):
    """One call whose request and answer both keep the contract; gives the answer's JSON."""

    def keep(method: str, path: str, body: Any = None, expected: int = 200) -> Any:
        assert contract.request_problems(method, path, body) == []
        answer = discord.api(method, path, body)
        assert answer.status_code == expected, answer.text
        answer_body = answer.json if answer.data else None
        assert contract.problems(method, path.partition("?")[0], expected, answer_body) == []
        return answer_body

    return keep


def room(code: str) -> dict[str, Any]:
    overwrites = [
        {"id": GUILD, "type": 0, "deny": "1049600"},
        {"id": seed.COACH_ID, "type": 1, "allow": ALLOW},
        {"id": seed.APPLICATION_ID, "type": 1, "allow": "1051664"},
    ]
    return {"name": f"Room {code}", "type": 2, "permission_overwrites": overwrites}


def test_a_rooms_life_keeps_the_contract(call, discord):
    channel = call("POST", f"/guilds/{GUILD}/channels", room("kxvbq"), 201)["id"]
    call("GET", f"/channels/{channel}")
    call("GET", f"/guilds/{GUILD}/channels")
    call("PATCH", f"/channels/{channel}", {"permission_overwrites": room("kxvbq")["permission_overwrites"]})
    entry = f"/channels/{channel}/permissions/{seed.STUDENT_ID}"
    call("PUT", entry, {"type": 1, "allow": ALLOW, "deny": "0"}, 204)
    call("DELETE", entry, None, 204)
    body = {"content": "Hi", "nonce": "kxvbq", "enforce_nonce": True, "allowed_mentions": {"parse": []}}
    sent = call("POST", f"/channels/{channel}/messages", body)["id"]
    call("GET", f"/channels/{channel}/messages")
    call("GET", f"/channels/{channel}/messages/{sent}")
    call("POST", f"/channels/{channel}/invites", {})
    discord.control("/voice", guild_id=GUILD, user_id=seed.COACH_ID, channel_id=channel)
    call("GET", f"/guilds/{GUILD}/voice-states/{seed.COACH_ID}")
    call("PATCH", f"/guilds/{GUILD}/members/{seed.COACH_ID}", {"channel_id": None})
    call("DELETE", f"/channels/{channel}/messages/{sent}", None, 204)
    call("DELETE", f"/channels/{channel}")


@pytest.mark.parametrize("kind", [0, 2, 4])
def test_every_type_of_channel_keeps_the_contract(call, kind):
    made = call("POST", f"/guilds/{GUILD}/channels", {"name": "a", "type": kind}, 201)
    call("DELETE", f"/channels/{made['id']}")


def test_members_and_roles_keep_the_contract(call, discord):
    call("GET", f"/guilds/{GUILD}")
    call("GET", f"/guilds/{GUILD}?with_counts=true")
    call("GET", f"/guilds/{GUILD}/roles")
    call("GET", "/users/@me/guilds")
    member = f"/guilds/{GUILD}/members/{seed.NEWCOMER_ID}"
    token = {"access_token": discord.access_token(seed.NEWCOMER_ID)}
    call("PUT", member, token, 201)
    call("PUT", member, token, 204)
    call("GET", member)
    role = call("POST", f"/guilds/{GUILD}/roles", {"name": "Session kxvbq", "permissions": "0"})["id"]
    call("PATCH", f"/guilds/{GUILD}/roles/{role}", {"name": "Session other"})
    call("PUT", f"{member}/roles/{role}", None, 204)
    call("GET", member)
    call("DELETE", f"{member}/roles/{role}", None, 204)
    call("DELETE", f"/guilds/{GUILD}/roles/{role}", None, 204)


def test_accounts_keep_the_contract(call, discord, contract):
    call("GET", "/users/@me")
    call("GET", f"/users/{seed.COACH_ID}")
    call("GET", "/applications/@me")
    discord.control("/application", is_public=False, requires_code_grant=True)
    call("GET", "/applications/@me")
    call("GET", "/oauth2/applications/@me")
    talk = call("POST", "/users/@me/channels", {"recipient_id": seed.STUDENT_ID})["id"]
    call("POST", f"/channels/{talk}/messages", {"content": "Booked", "embeds": [{"title": "Mixing call"}]})
    link = {"type": 2, "style": 5, "label": "Open the session", "url": "https://greenroom.example/sessions/kxvbq"}
    body = {"content": "Booked", "nonce": "n", "enforce_nonce": True, "allowed_mentions": {"parse": []}}
    body["components"] = [{"type": 1, "components": [link]}]
    # Posted once, and the second time found again.
    assert call("POST", f"/channels/{talk}/messages", body) == call("POST", f"/channels/{talk}/messages", body)
    call("GET", f"/channels/{talk}/messages")
    token = discord.access_token(seed.COACH_ID, scope="identify email guilds.members.read")
    for path in ("/users/@me", "/oauth2/@me", f"/users/@me/guilds/{GUILD}/member"):
        answer = discord.client.get("/api/v10" + path, headers={"Authorization": f"Bearer {token}"})
        assert contract.problems("GET", path, answer.status_code, answer.json) == []


def test_refusals_keep_the_contract(call, discord):
    call("GET", "/channels/99", None, 404)
    call("GET", f"/channels/{seed.BACKSTAGE_CHANNEL_ID}", None, 403)
    call("PUT", f"/guilds/{GUILD}/members/{seed.NEWCOMER_ID}", {"access_token": "x"}, 403)
    call("GET", f"/guilds/{GUILD}/voice-states/{seed.COACH_ID}", None, 404)


def test_the_contract_notices_what_does_not_fit(contract):
    assert contract.problems("GET", "/channels/1", 200, {"id": 1, "type": 2})
    assert contract.problems("DELETE", "/channels/1/permissions/2", 204, {})
    assert contract.problems("POST", f"/guilds/{GUILD}/channels", 200, {}) == [
        "POST /guilds/{guild_id}/channels knows no 200"
    ]
    assert contract.request_problems("POST", f"/guilds/{GUILD}/channels", {"name": ""})
    assert contract.request_problems("PUT", f"/guilds/{GUILD}/members/1", {})
