"""Discord's gateway against recorded answers, and against a loopback server that is slow, rude or gone."""

import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses
from responses import matchers

from coaching.guild_parts import Channel, Member, Overwrite, Role
from coaching.guild_rights import BOT_RIGHTS, VIEW_AND_CONNECT
from coaching.host import HostError
from coaching.refusals import Refusal
from gateways.discord import DiscordHost

API = "https://discord.example/api/v10"
GUILD, CHANNEL, PERSON, BOT = "1000", "2000", "3000", "4000"
OVERWRITES = [
    Overwrite(GUILD, is_member=False, deny=VIEW_AND_CONNECT),
    Overwrite(BOT, is_member=True, allow=BOT_RIGHTS),
]
ON_THE_WIRE = [
    {"id": GUILD, "type": 0, "allow": "0", "deny": str(VIEW_AND_CONNECT)},
    {"id": BOT, "type": 1, "allow": str(BOT_RIGHTS), "deny": "0"},
]
A_CHANNEL = {"id": CHANNEL, "name": "coaching-7f3k2p", "type": 2, "permission_overwrites": ON_THE_WIRE}


@pytest.fixture
def discord():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def host():
    return DiscordHost(API, "a-bot-token", "https://greenroom.example")


def refusal(discord, host, status, body=None, headers=None, content_type="application/json"):
    """The HostError for one refused deletion."""
    text = body if isinstance(body, str) else json.dumps(body or {})
    discord.delete(f"{API}/channels/{CHANNEL}", body=text, status=status, headers=headers, content_type=content_type)
    with pytest.raises(HostError) as caught:
        host.delete_channel(CHANNEL, "over")
    return caught.value


def test_a_channel_is_made_with_all_its_overwrites_in_one_call(discord, host):
    body = {"name": "coaching-7f3k2p", "type": 2, "permission_overwrites": ON_THE_WIRE}
    discord.post(
        f"{API}/guilds/{GUILD}/channels", json=A_CHANNEL, status=201, match=[matchers.json_params_matcher(body)]
    )
    made = host.create_channel(GUILD, "coaching-7f3k2p", OVERWRITES, "session")
    assert made == Channel(CHANNEL, "coaching-7f3k2p", 2, frozenset(OVERWRITES))


def test_every_call_says_who_is_asking_and_why(discord, host):
    discord.delete(f"{API}/channels/{CHANNEL}", json=A_CHANNEL)
    host.delete_channel(CHANNEL, "Zürich / 100 %")
    headers = discord.calls[0].request.headers
    assert headers["Authorization"] == "Bot a-bot-token"
    assert headers["User-Agent"] == "DiscordBot (https://greenroom.example, 1.0)"
    assert headers["X-Audit-Log-Reason"] == "Z%C3%BCrich / 100 %25"


def test_every_call_is_told_to_a_debugging_log_by_its_pattern(discord, host, caplog):
    caplog.set_level("DEBUG", "gateways.discord")
    discord.delete(f"{API}/channels/{CHANNEL}", json=A_CHANNEL)
    discord.get(f"{API}/users/@me", body=requests.ConnectionError())
    host.delete_channel(CHANNEL, "Zürich")
    with pytest.raises(HostError):
        host.bot_id()
    logged = [(line.method, line.route, line.status) for line in caplog.records if line.name == "gateways.discord"]
    assert logged == [("DELETE", "/channels/{id}", 200), ("GET", "/users/@me", None)]
    assert "a-bot-token" not in caplog.text


def test_a_long_reason_is_cut_before_it_is_encoded(discord, host):
    discord.delete(f"{API}/channels/{CHANNEL}", json=A_CHANNEL)
    host.delete_channel(CHANNEL, "ü" * 600)
    assert discord.calls[0].request.headers["X-Audit-Log-Reason"] == "%C3%BC" * 512


