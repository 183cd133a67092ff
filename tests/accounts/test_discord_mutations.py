"""Discord accounts: one person each, and never the only way in by accident."""

from datetime import UTC, datetime

import pytest

from coaching.accounts import discord_mutations as mutations
from coaching.accounts import queries
from coaching.accounts.details import DiscordAccount
from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.errors import LinkTaken, Refused
from coaching.notices.models import Notice
from tests.factories import GUILD_ID, make_person

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NOVA = DiscordAccount("121000000000000001", "nova", "Nova")
OTHER = DiscordAccount("121000000000000002", "other", "Other")
pytestmark = pytest.mark.usefixtures("db")


def test_one_discord_account_belongs_to_one_person() -> None:
    bob, mallory = make_person("Bob"), make_person("Mallory")
    mutations.link_discord(bob, NOVA, NOW)
    with pytest.raises(LinkTaken):
        mutations.link_discord(mallory, NOVA, NOW)
    with pytest.raises(LinkTaken):
        mutations.sign_up_with_discord(NOVA, None, NOW)
    assert queries.check_discord(bob, GUILD_ID).discord_user_id == NOVA.user_id
    assert not queries.check_discord(mallory, GUILD_ID).is_connected
    assert Person.select().count() == 2


def test_a_link_is_not_replaced_silently() -> None:
    bob = make_person("Bob")
    mutations.link_discord(bob, NOVA, NOW)
    with pytest.raises(LinkTaken):
        mutations.link_discord(bob, OTHER, NOW)
    assert queries.check_discord(bob, None).name == "nova"


def test_a_replaced_link_takes_no_membership_along() -> None:
    bob = make_person("Bob")
    former = mutations.link_discord(bob, NOVA, NOW)
    mutations.record_membership(former, GUILD_ID, "joined", NOW)

    mutations.link_discord(bob, OTHER, NOW, may_replace=True)

    status = queries.check_discord(bob, GUILD_ID)
    assert (status.name, status.is_member) == ("other", False)
    assert GuildMember.select().count() == 0
    assert [notice.kind for notice in Notice.select()] == ["changed", "changed"]


@pytest.mark.parametrize("lack", [{"email_verified_at": None}, {"password_hash": None}])
def test_the_only_way_in_is_not_taken_away(lack: dict[str, None]) -> None:
    bob = make_person("Bob", **lack)
    mutations.link_discord(bob, NOVA, NOW)
    with pytest.raises(Refused):
        mutations.unlink_discord(bob, NOW)
    with pytest.raises(Refused):
        mutations.link_discord(bob, OTHER, NOW, may_replace=True)
    assert DiscordLink.get().username == "nova"


def test_an_unlinked_account_may_be_linked_by_somebody_else() -> None:
    bob, eve = make_person("Bob"), make_person("Eve")
    mutations.link_discord(bob, NOVA, NOW)
    mutations.unlink_discord(bob, NOW)
    mutations.unlink_discord(bob, NOW)  # twice is fine
    mutations.link_discord(eve, NOVA, NOW)
    assert not queries.check_discord(bob, None).is_connected


def test_linking_again_keeps_what_is_known_and_renews_the_name() -> None:
    bob = make_person("Bob")
    link = mutations.link_discord(bob, NOVA, NOW)
    mutations.record_membership(link, GUILD_ID, "joined", NOW)
    mutations.link_discord(bob, DiscordAccount(NOVA.user_id, "nova_hart", "Nova"), NOW)
    status = queries.check_discord(bob, GUILD_ID)
    assert (status.name, status.is_member) == ("nova_hart", True)


def test_membership_is_one_row_that_changes() -> None:
    link = mutations.link_discord(make_person("Bob"), NOVA, NOW)
    for state in ("joined", "left", "banned"):
        mutations.record_membership(link, GUILD_ID, state, NOW)
        assert GuildMember.get().state == state
    assert GuildMember.select().count() == 1


def test_an_account_by_discord_has_a_name_and_neither_address_nor_password() -> None:
    person = mutations.sign_up_with_discord(NOVA, "Europe/Berlin", NOW)
    assert (person.name, person.email, person.password_hash, person.zone) == ("Nova", None, None, "Europe/Berlin")
    assert Notice.select().count() == 0


def test_a_visitor_has_no_discord_account() -> None:
    assert not queries.check_discord(None, GUILD_ID).is_connected
