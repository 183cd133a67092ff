"""What people choose about their messages, and whether anything reaches them."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.host import HostError
from coaching.messages.models import MessageChoice, MessageSettings
from coaching.messages.mutations import record_dm_refused, record_mail_refused, save_settings
from coaching.messages.planning.routing import DmTrouble
from coaching.messages.reach_queries import settings_of, ways_of
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from coaching.refusals import Refusal
from tests import factories

PAGE = "/settings/messages"
NOW = datetime.now(UTC)


def text_at(browser, address=PAGE, status=200):
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.text


def test_the_page_shows_what_concerns_its_person(sending, browser_of, alice, bob):
    student = text_at(browser_of(bob))
    assert "A reminder of your call" in student
    assert "The calls of your day" not in student
    assert "What students write" not in student
    factories.make_store(alice)
    coach = text_at(browser_of(alice))
    assert "The calls of your day" in coach
    assert "Your server, your calendars or your site need a hand" in coach
    assert "What students write" in coach
    assert "Mails about your account itself" in coach
    # What cannot be off has no such choice.
    assert 'name="way_cancelled"' in coach
    assert 'name="way_cancelled" type="radio" value="off"' not in coach
    assert 'name="way_reminder" type="radio" value="off"' in coach


def test_what_is_chosen_is_kept_and_the_rest_stays_unchosen(sending, browser_of, alice, woken):
    store = factories.make_store(alice)
    booked = factories.make_coaching_session(
        factories.make_product(store), starts_at=NOW + timedelta(days=3), next_look_at=NOW + timedelta(days=2)
    )
    form = {
        "way_reminder": "off",
        "way_booked": "both",
        "way_cancelled": "mail",
        "way_coach_day": "discord",
        "quiet_from": "22:30",
        "quiet_until": "07:00",
        "allows_replies": "y",
        "reminder_1": "180",
        "reminder_2": "15",
        "reminder_3": "15",
    }
    browser = browser_of(alice)
    assert browser.post(PAGE, data=form).status_code == 303
    assert ways_of(alice) == {"reminder": "off", "booked": "both", "coach_day": "discord"}
    kept = settings_of(alice)
    assert (kept.quiet_from, kept.quiet_until, kept.allows_replies, kept.shows_answers) == (1350, 420, True, False)
    assert kept.reminders == (180, 15)
    assert kept.next_day_at is not None
    assert CoachingSession.get_by_id(booked.id).next_look_at == booked.created_at
    page = text_at(browser)
    assert 'value="22:30"' in page
    assert (
        browser.post(PAGE, data=form | {"way_coach_day": "off", "quiet_from": "", "quiet_until": ""}).status_code == 303
    )
    assert (settings_of(alice).quiet_from, settings_of(alice).next_day_at) == (None, None)


def test_bad_input_has_its_message_and_nothing_is_lost(sending, browser_of, alice):
    factories.make_store(alice)
    browser = browser_of(alice)
    for wrong, message in (
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "Type a time like 22:30."),
        ({"quiet_from": "22:00"}, "Say until when"),
        ({"quiet_until": "07:00"}, "Say from when on"),
        ({"quiet_from": "07:00", "quiet_until": "07:00"}, "Choose two different times."),
        ({"way_cancelled": "off"}, "Choose one of these ways."),
        ({"way_reminder": "pigeon"}, "Choose one of these ways."),
        ({"reminder_1": "7"}, "Choose one of the list."),
        ({"reminder_1": "-5"}, "Choose one of the list."),
    ):
        form = {"way_booked": "both", "reminder_1": "30", "reminder_2": "0", "reminder_3": "0"} | wrong
        answer = browser.post(PAGE, data=form)
        assert answer.status_code == 422, wrong
        assert message in answer.text, wrong
        assert 'checked id="way_booked-2"' in answer.text
        if typed := wrong.get("quiet_from"):
            assert f'value="{typed}"' in answer.text
    assert not MessageChoice.select().exists()
    assert not MessageSettings.select().exists()


def test_a_way_that_does_not_lead_to_them_is_disabled_and_says_why(app, browser_of, sending, alice):
    loner = factories.make_person("Loner", email=None, email_key=None, email_verified_at=None)
    page = text_at(browser_of(loner))
    assert "Nobody can reach you: you have no e-mail address here, and no Discord account is connected." in page
    assert "Mail cannot be chosen now: you have no e-mail address here." in page
    assert 'disabled id="way_reminder-0"' in page
    gamer = factories.make_person("Gamer", linked_as="3001", email=None, email_key=None, email_verified_at=None)
    page = text_at(browser_of(gamer))
    assert "Messages about your calls go to your Discord account “gamer_d”." in page
    assert "Mail cannot be chosen now: you have no e-mail address here." in page
    assert "Add an address" in page
    # A choice that is disabled is not sent, and is not lost by that.
    save_settings(loner, takes_discord=True)
    MessageChoice.create(person=loner, kind="booked", way="mail")
    assert browser_of(loner).post(PAGE, data={}).status_code == 303
    assert ways_of(loner) == {"booked": "mail"}


def test_choosing_a_way_that_reaches_them_lets_go_what_waited(sending, browser_of, bob):
    owe(MessageKind.BOOKED, "booked:1", bob.id, NOW, state="held")
    assert browser_of(bob).post(PAGE, data={}).status_code == 303
    assert Notice.get().state == "waiting"


def test_discord_is_turned_on_with_a_test_at_once(app, host, browser_of, bob):
    browser = browser_of(bob)
    assert browser.post(f"{PAGE}/discord", data={"takes_discord": "no"}).status_code == 303
    assert "The bot does not write to you" in text_at(browser)
    assert not host.messages
    owe(MessageKind.BOOKED, "booked:1", bob.id, NOW, state="held")
    browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"})
    assert len(host.messages) == 1
    assert Notice.get().state == "waiting"
    assert "A test message is with “bob_d”" in text_at(browser)


@pytest.mark.parametrize(
    ("error", "sentence", "pill"),
    [
        (HostError("no", Refusal.DM_REFUSED, code=50007), "Privacy Settings", "Closed"),
        (HostError("no", Refusal.DMS_TOO_FAST), "only so many conversations at once", ">On<"),
        (HostError("no", Refusal.RATE_LIMITED, retry_after=timedelta(seconds=9)), "only so many", ">On<"),
        (HostError("no", Refusal.REFUSED_CONNECTION), "Discord cannot be reached", ">On<"),
    ],
)
def test_what_stood_in_the_way_of_a_test_is_told_apart(error, sentence, pill, app, host, browser_of, bob):
    browser = browser_of(bob)
    host.fail(error, name="open_dm")
    assert browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"}).status_code == 303
    page = text_at(browser)
    assert sentence in page
    assert pill in page.replace("</svg>", ">").replace("\n", "")


def test_an_account_without_a_shared_server_reads_what_to_do(browser_of, bob):
    record_dm_refused(bob, "2002", DmTrouble.NO_SERVER, datetime.now(UTC))
    page = text_at(browser_of(bob))
    for words in ("No shared server", "Join the server", "your Discord account shares no server with the bot"):
        assert words in page


def test_so_many_tests_are_enough(app, host, browser_of, bob):
    browser = browser_of(bob)
    for _ in range(10):
        browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"})
    answer = browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"})
    assert (answer.status_code, len(host.messages)) == (429, 10)
    assert "many test messages" in answer.text
    assert "Retry-After" in answer.headers


def test_an_address_that_refuses_is_mended_by_verifying_it_again(sending, browser_of, bob):
    record_mail_refused(bob, "550 no such user", NOW)
    browser = browser_of(bob)
    page = text_at(browser)
    assert "Refuses mail" in page
    assert "550 no such user" in page
    assert browser.post("/settings/verification").status_code == 303
    [mail] = Notice.select().where(Notice.kind == "verify")
    link = next(line for line in mail.body.splitlines() if "/verify-email/" in line)
    token = link.rsplit("/", 1)[1]
    assert "wait" in mail.body
    browser.post(f"/verify-email/{token}")
    assert "Refuses mail" not in text_at(browser)


def test_pages_say_where_messages_go_and_whom_nobody_reaches(sending, browser_of, alice, bob):
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    booked = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3), created_at=NOW)
    page, student, coach = f"/sessions/{booked.code}", browser_of(bob), browser_of(alice)
    assert f"Messages about your calls go to {bob.email}, and to your Discord account “bob_d”" in text_at(student, page)
    assert f"Messages about your calls go to {bob.email}, and" in text_at(student, "/dashboard")
    assert "No message reaches" not in text_at(coach, page)
    record_mail_refused(bob, "550 no", NOW)
    assert "e-mail address refuses mail. Messages go to their Discord account." in text_at(coach, page)
    assert "Messages about your calls go to your Discord account “bob_d”." in text_at(student, page)
    assert "Mend your address" in text_at(student, page)
    record_dm_refused(bob, "2002", DmTrouble.CLOSED, datetime.now(UTC))
    for own in (page, "/dashboard"):
        text = text_at(student, own)
        assert "Nobody can reach you: your e-mail address refused a mail, and your Discord account takes no" in text
        assert "Open messages on Discord" in text
    assert "No message reaches Bob" in text_at(coach, page)
    assert "No message reaches Bob" not in text_at(student, page)


def test_without_a_mail_server_messages_go_by_discord_and_pages_say_so(browser_of, alice, bob):
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    booked = factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3))
    browser = browser_of(bob)
    assert "Messages about your calls go to your Discord account “bob_d”." in text_at(
        browser, f"/sessions/{booked.code}"
    )
    page = text_at(browser)
    assert "This site sends no mail." in page
    assert "Mail cannot be chosen now: this site sends no mail." in page
    assert "Add an" not in page


def test_not_all_threads_wait_for_discord(app, host, browser_of, bob):
    browser, places = browser_of(bob), app.extensions["arrivals"]
    held = 0
    while places.acquire(blocking=False):
        held += 1
    browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"})
    assert not host.messages
    assert "Discord is slow now" in text_at(browser)
    for _ in range(held):
        places.release()
    browser.post(f"{PAGE}/discord", data={"takes_discord": "yes"})
    assert len(host.messages) == 1


def test_what_was_typed_before_signing_in_comes_back(sending, app, bob, browser_of):
    browser = browser_of()
    sent = {"way_reminder": "off", "quiet_from": "23:15", "quiet_until": "06:00"}
    assert browser.post(PAGE, data=sent).location.startswith("/sign-in")
    browser.post("/sign-in", data={"email": bob.email, "password": factories.PASSWORD})
    page = text_at(browser)
    assert "What you typed is back." in page
    assert 'value="23:15"' in page
    assert ways_of(bob) == {}
