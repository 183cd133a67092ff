"""*Add to Discord*: one round trip in which the server is chosen, the bot added, and the server becomes the store's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coaching.accounts.models import DiscordLink, GuildMember, Person, SecurityEvent, SignIn
from coaching.accounts.queries import check_discord
from coaching.catalog import queries
from coaching.catalog.models import Store
from coaching.guild_rights import INVITE_RIGHTS, Right
from sandbox import seed
from tests import factories
from tests.blueprints import test_accounts_discord as stand_in
from tests.blueprints.test_accounts_discord import Discord, query_of
from tests.factories import GUILD_ID, make_person

# The same stand-in, and the same application in front of it.
discord, app = stand_in.discord, stand_in.app

COACH, STUDENT, NEW_GUILD = seed.COACH_ID, seed.STUDENT_ID, seed.NEW_GUILD_ID
START = "/store/nova/guild-invitation"
BACK = "/store/nova/guild"


@pytest.fixture
def nova(db: None) -> Person:
    """A coach who has connected the account that manages servers."""
    nova = make_person("Nova")
    link = factories.link_discord(nova, COACH)
    GuildMember.delete().where(GuildMember.link == link).execute()
    return nova


@pytest.fixture
def store(nova: Person) -> Store:
    return factories.make_store(nova, slug="nova", name="Nova", guild=None, guild_verified_at=None)


@pytest.fixture
def coach(browser_of: Callable[..., FlaskClient], nova: Person, store: Store) -> FlaskClient:
    return browser_of(nova)


def answered(address: str, person: str = COACH, guild: str = NEW_GUILD, **form: Any) -> str:
    """Somebody's answer on the consent page: the way back, as this site's path."""
    fields: dict[str, Any] = {"person": person, "guild": guild, "decision": "authorize"} | form
    answer = requests.post(address, data=fields, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def add(client: FlaskClient, *, start: str = START, **answer: Any) -> TestResponse:
    """The whole round."""
    return client.get(answered(client.post(start).location, **answer))


def guild_of(store: Store) -> str | None:
    """The server the store has verified."""
    fresh = queries.get_store(store.slug)
    return fresh.guild.discord_guild_id if fresh.guild and fresh.guild_verified_at else None


# The ways that work.


def test_one_press_makes_the_server_the_stores_and_its_coach_a_member(
    coach: FlaskClient, store: Store, nova: Person, woken: list[datetime]
) -> None:
    product = factories.make_product(store, state="draft", published_at=None)
    assert "Add to Discord" in coach.get(BACK).text

    back = add(coach)

    assert (back.status_code, back.location) == (303, BACK)
    assert guild_of(store) == NEW_GUILD
    assert check_discord(nova, NEW_GUILD).is_member
    assert len(woken) == 1
    page = coach.get(BACK).text
    assert "Rooms of Nova are made on Nova&#39;s new guild now." in page
    assert "You are not in the server" not in page
    # Nothing is missing any more.
    assert coach.post(f"/products/{product.code}/publication").status_code == 303


def test_discord_is_asked_for_exactly_this(coach: FlaskClient) -> None:
    asked = query_of(coach.post(START).location)
    assert asked["scope"] == "bot identify guilds.join"
    assert int(asked["permissions"]) == INVITE_RIGHTS
    assert (asked["prompt"], asked["code_challenge_method"]) == ("consent", "S256")
    assert "guild_id" not in asked


def test_without_an_account_it_is_connected_in_the_same_round(coach: FlaskClient, store: Store, nova: Person) -> None:
    DiscordLink.delete().execute()
    add(coach)
    assert (guild_of(store), check_discord(nova, NEW_GUILD).name) == (NEW_GUILD, "coach")
    assert check_discord(nova, NEW_GUILD).is_member
    assert "Your Discord account coach is connected." in coach.get(BACK).text
    assert SecurityEvent.select().where(SecurityEvent.kind == "Discord linked").count() == 1


def test_connecting_on_the_way_asks_who_it_is_after_a_while(coach: FlaskClient) -> None:
    DiscordLink.delete().execute()
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()
    here = {"Referer": f"http://localhost:8000{BACK}"}
    assert coach.post(START, headers=here).location == f"/confirm?next={BACK}"


def test_one_comes_back_to_where_one_was_with_what_one_had_typed(coach: FlaskClient, store: Store) -> None:
    product = factories.make_product(store, state="draft", published_at=None)
    step = f"/products/{product.code}/checkout"
    page = coach.get(f"/products/{product.code}/options").text
    assert f'formaction="{START}?next=/products/{product.code}/options"' in page
    set_off = coach.post(f"{START}?next={step}", data={"title": "Typed before"}).location
    assert coach.get(answered(set_off)).location == step
    assert 'value="Typed before"' in coach.get(step).text


def test_htmx_is_told_to_leave_the_page(coach: FlaskClient, discord: Discord) -> None:
    answer = coach.post(START, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith(f"{discord.url}/oauth2/authorize?")


def test_the_bot_is_given_its_rights_again_on_the_same_server(
    coach: FlaskClient, store: Store, discord: Discord
) -> None:
    add(coach)
    body = {"guild_id": NEW_GUILD, "permissions": "1024"}
    assert requests.post(f"{discord.url}/control/permissions", json=body, timeout=5).ok
    check = "/store/nova/server-check"
    coach.post(check)
    assert f'action="{START}?guild=same&amp;next={check}"' in coach.get(check).text
    set_off = coach.post(f"{START}?guild=same&next={check}").location
    assert (query_of(set_off)["guild_id"], query_of(set_off)["disable_guild_select"]) == (NEW_GUILD, "true")

    back = coach.get(answered(set_off, guild=GUILD_ID))

    assert back.location == check
    page = coach.get(check).text
    assert "with every right it needs" in page
    assert "are made on" not in page
    assert guild_of(store) == NEW_GUILD


def test_where_the_bot_is_already_the_server_is_taken_all_the_same(coach: FlaskClient, store: Store) -> None:
    add(coach, guild=GUILD_ID)
    assert guild_of(store) == GUILD_ID


def test_a_second_server_takes_the_first_ones_place_and_says_what_that_means(
    coach: FlaskClient, store: Store, woken: list[datetime]
) -> None:
    add(coach)
    product = factories.make_product(store)
    factories.make_coaching_session(product, starts_at=datetime.now(UTC) + timedelta(days=1))
    woken.clear()
    add(coach, guild=GUILD_ID)
    assert guild_of(store) == GUILD_ID
    assert len(woken) == 1
    assert "One booked session gets its room there" in coach.get(BACK).text


def test_a_server_serves_a_second_store_that_verifies_it_too(coach: FlaskClient, nova: Person, store: Store) -> None:
    other = factories.make_store(nova, slug="other", guild=None, guild_verified_at=None)
    add(coach)
    assert guild_of(other) is None
    add(coach, start="/store/other/guild-invitation")
    assert (guild_of(store), guild_of(other)) == (NEW_GUILD, NEW_GUILD)


def test_what_was_not_granted_is_named_with_the_page_that_explains_it(coach: FlaskClient, store: Store) -> None:
    kept = [
        right.name for right in Right if right & INVITE_RIGHTS and right not in (Right.MANAGE_ROLES, Right.MOVE_MEMBERS)
    ]
    add(coach, chooses="1", right=kept)
    assert guild_of(store) == NEW_GUILD
    page = coach.get(BACK).text
    assert "The bot lacks 2 rights there: Manage Roles, Move Members." in page
    assert '<a href="/store/nova/server-check">Check my server</a> says what for.' in page


def test_without_the_right_to_invite_the_coach_is_a_member_all_the_same(
    coach: FlaskClient, store: Store, nova: Person
) -> None:
    add(coach, chooses="1", right=[Right.VIEW_CHANNEL.name])
    assert (guild_of(store), check_discord(nova, NEW_GUILD).is_member) == (NEW_GUILD, True)


def test_a_server_with_hundreds_of_roles_is_no_answer_too_long(
    coach: FlaskClient, store: Store, discord: Discord
) -> None:
    state = discord.app.extensions["sandbox"].state
    with state.transaction():
        role = next(role for role in state.every(seed.Role, guild_id=NEW_GUILD) if not role.is_everyone)
        for number in range(245):
            state.put(stand_in.replace(role, id=state.new_id(), name=f"{number:0100}"))
    add(coach)
    assert guild_of(store) == NEW_GUILD


def test_an_application_that_needs_a_code_grant_works_too(coach: FlaskClient, store: Store, discord: Discord) -> None:
    assert requests.post(f"{discord.url}/control/application", json={"requires_code_grant": True}, timeout=5).ok
    add(coach)
    assert guild_of(store) == NEW_GUILD


def test_no_token_is_kept(coach: FlaskClient, discord: Discord) -> None:
    add(coach)
    assert discord.tokens() == []


# The ways that fail: each ends on a page with a way on.


def test_cancelling_changes_nothing(coach: FlaskClient, store: Store) -> None:
    answer = add(coach, decision="refuse")
    assert answer.status_code == 200
    assert "You cancelled at Discord" in answer.text
    assert f'action="{START}?next={BACK}"' in answer.text
    assert f'href="{BACK}"' in answer.text
    assert guild_of(store) is None


def test_an_error_of_discords_own_ends_on_a_page(coach: FlaskClient, store: Store) -> None:
    state = query_of(coach.post(START).location)["state"]
    answer = coach.get(f"/api/auth/discord/callback?error=server_error&error_description=Full&state={state}")
    assert answer.status_code == 502
    assert "Discord said no" in answer.text
    assert f'href="{BACK}"' in answer.text


def test_the_account_that_comes_back_has_to_be_the_connected_one(
    coach: FlaskClient, store: Store, nova: Person
) -> None:
    answer = add(coach, person=seed.COACH2_ID, guild=GUILD_ID)
    assert answer.status_code == 409
    assert "You came back as coach2. Yours here is nova_d." in answer.text
    assert (guild_of(store), check_discord(nova, None).discord_user_id) == (None, COACH)


def test_an_account_of_somebody_else_is_not_connected_on_the_way(coach: FlaskClient, store: Store) -> None:
    DiscordLink.delete().execute()
    factories.link_discord(make_person("Ben"), seed.COACH2_ID)
    answer = add(coach, person=seed.COACH2_ID, guild=GUILD_ID)
    assert (answer.status_code, answer.location) == (303, "/settings/merging")
    assert "belongs to" in coach.get(answer.location).text
    assert guild_of(store) is None


def test_an_account_that_was_disconnected_meanwhile_is_not_connected_again(
    coach: FlaskClient, store: Store, nova: Person
) -> None:
    """It was set off with an account connected, so nobody was asked to prove who they are."""
    callback = answered(coach.post(START).location)
    DiscordLink.delete().execute()
    answer = coach.get(callback)
    assert answer.status_code == 409
    assert "None is connected here any more" in answer.text
    assert not check_discord(nova, None).is_connected
    assert guild_of(store) is None


def test_the_server_in_the_redirect_is_nobodys_word(coach: FlaskClient, store: Store) -> None:
    """Only the token answer says which server it was; the address is the browser's."""
    callback = answered(coach.post(START).location)
    assert f"guild_id={NEW_GUILD}" in callback
    coach.get(callback.replace(f"guild_id={NEW_GUILD}", f"guild_id={seed.FOREIGN_GUILD_ID}"))
    assert guild_of(store) == NEW_GUILD