def test_new_overwrites_replace_the_whole_list(discord, host):
    match = [matchers.json_params_matcher({"permission_overwrites": ON_THE_WIRE})]
    discord.patch(f"{API}/channels/{CHANNEL}", json=A_CHANNEL, match=match)
    host.set_overwrites(CHANNEL, OVERWRITES, "open")


def test_deleting_what_is_gone_already_is_success(discord, host):
    discord.delete(f"{API}/channels/{CHANNEL}", json={"code": 10003, "message": "Unknown Channel"}, status=404)
    assert host.delete_channel(CHANNEL, "over") is False


def test_a_404_that_names_no_channel_is_not_taken_for_success(discord, host):
    assert refusal(discord, host, 404, {"code": 0, "message": "404: Not Found"}).kind == Refusal.UNKNOWN_THING


def test_a_message_is_sent_once_per_nonce_and_mentions_nobody(discord, host):
    body = {"content": "@everyone", "nonce": "n1", "enforce_nonce": True, "allowed_mentions": {"parse": []}}
    match = [matchers.json_params_matcher(body)]
    discord.post(f"{API}/channels/{CHANNEL}/messages", json={"id": "5000"}, match=match)
    assert host.post_message(CHANNEL, "@everyone", "n1") == "5000"


def test_a_direct_message_has_a_button_that_opens_an_address(discord, host):
    match = [matchers.json_params_matcher({"recipient_id": PERSON})]
    discord.post(f"{API}/users/@me/channels", json={"id": "77"}, match=match)
    assert host.open_dm(PERSON) == "77"
    discord.post(f"{API}/channels/77/messages", json={"id": "78"})
    assert host.post_direct("77", "Hi", "n1", ("Open " * 20, "https://x.example/" + "a" * 494)) == "78"
    host.post_direct("77", "Hi", "n2", ("Open", "https://x.example/" + "a" * 495))
    host.post_direct("77", "Hi", "n3")
    same = {"content": "Hi", "enforce_nonce": True, "allowed_mentions": {"parse": []}}
    link = {"type": 2, "style": 5, "label": "Open " * 16, "url": "https://x.example/" + "a" * 494}
    # An address that is too long for a button stands in the text.
    assert [json.loads(call.request.body) for call in list(discord.calls)[1:]] == [
        {**same, "nonce": "n1", "components": [{"type": 1, "components": [link]}]},
        {**same, "nonce": "n2"},
        {**same, "nonce": "n3"},
    ]


def test_only_an_unknown_channel_counts_as_no_channel(discord, host):
    discord.get(f"{API}/channels/{CHANNEL}", json={"code": 10003, "message": "Unknown Channel"}, status=404)
    discord.get(f"{API}/channels/2001", json={"code": 50001, "message": "Missing Access"}, status=403)
    assert host.find_channel(CHANNEL) is None
    with pytest.raises(HostError) as caught:
        host.find_channel("2001")
    assert caught.value.kind == Refusal.MISSING_ACCESS


def test_channels_of_every_kind_are_listed(discord, host):
    text = {"id": "2002", "name": "general", "type": 0}
    discord.get(f"{API}/guilds/{GUILD}/channels", json=[A_CHANNEL, text])
    assert [channel.kind for channel in host.list_channels(GUILD)] == [2, 0]


def test_a_guild_comes_with_its_owner_and_roles(discord, host):
    role = {"id": GUILD, "name": "@everyone", "permissions": "1071698660929", "position": 0}
    discord.get(f"{API}/guilds/{GUILD}", json={"id": GUILD, "name": "Nova", "owner_id": "9", "roles": [role]})
    guild = host.get_guild(GUILD)
    assert (guild.owner_id, guild.roles) == ("9", (Role(GUILD, "@everyone", 1071698660929, 0),))


