"""The call budget against a Discord that counts: a tight limit, several threads, and next to no answer is a 429."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from coaching.call_budget.limiter import CALLS
from coaching.call_budget.mutations import SharedBudget
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, VIEW_AND_CONNECT
from coaching.host import HostError
from coaching.tallies.queries import counted
from gateways.discord import DiscordHost
from tests.rooms.sandbox_process import BOT_TOKEN, Sandbox
from tests.threads import all_at_once

GUILD = "1210000000000000100"
THREADS, CALLS_EACH = 4, 26
PATIENCE = 60.0


@pytest.fixture
def sandbox(tmp_path):
    started = Sandbox(tmp_path)
    yield started
    started.end()


def host_of_a_process(sandbox: Sandbox) -> DiscordHost:
    budget = SharedBudget(lambda: datetime.now(UTC))
    return DiscordHost(f"{sandbox.url}/api/v10", BOT_TOKEN, budget=budget)


def test_a_tight_limit_is_kept_by_many_at_once(db: None, sandbox: Sandbox) -> None:
    sandbox.act("limits", buckets={"PATCH /channels/<channel_id>": [26, 1.0]})
    host = host_of_a_process(sandbox)
    overwrites = [
        Overwrite(GUILD, is_member=False, deny=VIEW_AND_CONNECT),
        Overwrite(host.bot_id(), is_member=True, allow=BOT_RIGHTS),
    ]
    channel = host.create_channel(GUILD, "coaching-budget", overwrites, "test")
    deadline = time.monotonic() + PATIENCE

    def change_often() -> None:
        # Each with a budget of its own, as processes have.
        own = host_of_a_process(sandbox)
        for _ in range(CALLS_EACH):
            until_done(lambda: own.set_overwrites(channel.channel_id, overwrites, "test"), deadline)

    all_at_once(*[change_often] * THREADS, seconds=PATIENCE)

    statuses = Counter({label.split()[-1]: number for label, number in counted(CALLS).items() if "PATCH" in label})
    assert statuses["200"] == THREADS * CALLS_EACH
    assert statuses["429"] < 0.01 * statuses.total()


def until_done(call, deadline: float) -> None:
    """The call was made; whoever is told to come back does so, as the worker would, as long as there is time."""
    while True:
        try:
            return call()
        except HostError as error:
            if error.retry_after is None or time.monotonic() > deadline:
                raise
            time.sleep(error.retry_after.total_seconds())