def test_a_round_without_a_server_verifies_none(coach: FlaskClient, store: Store) -> None:
    """Mallory sends a plain sign-in through the state of a server round, with a server in the address."""
    address = coach.post(START).location.replace("scope=bot+", "scope=")
    answer = coach.get(f"{answered(address)}&guild_id={NEW_GUILD}")
    assert answer.status_code == 502
    assert "Discord did not say which server" in answer.text
    assert guild_of(store) is None


def test_manage_server_is_still_asked_of_discord_itself(coach: FlaskClient, store: Store, discord: Discord) -> None:
    """Between the consent and the return the right was taken away."""
    callback = answered(coach.post(START).location)
    team = str(int(seed.TEAM_ROLE_ID) + 200)
    body = {"guild_id": NEW_GUILD, "role_id": team, "permissions": "0"}
    assert requests.post(f"{discord.url}/control/permissions", json=body, timeout=5).ok
    answer = coach.get(callback)
    assert answer.status_code == 409
    assert "may not manage the server" in answer.text
    assert f'action="{START}?next={BACK}"' in answer.text
    assert guild_of(store) is None


def test_a_server_that_cannot_be_read_at_once_is_asked_again(
    coach: FlaskClient, store: Store, discord: Discord
) -> None:
    discord.fail("50001", f"/guilds/{NEW_GUILD}", method="GET")
    add(coach)
    assert guild_of(store) == NEW_GUILD