def test_a_member_comes_with_the_name_shown_in_the_guild(discord, host):
    user = {"id": PERSON, "username": "bob_1", "global_name": "Bob"}
    member = {"user": user, "nick": None, "roles": ["77"], "joined_at": "2026-11-21T09:00:00.000000+00:00"}
    discord.get(f"{API}/guilds/{GUILD}/members/{PERSON}", json=member)
    joined_at = datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert host.find_member(GUILD, PERSON) == Member(PERSON, "Bob", frozenset({"77"}), joined_at)


@pytest.mark.parametrize("joined_at", [None, "", "yesterday", 5, "2026-11-21T09:00:00"])
def test_a_member_may_have_joined_at_no_time_one_can_tell(discord, host, joined_at):
    member = {"user": {"id": PERSON, "username": "bob"}, "roles": [], "joined_at": joined_at}
    discord.get(f"{API}/guilds/{GUILD}/members/{PERSON}", json=member)
    assert host.find_member(GUILD, PERSON) == Member(PERSON, "bob")


def test_names_come_without_what_our_tables_or_pages_cannot_take(discord, host):
    name = "No\0va\x1b[2J" + "x" * 5000
    guild = {"id": GUILD, "name": name, "owner_id": "9", "roles": []}
    discord.get(f"{API}/guilds/{GUILD}", json=guild)
    discord.get(f"{API}/guilds/{GUILD}/members/{PERSON}", json={"user": {"id": PERSON, "username": name}, "roles": []})
    for got in (host.get_guild(GUILD).name, host.find_member(GUILD, PERSON).name):
        assert got.startswith("Nova[2Jxxx")
        assert len(got) == 200


@pytest.mark.parametrize("code", [10007, 10013])
def test_somebody_who_is_not_in_the_guild_is_none(discord, host, code):
    discord.get(f"{API}/guilds/{GUILD}/members/{PERSON}", json={"code": code, "message": "Unknown"}, status=404)
    assert host.find_member(GUILD, PERSON) is None


def test_the_bots_own_id_is_asked_once(discord, host):
    discord.get(f"{API}/users/@me", json={"id": BOT})
    assert [host.bot_id(), host.bot_id()] == [BOT, BOT]
    assert len(discord.calls) == 1


@pytest.mark.parametrize(
    ("fields", "addresses"),
    [
        ({"redirect_uris": ["https://a.example/x", "https://a.example/" + 300 * "y"]}, 2),
        ({"redirect_uris": []}, 0),
        ({"redirect_uris": None}, None),
        ({}, None),
    ],
)
def test_the_bots_application_is_told_with_the_addresses_it_may_lead_back_to(discord, host, fields, addresses):
    discord.get(f"{API}/applications/@me", json={"id": BOT} | fields)
    application = host.own_application()
    assert application.application_id == BOT
    assert (None if application.redirect_addresses is None else len(application.redirect_addresses)) == addresses
    assert application.redirect_addresses is None or application.redirect_addresses == set(fields["redirect_uris"])


def test_discords_clock_is_asked_anew_each_time(discord, host):
    response = discord.get(f"{API}/users/@me", json={"id": BOT}, headers={"Date": "Tue, 09 Mar 2027 17:00:00 GMT"})
    assert host.server_time() == host.server_time() == datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
    assert response.call_count == 2


@pytest.mark.parametrize("date", ["", "soon"])
def test_an_answer_without_a_date_tells_no_time(discord, host, date):
    discord.get(f"{API}/users/@me", json={"id": BOT}, headers={"Date": date})
    with pytest.raises(HostError) as caught:
        host.server_time()
    assert caught.value.kind == Refusal.BAD_ANSWER


