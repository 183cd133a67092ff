"""The link that turns off one kind of message: with its page, and by a mail program without one (RFC 8058)."""

import pytest

from coaching.messages.models import MessageChoice
from coaching.messages.reach_queries import ways_of
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import MessageKind
from tests import factories

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def off_path(app):
    """The path of the address that turns a kind off for somebody."""
    sender = app.extensions["settings"].sender
    return lambda person, kind: sender.off_url(person.id, kind).removeprefix(sender.url)


def test_the_page_only_shows_and_its_button_acts(browser_of, bob, off_path):
    visitor, path = browser_of(), off_path(bob, "reminder")
    page = visitor.get(path)
    assert page.status_code == 200
    assert "A reminder of your call" in page.text
    assert f"{bob.email[0]}…@example.com" in page.text
    assert bob.email not in page.text
    assert "Bob" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in page.text
    assert f'action="{path}"' in page.text
    assert ways_of(bob) == {}
    for _ in range(2):
        done = visitor.post(path)
        assert done.status_code == 200
        assert "These messages are off" in done.text
        assert ways_of(bob) == {"reminder": "off"}
    assert "These messages are off" in visitor.get(path).text
    assert "Set-Cookie" not in page.headers


def test_a_mail_program_acts_from_nowhere_and_on_nothing_else(app, bob, alice, off_path):
    program = app.test_client()
    answer = program.post(off_path(bob, "room_open"), data=ONE_CLICK)
    assert answer.status_code == 200
    assert (ways_of(bob), ways_of(alice)) == ({"room_open": "off"}, {})
    stranger = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert program.post(off_path(bob, "reminder"), data=ONE_CLICK, headers=stranger).status_code == 200
    # No other address takes a form from nowhere.
    assert program.post("/settings/messages", data=ONE_CLICK).status_code == 403
    # Whoever is signed in as somebody else turns off nothing of their own.
    browser = app.test_client()
    factories.sign_in(browser, alice)
    browser.post(off_path(bob, "coach_day"), data=ONE_CLICK)
    assert ways_of(alice) == {}
    assert set(ways_of(bob)) == {"room_open", "reminder", "coach_day"}


def test_what_cannot_be_off_says_so_and_stays(app, bob, off_path):
    program = app.test_client()
    for kind in (MessageKind.CANCELLED, MessageKind.VERIFY):
        assert not RULES[kind].can_be_off
        assert "cannot be turned off" in program.get(off_path(bob, kind)).text
        answer = program.post(off_path(bob, kind), data=ONE_CLICK)
        assert (answer.status_code, "cannot be turned off" in answer.text) == (409, True)
    assert ways_of(bob) == {}


def test_an_address_that_this_site_did_not_make_is_none(app, bob, off_path):
    path, program = off_path(bob, "reminder"), app.test_client()
    other = off_path(bob, "coach_day")
    garbled = [path[:-1], path + "x", path.replace(".", "", 1), "/messages/off/x", path.split(".")[0]]
    garbled += [path.split(".")[0] + "." + other.split(".")[1], off_path(bob, "pigeon")]
    for address in garbled:
        assert program.get(address).status_code == 404, address
        assert program.post(address, data=ONE_CLICK).status_code == 404, address
    assert ways_of(bob) == {}
    nobody = factories.make_person("Gone")
    gone = off_path(nobody, "reminder")
    nobody.delete_instance()
    assert program.post(gone, data=ONE_CLICK).status_code == 404


def test_what_comes_by_both_goes_on_coming_on_discord(app, bob, off_path):
    MessageChoice.create(person=bob, kind="reminder", way="both")
    for _ in range(2):
        page = app.test_client().post(off_path(bob, "reminder"), data=ONE_CLICK)
        assert ways_of(bob) == {"reminder": "discord"}
        assert "They go on coming on Discord." in page.text
