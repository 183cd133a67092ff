"""Joining and checking membership against a Discord that can fail."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.actions import check_membership, join_guild, recheck_memberships
from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.joining import Joining
from coaching.accounts.models import DiscordLink, GuildMember
from coaching.host import HostError, Refusal
from tests import factories
from tests.factories import GUILD_ID
from tests.fakes import FakeHost

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def link(db: None) -> DiscordLink:
    person = factories.make_person("Bob", linked_as="2002", is_member=False)
    link: DiscordLink = DiscordLink.get(DiscordLink.person == person)
    GuildMember.delete().execute()
    return link


def state() -> str | None:
    row = GuildMember.get_or_none()
    return row.state if row else None


@pytest.mark.parametrize("was_there", [False, True])
def test_added_now_and_there_before_both_end_as_joined(host: FakeHost, link: DiscordLink, was_there: bool) -> None:
    if not was_there:
        host.gone.add((GUILD_ID, "2002"))
    joining = join_guild(host, link, GUILD_ID, "token", NOW)
    assert (joining.is_member, joining.is_new, joining.sentence) == (True, not was_there, None)
    assert state() == "joined"


@pytest.mark.parametrize("refusal", [kind for kind in Refusal if kind not in (Refusal.BANNED,)])
def test_every_refusal_says_what_to_do_and_records_nothing(host: FakeHost, link: DiscordLink, refusal: Refusal) -> None:
    host.gone.add((GUILD_ID, "2002"))
    host.fail(refusal, name="add_member")
    joining = join_guild(host, link, GUILD_ID, "token", NOW)
    assert not joining.is_member
    assert joining.sentence
    assert state() is None


def test_the_refusals_a_person_can_act_on_are_told_apart() -> None:
    kinds = (
        *(Refusal.BANNED, Refusal.TOO_MANY_GUILDS, Refusal.JOINING_LIMITED, Refusal.USER_TOKEN_INVALID),
        *(Refusal.USER_SCOPE_MISSING, Refusal.MISSING_PERMISSION, Refusal.UNKNOWN_GUILD, Refusal.NO_ANSWER),
    )
    assert len({Joining(False, refusal=kind).sentence for kind in kinds}) == len(kinds)


def test_a_ban_is_remembered_until_they_get_in(host: FakeHost, link: DiscordLink) -> None:
    host.gone.add((GUILD_ID, "2002"))
    host.fail(Refusal.BANNED, name="add_member")
    join_guild(host, link, GUILD_ID, "token", NOW)
    assert state() == "banned"
    check_membership(host, link, GUILD_ID, NOW + timedelta(minutes=1))
    assert state() == "banned"
    join_guild(host, link, GUILD_ID, "token", NOW + timedelta(minutes=2))
    assert state() == "joined"


def test_a_lost_answer_after_the_joining_counts_as_joined(host: FakeHost, link: DiscordLink) -> None:
    host.gone.add((GUILD_ID, "2002"))
    host.fail(Refusal.NO_ANSWER, name="add_member", after_effect=True)
    assert join_guild(host, link, GUILD_ID, "token", NOW).is_member
    assert state() == "joined"


def test_checking_learns_of_coming_and_going(host: FakeHost, link: DiscordLink) -> None:
    check_membership(host, link, GUILD_ID, NOW)
    assert state() == "joined"
    host.gone.add((GUILD_ID, "2002"))
    check_membership(host, link, GUILD_ID, NOW + timedelta(minutes=1))
    assert state() == "left"


def test_pressing_check_again_over_and_over_asks_discord_once(host: FakeHost, link: DiscordLink) -> None:
    for _ in range(10):
        check_membership(host, link, GUILD_ID, NOW)
    assert host.names() == ["find_member"]


def test_a_check_that_fails_changes_nothing(host: FakeHost, link: DiscordLink) -> None:
    record_membership(link, GUILD_ID, "joined", NOW - timedelta(hours=1))
    host.fail(Refusal.NO_ANSWER)
    with pytest.raises(HostError):
        check_membership(host, link, GUILD_ID, NOW)
    assert state() == "joined"


def test_memberships_are_rechecked_daily_and_a_silent_guild_stops_no_other(host: FakeHost, link: DiscordLink) -> None:
    record_membership(link, GUILD_ID, "joined", NOW - timedelta(days=2))
    record_membership(link, "1100000000000000002", "joined", NOW - timedelta(days=3))
    record_membership(link, "1100000000000000003", "joined", NOW - timedelta(hours=23))
    host.gone |= {(GUILD_ID, "2002"), ("1100000000000000002", "2002"), ("1100000000000000003", "2002")}
    host.fail(Refusal.MISSING_ACCESS, guild_id="1100000000000000002")

    recheck_memberships(host, NOW)

    known = {row.discord_guild_id: row.state for row in GuildMember.select()}
    assert known == {GUILD_ID: "left", "1100000000000000002": "joined", "1100000000000000003": "joined"}
    recheck_memberships(host, NOW + timedelta(minutes=1))
    assert len(host.calls) == 2