def test_joining_tells_added_from_already_there(discord, host):
    path = f"{API}/guilds/{GUILD}/members/{PERSON}"
    match = [matchers.json_params_matcher({"access_token": "user-token"})]
    discord.put(path, json={"user": {"id": PERSON}, "roles": []}, status=201, match=match)
    discord.put(path, status=204, match=match)
    assert host.add_member(GUILD, PERSON, "user-token") is True
    assert host.add_member(GUILD, PERSON, "user-token") is False


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, 50025, Refusal.USER_TOKEN_INVALID),
        (403, 50026, Refusal.USER_SCOPE_MISSING),
        (403, 40007, Refusal.BANNED),
        (400, 30001, Refusal.TOO_MANY_GUILDS),
        (400, 340015, Refusal.JOINING_LIMITED),
        (403, 50013, Refusal.MISSING_PERMISSION),
        (404, 10004, Refusal.UNKNOWN_GUILD),
    ],
)
def test_each_refused_join_is_told_apart(discord, host, status, code, kind):
    discord.put(f"{API}/guilds/{GUILD}/members/{PERSON}", json={"code": code, "message": "no"}, status=status)
    with pytest.raises(HostError) as caught:
        host.add_member(GUILD, PERSON, "user-token")
    assert (caught.value.kind, caught.value.status, caught.value.code) == (kind, status, code)


@pytest.mark.parametrize(
    ("status", "body", "kind", "is_permanent"),
    [
        (401, {"code": 0, "message": "401: Unauthorized"}, Refusal.UNAUTHORIZED, True),
        (403, {"code": 50001, "message": "Missing Access"}, Refusal.MISSING_ACCESS, True),
        (403, {"code": 50013, "message": "Missing Permissions"}, Refusal.MISSING_PERMISSION, True),
        (403, {"code": 60003, "message": "2FA"}, Refusal.TWO_FACTOR_REQUIRED, True),
        (400, {"code": 30013, "message": "Maximum number of channels"}, Refusal.GUILD_FULL, True),
        (400, {"code": 50035, "errors": {"parent_id": {"_errors": [{"code": "CHANNEL_PARENT_MAX_CHANNELS"}]}}},
         Refusal.CATEGORY_FULL, False),
        (400, {"code": 50035, "errors": {"name": {"_errors": [{"code": "INVALID_COMMUNITY_PROPERTY_NAME"}]}}},
         Refusal.NAME_REFUSED, False),
        (400, {"code": 50035, "errors": {"name": {"_errors": [{"code": "BASE_TYPE_REQUIRED"}]}}}, Refusal.OTHER, True),
        (500, "<html>oops</html>", Refusal.SERVER_ERROR, False),
        (503, {"code": 130000, "message": "overloaded"}, Refusal.SERVER_ERROR, False),
        (302, "", Refusal.OTHER, True),
        (400, "[]", Refusal.OTHER, True),
        (403, '"a bare text"', Refusal.MISSING_PERMISSION, True),
    ],
)  # fmt: skip
def test_each_refusal_is_told_apart(discord, host, status, body, kind, is_permanent):
    error = refusal(discord, host, status, body)
    assert (error.kind, error.permanent) == (kind, is_permanent)


def test_the_body_says_how_long_to_wait(discord, host):
    body = {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}
    error = refusal(discord, host, 429, body, {"Retry-After": "1"})
    assert (error.kind, error.retry_after, error.is_global) == (
        Refusal.RATE_LIMITED, timedelta(seconds=64.57), False)  # fmt: skip


def test_a_global_limit_is_told_apart(discord, host):
    assert refusal(discord, host, 429, {"message": "wait", "retry_after": 0.3, "global": True}).is_global


def test_cloudflares_page_is_a_block_of_the_whole_machine(discord, host):
    error = refusal(discord, host, 429, "<html>Error 1015</html>", {"Retry-After": "30"}, "text/html")
    assert (error.kind, error.retry_after, error.is_global) == (Refusal.BLOCKED, timedelta(seconds=30), True)


def test_a_block_without_a_time_lasts_long(discord, host):
    error = refusal(discord, host, 429, "<html>Error 1015</html>", content_type="text/html")
    assert error.retry_after == timedelta(minutes=10)


@pytest.mark.parametrize("wait", ["nan", -3, "inf", 1e300, None, [], "soon"])
def test_a_senseless_wait_is_still_a_wait(discord, host, wait):
    error = refusal(discord, host, 429, {"message": "wait", "retry_after": wait})
    assert timedelta(0) < error.retry_after <= timedelta(days=3)