def test_a_server_that_stays_silent_is_checked_again_by_a_button(
    coach: FlaskClient, store: Store, discord: Discord
) -> None:
    discord.fail("50001", f"/guilds/{NEW_GUILD}", method="GET", times=2)
    answer = add(coach, start=f"{START}?next=/store/nova")
    assert answer.status_code == 409
    assert "The bot is not ready yet" in answer.text
    assert 'action="/store/nova/guild-verification?next=/store/nova"' in answer.text
    assert f'name="guild_id" value="{NEW_GUILD}"' in answer.text

    back = coach.post("/store/nova/guild-verification?next=/store/nova", data={"guild_id": NEW_GUILD})

    assert (back.location, guild_of(store)) == ("/store/nova", NEW_GUILD)


def test_a_store_that_is_not_ones_own_gets_no_server(
    browser_of: Callable[..., FlaskClient], store: Store, discord: Discord
) -> None:
    mallory = browser_of(make_person("Mallory"))
    assert mallory.post(START).status_code == 404


def test_nobody_else_can_finish_the_round(
    coach: FlaskClient, browser_of: Callable[..., FlaskClient], store: Store
) -> None:
    callback = answered(coach.post(START).location)
    assert browser_of(make_person("Mallory")).get(callback).status_code == 400
    assert guild_of(store) is None


def test_the_same_answer_twice_counts_once(coach: FlaskClient, store: Store) -> None:
    callback = answered(coach.post(START).location)
    assert [coach.get(callback).status_code for _ in range(2)] == [303, 400]
    assert guild_of(store) == NEW_GUILD


def test_a_hostile_name_of_a_server_is_only_text(coach: FlaskClient, store: Store, discord: Discord) -> None:
    state = discord.app.extensions["sandbox"].state
    with state.transaction():
        state.put(stand_in.replace(state.find(seed.Guild, NEW_GUILD), name="<script>alert(1)</script>"))
    add(coach, chooses="1", right=[Right.VIEW_CHANNEL.name])
    assert "<script>alert" not in coach.get(BACK).text
