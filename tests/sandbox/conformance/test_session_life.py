"""A session's whole life, led by two libraries that know only the real Discord."""

import logging
from urllib.parse import unquote

import pytest

from sandbox import seed
from tests.sandbox.conformance import by_discord_py, by_hikari
from tests.sandbox.conformance.served import LINK, REASON, Observations, ServedSandbox, lead, serve_sandbox
from tests.sandbox.contract import discords_contract

LIBRARIES = {"discord.py": by_discord_py.live, "hikari": by_hikari.live}
ROOM = {
    seed.GUILD_ID: (0, 1049600),
    seed.COACH_ID: (36818432, 0),
    seed.STUDENT_ID: (36818432, 0),
    seed.APPLICATION_ID: (1051664, 0),
}
FACTS = {
    "application": seed.APPLICATION_ID,
    "bot": seed.APPLICATION_ID,
    "guild": ("Greenroom demo", 7),
    "roles": ["Team", "Greenroom", "Regulars", "@everyone"],
    # The one that the bot cannot see is left out.
    "channels": ["Listening room", "Lounge", "Studio", "Welcome", "feedback", "small-talk", "welcome"],
    "coach": ("Nova Hart", ["Team"]),
    "joined": seed.NEWCOMER_ID,
    "joined again": None,
    "room": ("Coaching  7f3k2p", 4, 64000, seed.STUDIO_CATEGORY_ID, ROOM),
    "after a late booking": ROOM | {seed.NEWCOMER_ID: (36818432, 0)},
    "after a cancellation": ROOM,
    "after a list of its own": {who: bits for who, bits in ROOM.items() if who != seed.STUDENT_ID},
    "the same nonce is one message": True,
    "nobody is told": True,
    "history": [f"Hi <@{seed.COACH_ID}>"],
    "invite": (3600, 1, True),
    "sits in the room": True,
    "moved": seed.LOUNGE_CHANNEL_ID,
    "disconnected": [],
    "role": ("Session 7f3k2p", 0, 0x2E7D5B, 1),
    "has the role": True,
    "text channel": ("nova’s-room-no-2", "Hello"),
    "direct message": ("Your room is open.", "Booked", "Open", LINK),
}
REFUSALS = {
    "a person who is not in": 10007,
    "the nonce of a deleted message": 10008,
    "nobody in voice": 10065,
    "a move of nobody": 40032,
    "a role that has gone": 10011,
    "a role above the bot": 50013,
    "a role mightier than the bot": 50013,
    "an overwrite the bot may not give": 50013,
    "a hidden channel": 50001,
    "a name without end": 50035,
    "a person who takes no messages": 50007,
    "a room that has gone": 10003,
    "a look at a room that has gone": 10003,
}
# What a session's life asks for, each with every status that the story meets.
OPERATIONS = {
    "DELETE /channels/*": {200, 404},
    "DELETE /channels/*/messages/*": {204},
    "DELETE /channels/*/permissions/*": {204},
    "DELETE /guilds/*/members/*/roles/*": {204},
    "DELETE /guilds/*/roles/*": {204, 404},
    "GET /channels/*": {200, 403, 404},
    "GET /channels/*/messages": {200},
    "GET /guilds/*": {200},
    "GET /guilds/*/channels": {200},
    "GET /guilds/*/members/*": {200, 404},
    "GET /guilds/*/roles": {200},
    "GET /guilds/*/voice-states/*": {200, 404},
    "GET /oauth2/applications/@me": {200},
    "GET /users/*": {200},
    "GET /users/@me": {200},
    "PATCH /channels/*": {200},
    "PATCH /guilds/*/members/*": {200, 400},
    "PATCH /guilds/*/roles/*": {200},
    "POST /channels/*/invites": {200},
    "POST /channels/*/messages": {200, 403, 404},
    "POST /guilds/*/channels": {201, 400, 403},
    "POST /guilds/*/roles": {200, 403},
    "POST /users/@me/channels": {200},
    "PUT /channels/*/permissions/*": {204},
    "PUT /guilds/*/members/*": {201, 204},
    "PUT /guilds/*/members/*/roles/*": {204, 403},
}
REASONS = {
    "CHANNEL_CREATE": REASON,
    "CHANNEL_OVERWRITE_CREATE": "Late booking",
    "MEMBER_MOVE": "Next door",
    "MEMBER_DISCONNECT": "The time is up",
    "ROLE_CREATE": REASON,
    "ROLE_DELETE": REASON,
    "CHANNEL_DELETE": "The session is over",
}


@pytest.fixture(scope="module", params=LIBRARIES)
def life(request, tmp_path_factory):
    """What happened on the stage while a library led a session's life."""
    complaints = Complaints(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("discord.http", "hikari")]
    for logger in loggers:
        logger.addHandler(complaints)
    with serve_sandbox(tmp_path_factory.mktemp("life")) as served:
        # Leading a life here takes less than a second; the limits have tests of their own.
        served.act("limits", overall=[1000, 1])
        observed = lead(LIBRARIES[request.param](served))
        audit_log = served.discord.guild()["audit_log"]
    for logger in loggers:
        logger.removeHandler(complaints)
    return Life(served, observed, audit_log, complaints.heard)


class Complaints(logging.Handler):
    """What a library finds worth a warning."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


class Life:
    """One life, over: what the library learned, and what went over the wire meanwhile."""

    def __init__(
        self, served: ServedSandbox, observed: Observations, audit_log: list[dict[str, str]], complaints: list[str]
    ) -> None:
        self.exchanges = served.witness.exchanges
        self.observed, self.audit_log, self.complaints = observed, audit_log, complaints


def test_the_library_is_told_what_the_real_discord_would_tell(life):
    assert life.observed.facts == FACTS


def test_the_library_is_refused_what_the_real_discord_would_refuse(life):
    assert life.observed.refusals == REFUSALS


def test_the_library_has_nothing_to_complain_about(life):
    assert life.complaints == []


def test_a_whole_life_went_over_the_wire(life):
    met: dict[str, set[int]] = {}
    for exchange in life.exchanges:
        met.setdefault(exchange.operation, set()).add(exchange.status)
    assert met == OPERATIONS


def test_every_answer_keeps_discords_contract(life):
    contract = discords_contract()
    problems = [
        f"{exchange}: {problem}"
        for exchange in life.exchanges
        for problem in contract.problems(exchange.method, exchange.path, exchange.status, exchange.answer)
    ]
    assert problems == []


def test_every_answer_carries_what_discord_sends_beside_the_body(life):
    assert [odd for exchange in life.exchanges for odd in exchange.oddities()] == []


def test_every_reason_is_in_the_audit_log(life):
    assert {entry["action"]: entry["reason"] for entry in life.audit_log if entry["reason"]} == REASONS
    sent = [unquote(exchange.reason) for exchange in life.exchanges if exchange.reason]
    assert sorted(set(sent)) == sorted(set(REASONS.values()))