@pytest.mark.parametrize(
    "answer",
    ["not json", "[]", "{}", '{"id": 7}', '{"id": "2000", "name": "x", "type": "two"}',
     '{"id": "2000", "name": "x", "type": 2, "permission_overwrites": {}}'],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_leaves_the_outcome_unknown(discord, host, answer):
    discord.post(f"{API}/guilds/{GUILD}/channels", body=answer, status=201, content_type="application/json")
    with pytest.raises(HostError) as caught:
        host.create_channel(GUILD, "coaching-7f3k2p", OVERWRITES, "session")
    assert (caught.value.kind, caught.value.is_outcome_unknown) == (Refusal.BAD_ANSWER, True)


def test_an_id_that_is_no_number_never_reaches_the_path(host):
    with pytest.raises(ValueError, match="digits"):
        host.delete_channel("../guilds/1", "over")


class Rude:
    """A loopback server that reads one request, does what it is told with the connection, and remembers it."""

    def __init__(self, *pieces, pause=0.0):
        self.pieces, self.pause, self.requests = pieces, pause, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.api_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/api/v10"
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        connection, _ = self.listener.accept()
        with connection:
            self.requests.append(connection.recv(65536))
            for piece in self.pieces:
                connection.sendall(piece)
                if self.done.wait(self.pause):
                    return

    def close(self):
        self.done.set()
        self.listener.close()
        self.thread.join(2)


@pytest.fixture
def rude():
    opened = []

    def start(*pieces, pause=0.0):
        opened.append(Rude(*pieces, pause=pause))
        return opened[-1]

    yield start
    for server in opened:
        server.close()


def lost_creation(server, read_seconds=0.3):
    with pytest.raises(HostError) as caught:
        DiscordHost(server.api_url, "token", read_seconds=read_seconds).create_channel(GUILD, "coaching-x", [], "why")
    return caught.value


def test_a_silent_server_leaves_the_outcome_unknown(rude):
    error = lost_creation(rude(b"", pause=5.0))
    assert (error.kind, error.is_outcome_unknown, error.permanent) == (Refusal.NO_ANSWER, True, False)


def test_a_connection_dropped_after_the_request_leaves_the_outcome_unknown(rude):
    server = rude()
    assert lost_creation(server).kind == Refusal.NO_ANSWER
    assert len(server.requests) == 1


@pytest.mark.parametrize("framing", [b"Content-Length: 500", b"Transfer-Encoding: chunked"])
def test_an_answer_cut_off_in_the_middle_leaves_the_outcome_unknown(rude, framing):
    body = b"1f\r\n" if b"chunked" in framing else b""
    server = rude(
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" + framing + b"\r\n\r\n" + body + b'{"id"'
    )
    assert lost_creation(server).is_outcome_unknown


def test_an_endless_answer_is_not_read_to_its_end(rude):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    assert lost_creation(rude(head, *[b"x" * 1_000_000] * 9)).kind == Refusal.NO_ANSWER


def test_a_refused_connection_was_certainly_not_heard():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HostError) as caught:
        DiscordHost(f"http://127.0.0.1:{port}/api/v10", "token").create_channel(GUILD, "coaching-x", [], "why")
    assert (caught.value.kind, caught.value.is_outcome_unknown) == (Refusal.REFUSED_CONNECTION, False)


def test_a_redirect_is_not_followed(rude):
    server = rude(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    assert lost_creation(server).status == 307


def test_no_proxy_and_no_netrc_of_the_machine_is_used(rude, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    body = b'{"id": "4000"}'
    server = rude(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert DiscordHost(server.api_url, "token").bot_id() == BOT


def test_no_error_carries_the_token(rude):
    error = lost_creation(rude())
    assert "token" not in repr(error)
    assert error.__cause__ is None
