"""The guild verification: who may have rooms made in a Discord server."""

from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog import actions, queries
from coaching.catalog.models import Store
from coaching.errors import DiscordNotLinked, GuildNotVerified
from coaching.guild_parts import HostGuild, Role
from coaching.guild_rights import Right
from coaching.refusals import Refusal
from tests import factories
from tests.factories import MADE_AT
from tests.fakes import FakeHost

STUDIO = "1200000000000000001"
MANAGERS, TALKERS, ADMINS = "1200000000000000002", "1200000000000000003", "1200000000000000004"
ALICE = "2001"


@pytest.fixture
def host() -> FakeHost:
    """A server of somebody else, with roles that may much and little."""
    host = FakeHost()
    host.guilds[STUDIO] = HostGuild(
        STUDIO,
        "Studio",
        owner_id="42",
        roles=(
            Role(STUDIO, "@everyone", int(Right.VIEW_CHANNEL)),
            Role(MANAGERS, "Managers", int(Right.MANAGE_GUILD)),
            Role(TALKERS, "Talkers", int(Right.MANAGE_CHANNELS | Right.MANAGE_ROLES)),
            Role(ADMINS, "Admins", int(Right.ADMINISTRATOR)),
        ),
    )
    return host


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, guild=None, guild_verified_at=None)


def verified(store: Store) -> str | None:
    """The guild the store has verified."""
    fresh = queries.get_store(store.slug)
    return fresh.guild.discord_guild_id if fresh.guild and fresh.guild_verified_at else None


@pytest.mark.parametrize("role", [MANAGERS, ADMINS])
def test_whoever_may_manage_the_server_verifies_it(host: FakeHost, store: Store, alice: Person, role: str) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({role})
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    assert verified(store) == STUDIO


def test_the_owner_needs_no_role(host: FakeHost, store: Store, alice: Person) -> None:
    host.guilds[STUDIO] = HostGuild(STUDIO, "Studio", owner_id=ALICE)
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    assert verified(store) == STUDIO


@pytest.mark.parametrize("roles", [frozenset(), frozenset({TALKERS}), frozenset({"999", MANAGERS[:-1] + "9"})])
def test_a_plain_member_cannot_have_rooms_made_in_a_foreign_server(
    host: FakeHost, store: Store, alice: Person, roles: frozenset[str]
) -> None:
    host.member_roles[(STUDIO, ALICE)] = roles
    with pytest.raises(GuildNotVerified) as refusal:
        actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    assert "may not manage" in refusal.value.sentence
    assert verified(store) is None


def test_somebody_outside_the_server_verifies_nothing(host: FakeHost, store: Store, alice: Person) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({ADMINS})
    host.gone.add((STUDIO, ALICE))
    with pytest.raises(GuildNotVerified):
        actions.verify_guild(host, store, alice, STUDIO, MADE_AT)


def test_without_a_linked_account_discord_is_not_even_asked(host: FakeHost, store: Store) -> None:
    with pytest.raises(DiscordNotLinked):
        actions.verify_guild(host, store, factories.make_person("Unlinked"), STUDIO, MADE_AT)
    assert host.calls == []


@pytest.mark.parametrize("refusal", [Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS])
def test_a_server_without_the_bot_is_named_so(host: FakeHost, store: Store, alice: Person, refusal: Refusal) -> None:
    host.fail(refusal)
    with pytest.raises(GuildNotVerified) as refused:
        actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    assert "bot is not on a server with this id" in refused.value.sentence


def test_a_silent_discord_changes_nothing(host: FakeHost, store: Store, alice: Person) -> None:
    host.fail(Refusal.NO_ANSWER)
    with pytest.raises(GuildNotVerified) as refused:
        actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    assert "Nothing was changed" in refused.value.sentence
    assert verified(store) is None


def test_a_failed_verification_of_another_server_keeps_the_present_one(
    host: FakeHost, store: Store, alice: Person
) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({ADMINS})
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    host.fail(Refusal.UNKNOWN_GUILD)
    with pytest.raises(GuildNotVerified):
        actions.verify_guild(host, store, alice, "1300000000000000001", MADE_AT)
    assert verified(store) == STUDIO


def test_one_server_serves_two_stores_only_if_each_verifies_it(
    host: FakeHost, store: Store, alice: Person, mallory: Person
) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({ADMINS})
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    with pytest.raises(GuildNotVerified):
        actions.verify_guild(host, factories.make_store(mallory), mallory, STUDIO, MADE_AT)


def test_a_right_that_was_taken_away_ends_the_verification_within_a_day(
    host: FakeHost, store: Store, alice: Person
) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({MANAGERS})
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    host.member_roles[(STUDIO, ALICE)] = frozenset()
    actions.recheck_guilds(host, MADE_AT + timedelta(hours=23))
    assert verified(store) == STUDIO
    actions.recheck_guilds(host, MADE_AT + timedelta(hours=24))
    assert verified(store) is None


def test_a_right_that_came_back_mends_the_verification(host: FakeHost, store: Store, alice: Person) -> None:
    test_a_right_that_was_taken_away_ends_the_verification_within_a_day(host, store, alice)
    host.member_roles[(STUDIO, ALICE)] = frozenset({MANAGERS})
    actions.recheck_guilds(host, MADE_AT + timedelta(hours=48))
    assert verified(store) == STUDIO


def test_an_outage_takes_no_verification_away_and_stops_no_other_store(
    host: FakeHost, store: Store, alice: Person, mallory: Person
) -> None:
    host.member_roles[(STUDIO, ALICE)] = frozenset({MANAGERS})
    actions.verify_guild(host, store, alice, STUDIO, MADE_AT)
    host.member_roles[(STUDIO, ALICE)] = frozenset()
    other = factories.make_store(mallory, guild=factories.make_guild(STUDIO), guild_recheck_at=MADE_AT)
    host.fail(Refusal.SERVER_ERROR, name="get_guild")
    actions.recheck_guilds(host, MADE_AT + timedelta(hours=25))
    assert (verified(other), verified(store)) == (STUDIO, None)
    asked = len(host.calls)
    actions.recheck_guilds(host, MADE_AT + timedelta(hours=25, minutes=30))
    assert len(host.calls) == asked
