"""The admin's pages of what is left over in Discord, and who else reads of it."""

import pytest

from coaching.accounts.models import SecurityEvent
from coaching.catalog.models import Store
from coaching.refusals import Refusal, explain
from coaching.rooms.models import Orphan
from coaching.rooms.names import role_name
from tests import factories


@pytest.fixture
def admin(browser_of, db):
    return browser_of(factories.make_person("Ada", is_admin=True))


def test_nothing_left_over_is_said_to_be_so(admin):
    page = admin.get("/admin/orphans")
    assert "Nothing is left over" in page.text
    assert "flask rooms sweep" in page.text
    assert "without belonging to anything here" not in admin.get("/admin/rooms").text


def test_those_that_let_people_in_stand_first_and_each_has_a_page_that_asks(admin, host):
    closed, open_one = factories.make_orphan(host, "A <b>call</b>", lets_in=False), factories.make_orphan(host)
    page = admin.get("/admin/orphans").text
    assert page.index(open_one.name) < page.index("A &lt;b&gt;call&lt;/b&gt;")
    assert admin.get(f"/admin/orphans/{open_one.id}").text.count('method="post"') >= 2
    asked = admin.get(f"/admin/orphans/{closed.id}").text
    assert "Close this room" not in asked
    assert "Remove this room from Discord" in asked
    assert "Leave it as it is" in asked
    assert len(host.channels) == 2, "a page that is only opened does nothing"


def test_what_discord_refuses_is_said_beside_the_buttons_and_can_be_tried_again(admin, host):
    orphan = factories.make_orphan(host)
    for way, call in (("removal", "delete_channel"), ("closing", "set_overwrites")):
        host.fail(Refusal.MISSING_PERMISSION, name=call)
        page = admin.post(f"/admin/orphans/{orphan.id}/{way}")
        assert page.status_code == 409
        assert explain(Refusal.MISSING_PERMISSION)[:40] in page.text
        assert "Remove this room from Discord" in page.text
    assert admin.post(f"/admin/orphans/{orphan.id}/removal").status_code == 303
    assert host.channels == {}
    # Pressed twice, in another tab, or after somebody else.
    assert admin.post(f"/admin/orphans/{orphan.id}/removal").status_code == 404
    assert "Left-over room or role removed" in admin.get("/admin/security").text
    assert SecurityEvent.select().where(SecurityEvent.kind == "orphan removed").count() == 1


def test_a_role_can_only_be_removed(admin, host):
    orphan = factories.make_orphan(host)
    role = host.create_role(factories.GUILD_ID, role_name(orphan.code), "made before")
    Orphan.update(kind="role", discord_id=role.role_id, name=role.name).execute()
    assert "Close this" not in admin.get(f"/admin/orphans/{orphan.id}").text
    assert admin.post(f"/admin/orphans/{orphan.id}/closing").status_code == 404
    assert admin.post(f"/admin/orphans/{orphan.id}/removal").status_code == 303
    assert host.roles_in() == []


def test_a_coach_reads_of_it_on_a_server_of_their_own_only(browser_of, host, alice, mallory):
    orphan = factories.make_orphan(host)
    factories.make_store(alice)
    elsewhere = factories.make_guild("1100000000000000002")
    factories.make_store(mallory, guild=elsewhere)
    coach, other = browser_of(alice), browser_of(mallory)
    dashboard = coach.get("/dashboard").text
    assert orphan.name in dashboard
    assert "delete them in Discord yourself" in dashboard
    assert orphan.name not in other.get("/dashboard").text
    factories.make_orphan(host, "Another call", lets_in=False)
    assert "One of them lets people in." in coach.get("/dashboard").text
    # On the site's server it may be another coach's student; and who may not manage a server reads nothing of it.
    for differences in ({"guild_approved_at": factories.MADE_AT}, {"guild_verified_at": None}):
        Store.update(guild_approved_at=None, guild_verified_at=factories.MADE_AT).execute()
        Store.update(**differences).where(Store.owner == alice).execute()
        assert orphan.name not in coach.get("/dashboard").text
