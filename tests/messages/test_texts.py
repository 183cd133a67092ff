"""Pure: what people read, by the kind of message."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching.messages.blocks import Button
from coaching.messages.rendering.discord import as_direct_message
from coaching.messages.rendering.text import as_text
from coaching.messages.texts.account import from_text, with_addresses
from coaching.messages.texts.sessions import TEXTS
from coaching.messages.texts.times import length, lengths_before, nearness, short_time
from coaching.notices.kind_rules import RULES, KindRules, Worth
from coaching.notices.kinds import Audience, MessageKind
from scripts.message_cases import CASES, SENDER, STARTS_AT
from scripts.show_messages import example, examples

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOCS = Path(__file__).parent.parent.parent / "docs" / "messages.md"
KEY = SENDER.session_key("gw56pb", 7, 0)
pytestmark = pytest.mark.one_database


def test_every_kind_of_message_has_words_and_an_example() -> None:
    written_before = {kind for kind in RULES if RULES[kind].is_account} | {MessageKind.ALERT, MessageKind.COACH_DAY}
    written_before |= {MessageKind.COACH_APPLIED, MessageKind.APPLICATION_ANSWERED, MessageKind.COACH_STANDING}
    written_before |= {MessageKind.COACH_ASKED}
    written_before |= {MessageKind.DATA_READY}
    assert set(RULES) == set(MessageKind) == set(TEXTS) | written_before
    kinds = {name.partition("-")[0] for name in examples()}
    assert kinds == set(RULES)


def test_every_message_says_first_how_things_stand_and_has_one_button_to_a_page() -> None:
    for name, message in examples().items():
        assert message.headline, name
        assert len(message.subject) <= 130, name
        buttons = [block for block in message.blocks if isinstance(block, Button)]
        # What was changed in an account has happened: there is nothing to press.
        assert len(buttons) == (0 if name == MessageKind.CHANGED else 1), name
        if name.partition("-")[0] in TEXTS:
            assert message.subject.startswith("Mixing feedback call · Tue 9 March, "), name
            assert message.from_name == "Nova Sound"
            # What is only kept for somebody has no page as a session yet.
            page = "invitations" if name == MessageKind.INVITED else "sessions"
            assert f"{SENDER.url}/{page}/gw56pb" in as_text(message), name


def test_whoever_reads_of_a_new_time_reads_what_still_can_be_changed() -> None:
    text = as_text(examples()["moved"])
    assert "Cancelling: free until " in text
    assert "Moving: " in text


def test_the_confirmation_says_what_was_agreed_and_what_happens_next() -> None:
    assert as_text(examples()["booked-paid-outside"]) == (
        "Booked: Mixing feedback call with Alice.\n"
        "\n"
        "Tuesday 9 March 2027, 18:00 to 19:00 (Berlin)\n"
        "For Alice: Tue 9 March, 12:00 to 13:00 (New York)\n"
        "\n"
        "Price: €50, which you pay Alice directly\n"
        "Cancelling: free until Mon 8 March, 18:00 Berlin, possible until the start\n"
        "Moving: 3 times, until Tue 9 March, 06:00 Berlin\n"
        "Room: opens 17:45, closes 19:15 (Berlin)\n"
        "Reminders: a day and an hour before\n"
        "\n"
        "Alice on how to pay:\n"
        "> Bank transfer to DE00 1234 5678, with your name.\n"
        "\n"
        "Alice writes:\n"
        "> Bring your stems as WAV files, and two songs that sound as you want yours\n"
        "> to sound.\n"
        "\n"
        "What happens next:\n"
        "1. A private room opens on Discord at 17:45 (Berlin), 15 minutes before the\n"
        "   start.\n"
        "2. You then get a message with the link into it, which stands on the call’s\n"
        "   page, too.\n"
        "3. Have Discord open, signed in to the account you connected, and a\n"
        "   microphone and a camera ready.\n"
        "\n"
        "Open the call’s page:\n"
        f"https://calls.example/sessions/gw56pb?key={KEY}\n"
        "\n"
        f"Add it to your calendar:\nhttps://calls.example/sessions/gw56pb/calendar.ics?key={KEY}\n"
        f"Move it:\nhttps://calls.example/sessions/gw56pb/move?key={KEY}\n"
        f"Cancel:\nhttps://calls.example/sessions/gw56pb/cancellation?key={KEY}\n"
    )


def test_every_link_is_for_its_reader_and_the_call_as_it_is_now() -> None:
    for name, message in examples().items():
        kind = MessageKind(name.partition("-")[0])
        # What somebody is only invited to has no page as a session yet.
        if kind not in TEXTS or kind is MessageKind.INVITED:
            continue
        seat_id, others = (None, 7) if RULES[kind].audience is Audience.COACH else (7, None)
        revision = CASES[kind][name.removeprefix(kind)].get("revision", 0)
        keys = set(re.findall(r"gw56pb(?:/[a-z.]+)?\?key=(\S+)", as_text(message)))
        leads_there = f"{SENDER.url}/sessions/gw56pb" in as_text(
            message
        )  # all but an invitation, which has no seat yet
        assert keys == ({SENDER.session_key("gw56pb", seat_id, revision)} if leads_there else set()), name
        for key in keys:
            assert SENDER.read_session_key("gw56pb", seat_id, key) == revision
            assert SENDER.read_session_key("gw56pb", others, key) is None
            assert SENDER.read_session_key("gw56pc", seat_id, key) is None
    # What asks for a sign-in in any case has no key, nor has a calendar entry: those are shared.
    for path in ("coming", "lateness"):
        assert f"/{path}\n" in text_of(MessageKind.REMINDER, now=STARTS_AT - DAY)
    invitation = examples()["booked"].invitation
    assert invitation is not None
    assert b"key=" not in invitation.content
    day = as_text(examples()[MessageKind.COACH_DAY])
    assert SENDER.session_key("kd82mz", None, 1) in day


def test_a_key_that_this_site_did_not_make_opens_nothing() -> None:
    newer = replace(SENDER, link_keys=(b"n" * 32, *SENDER.link_keys))
    assert newer.read_session_key("gw56pb", 7, KEY) == 0
    assert replace(SENDER, link_keys=(b"n" * 32,)).read_session_key("gw56pb", 7, KEY) is None
    for key in ("", "0", "0.", f"1{KEY[1:]}", KEY[:-1], f"{KEY}x", "9" * 99, "٣.x", "\ud800", KEY.replace(".", "..")):
        assert SENDER.read_session_key("gw56pb", 7, key) is None, key


def test_nothing_is_announced_that_will_not_come() -> None:
    kind = MessageKind.BOOKED
    turned_off = frozenset({MessageKind.REMINDER, MessageKind.ROOM_OPEN})
    text = text_of(kind, off=turned_off)
    assert "Reminders" not in text
    assert "get a message" not in text
    assert "From then on the link into it stands on the call’s page." in text
    assert "get a message" not in text_of(kind, says_when_open=False)
    # Booked 40 minutes before: one of the two reminders could still be sent, and was not owed any more.
    assert "Reminders" not in text_of(kind, now=STARTS_AT - 40 * HOUR / 60)
    assert "Reminders: an hour before" in text_of(kind, now=STARTS_AT - 3 * HOUR)
    assert "opens on Discord at once" in text_of(kind, now=STARTS_AT - HOUR / 6)
    assert "Room:" not in text_of(kind, session_type="phone", opens_at=None, closes_at=None)
    # Where both clocks show the same time there is nothing to add.
    assert "For Alice" not in text_of(kind, other_zone="Europe/Paris")


def test_a_reminder_names_what_an_absence_costs_and_three_things_to_do() -> None:
    text = text_of(MessageKind.REMINDER, now=STARTS_AT - DAY, price_cents=4950, payment="outside")
    assert "Tomorrow: Mixing feedback call with Alice." in text
    assert "The time is kept for you and nobody else can have it." in text
    assert "If you do not come, it costs Alice an hour, worth €49.50." in " ".join(text.split())
    cancellation = f"cancellation?key={KEY}"
    for label, path in (("I’m coming", "coming"), ("Cancel", cancellation), ("I’m running late", "lateness")):
        assert f"{label}: {SENDER.url}/sessions/gw56pb/{path} " in f"{' '.join(text.split())} "
    said = text_of(MessageKind.REMINDER, now=STARTS_AT - HOUR, is_coming=True)
    assert "You have said that you are coming." in said
    assert "I’m coming:" not in said
    assert "https://discord.com/channels/1/2" in text_of(
        MessageKind.REMINDER, room_url="https://discord.com/channels/1/2"
    )


def test_a_cancellation_says_by_whom_and_what_is_true_of_the_money() -> None:
    off = {"state": "cancelled", "price_cents": 5000, "payment": "outside"}
    assert "Alice has cancelled: " in text_of(MessageKind.CANCELLED, ended_by="coach", **off)
    assert "You have cancelled: " in text_of(MessageKind.CANCELLED, ended_by="student", **off)
    # What was said to be paid and nobody confirmed is in nobody's way, and not forgotten.
    said = off | {"ended_by": "student", "has_said_paid": True}
    assert "You have said that you paid. If it reaches Alice, they give it back" in text_of(
        MessageKind.CANCELLED, **said
    )
    says = "says that they have paid you €50"
    assert f"{says}. If it reaches you, tick it off" in text_of(MessageKind.COACH_CANCELLED, **said)
    owed = text_of(MessageKind.COACH_CANCELLED, **said, due_cents=5000)
    assert f"may still ask for €50. Bob {says}." in " ".join(owed.split())
    assert says not in text_of(MessageKind.COACH_CANCELLED, **said, is_paid=True)
    assert "Cancelled: Mixing feedback call with Alice." in text_of(MessageKind.CANCELLED, ended_by=None, **off)
    assert "There is nothing to pay." in text_of(MessageKind.CANCELLED, **off)
    paid = text_of(MessageKind.CANCELLED, is_paid=True, reply_to="alice@example.com", **off)
    assert "this site holds none of it" in " ".join(paid.split())
    assert "Write to alice@example.com." in paid
    assert "pay" not in text_of(MessageKind.CANCELLED, state="cancelled")
    assert "Bob has paid you €50 directly" in text_of(MessageKind.COACH_CANCELLED, is_paid=True, **off)
    late = off | {"ended_by": "student", "due_cents": 5000}
    for kind, is_paid, words in (
        (MessageKind.CANCELLED, False, "after Mon 8 March, 18:00 Berlin, so Alice may ask for the price, €50."),
        (MessageKind.CANCELLED, True, "so Alice may keep what you paid, €50."),
        (MessageKind.COACH_CANCELLED, False, "so you may still ask for €50."),
        (MessageKind.COACH_CANCELLED, True, "so you may keep the €50 they paid you."),
    ):
        assert words in " ".join(text_of(kind, is_paid=is_paid, **late).split())
    half = late | {"due_cents": 2500, "cancel_until": None}
    assert "booked with, so Alice may keep €25 of the €50." in " ".join(
        text_of(MessageKind.CANCELLED, is_paid=True, **half).split()
    )
    assert "you may still ask for €25 of the €50." in " ".join(text_of(MessageKind.COACH_CANCELLED, **half).split())


def test_the_reason_of_a_cancellation_goes_to_the_other_side_in_their_words() -> None:
    ill = {"state": "cancelled", "end_reason": "I am ill.\nSee [this](https://evil.example)"}
    assert "Alice writes:\n> I am ill.\n> See" in text_of(MessageKind.CANCELLED, ended_by="coach", **ill)
    assert "Bob writes:\n> I am ill." in text_of(MessageKind.COACH_CANCELLED, ended_by="student", **ill)
    assert "ill" not in text_of(MessageKind.CANCELLED, ended_by="student", **ill).replace("will", "")
    for kind, by, other in ((MessageKind.CANCELLED, "coach", "Alice"), (MessageKind.COACH_CANCELLED, "student", "Bob")):
        by_admin = text_of(kind, ended_by=by, ended_by_admin=True, **ill)
        assert f"Cancelled by whoever runs this site: Mixing feedback call with {other}." in by_admin
        assert "Whoever runs this site writes:\n> I am ill." in by_admin
        assert "has cancelled" not in by_admin
        assert ("Other times" in by_admin, "free again" in by_admin) == (False, False)
    suspended = {"ended_by": "coach", "ended_by_admin": True}
    assert "booked again" not in text_of(MessageKind.COACH_CANCELLED, **suspended, **ill)
    about = example(MessageKind.CANCELLED, ended_by="coach", **ill)
    assert "[this](" not in as_direct_message(TEXTS[MessageKind.CANCELLED](about, SENDER), SENDER.choices_url).text


def test_until_when_a_cancellation_is_free_is_said_as_long_as_it_is_true() -> None:
    priced = {"price_cents": 5000, "payment": "outside"}
    for kind, differences, words in (
        (MessageKind.BOOKED, {}, "free until the start, Tue 9 March, 18:00 Berlin"),
        (MessageKind.BOOKED, {**priced, "cancel_until": STARTS_AT}, "free until the start, Tue 9 March, 18:00 Berlin"),
        (
            MessageKind.BOOKED,
            {**priced, "cancel_clause": "half of it goes back until 2 h before the start"},
            "until the start, Tue 9 March, 18:00 Berlin; half of it goes back until 2 h before the start",
        ),
        (MessageKind.REMINDER, {**priced, "now": STARTS_AT - HOUR}, "until the start; Alice may have the price"),
    ):
        assert f"Cancelling: {words}" in " ".join(text_of(kind, **differences).split())


def test_a_coach_reads_what_a_student_wrote_only_where_they_want_that_in_messages() -> None:
    written = {"goals": "Less mud.\nMore air.", "answers": (("Program", "Reaper"), ("Link", ""))}
    text = text_of(MessageKind.COACH_BOOKED, **written)
    assert "Bob on “Goals”:\n> Less mud.\n> More air." in text
    assert "Bob on “Program”:\n> Reaper" in text
    assert "Link" not in text
    assert "it stands on the call’s page" in text_of(MessageKind.COACH_BOOKED)


def test_only_what_tells_of_the_booking_itself_has_an_invitation() -> None:
    of_students = ("booked", "moved", "clocks", "cancelled")
    booked_or_not = (*of_students, *(f"coach_{kind}" for kind in of_students))
    agreed = {"accepted", "confirmed", "paid"}
    for name, message in examples().items():
        assert (message.invitation is not None) == (name.startswith(booked_or_not) or name in agreed), name
    for kind in (MessageKind.CANCELLED, MessageKind.COACH_CANCELLED):  # what was only held is in no calendar
        assert TEXTS[kind](example(kind, state="cancelled", held_until=STARTS_AT), SENDER).invitation is None
    # Somebody who signed up with Discord has no address, and a site without mail has none to invite from.
    booked = TEXTS[MessageKind.BOOKED]
    assert booked(example(MessageKind.BOOKED, address=None), SENDER).invitation is None
    assert booked(example(MessageKind.BOOKED), replace(SENDER, mail_address=None)).invitation is None


def test_a_time_that_the_wall_shows_twice_has_its_offset() -> None:
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    about = example(MessageKind.BOOKED, starts_at=second, ends_at=second + HOUR, opens_at=second - HOUR / 4)
    message = TEXTS[MessageKind.BOOKED](about, SENDER)
    assert message.subject.endswith("Sun 31 October, 02:30 UTC+1 Berlin")
    text = " ".join(as_text(message).split())
    assert "Sunday 31 October 2027, 02:30 UTC+1 to 03:30 (Berlin)" in text
    assert "For Alice: Sat 30 October, 21:30 to 22:30 (New York)" in text
    assert "opens 02:15 UTC+1" in text


def test_days_and_clocks_are_as_the_persons_language_has_them() -> None:
    text = text_of(MessageKind.BOOKED, language="en-US", zone="America/New_York", other_zone="Europe/Berlin")
    assert "Tuesday, March 9, 2027, 12:00 pm to 1:00 pm (New York)" in text
    assert "For Alice: Tue, March 9, 6:00 pm to 7:00 pm (Berlin)" in text
    assert short_time(STARTS_AT, "Europe/Berlin") == "Tue 9 March, 18:00 Berlin"
    for unknown in ("", "de", "en-GB", "tlh"):
        assert "18:00 to 19:00" in text_of(MessageKind.BOOKED, language=unknown)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(seconds=5), "in a minute"),
        (timedelta(minutes=15), "in 15 minutes"),
        (timedelta(minutes=59, seconds=20), "in an hour"),
        (timedelta(hours=5), "today"),
        (timedelta(hours=23, minutes=59), "tomorrow"),
        (timedelta(days=7), "in 7 days"),
    ],
)
def test_how_near_a_call_is(wait: timedelta, words: str) -> None:
    assert nearness(STARTS_AT, STARTS_AT - wait, "Europe/Berlin") == words


def test_lengths_in_words() -> None:
    words = {1: "a minute", 60: "an hour", 90: "90 minutes", 1440: "a day", 2880: "2 days", 10080: "a week"}
    assert {minutes: length(minutes) for minutes in words} == words
    assert lengths_before((60,)) == "an hour before"
    assert lengths_before((15, 1440, 60)) == "a day, an hour and 15 minutes before"


def test_a_text_about_an_account_becomes_blocks_with_its_link_as_the_button() -> None:
    verify = examples()["verify"]
    assert verify.headline == verify.subject == "Confirm your e-mail address"
    assert [block.label for block in verify.blocks if isinstance(block, Button)] == ["Confirm your address"]
    alert = from_text("Trouble", "Short.\n\nMend it here:\n\nhttps://calls.example/x\n\nTwice.\n")
    assert alert.headline == "Short."
    assert as_text(alert) == "Short.\n\nMend it here:\nhttps://calls.example/x\n\nTwice.\n"
    assert as_text(from_text("Only a link", "https://calls.example/x")).startswith(
        "Only a link\n\nOpen this page:\nhttps"
    )


def test_a_page_that_stands_alone_as_its_path_has_its_whole_address() -> None:
    text = "Short, and/or long.\n\nMend it here:\n\n/store/nova/guild\n\n“/no/page” as typed.\n"
    whole = text.replace("\n/store", "\nhttps://calls.example/store")
    assert with_addresses(text, "https://calls.example") == whole


def test_the_docs_list_every_kind_of_message() -> None:
    """Where this fails, the table is to be put there anew."""
    assert table() in DOCS.read_text(), table()


# --- Helpers


def text_of(kind: MessageKind, **differences: object) -> str:
    return as_text(TEXTS[kind](example(kind, **differences), SENDER))


def table() -> str:
    """What docs/messages.md says of the kinds."""
    lines = ["| message | to | when | turned off | in quiet hours | worth sending until |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(kind, RULES[kind]) for kind in RULES)]) + "\n"


def _row(kind: MessageKind, rules: KindRules) -> str:
    to = {Audience.STUDENT: "student", Audience.COACH: "coach"}.get(rules.audience, "whom it is about")
    off = "can be" if rules.can_be_off and rules.is_on else "is at first" if rules.can_be_off else "never"
    until = {
        **{Worth.START: "the start", Worth.END: "the end", Worth.DAY: "a day later", Worth.ALWAYS: "it has gone"},
        **{Worth.WEEK: "a week later", Worth.ANSWER: "the time runs out"},
    }
    waits = "waits" if rules.waits else "goes"
    return f"| {rules.title} (`{kind}`) | {to} | {rules.when} | {off} | {waits} | {until[rules.worth]} |"


def test_who_has_said_that_they_are_late_is_so_in_what_comes_after() -> None:
    for kind, more in ((MessageKind.REMINDER, {}), (MessageKind.ROOM_OPEN, {"room_url": "https://discord.com/x"})):
        about = example(kind, now=STARTS_AT - timedelta(minutes=10), other_late=20, **more)
        assert "Alice has said that they will be about 20 minutes late." in as_text(TEXTS[kind](about, SENDER))
    about = example(MessageKind.COACH_REMINDER, now=STARTS_AT - HOUR, other_late=5)
    assert "Bob has said that they will be about 5 minutes late." in as_text(
        TEXTS[MessageKind.COACH_REMINDER](about, SENDER)
    )


def test_extras_are_told_to_both_and_what_they_give_to_their_student() -> None:
    sold = {"extras": (("Notes\nand more", "Here: https://example.com/n"), ("A look", ""))}
    text = as_text(TEXTS[MessageKind.BOOKED](example(MessageKind.BOOKED, **sold), SENDER))
    assert "Extras: Notes and more\n" in text
    assert "A look\n" in text
    assert "Notes and more:\n> Here: https://example.com/n\n" in text
    coach_text = as_text(TEXTS[MessageKind.COACH_BOOKED](example(MessageKind.COACH_BOOKED, **sold), SENDER))
    assert "Extras: Notes and more\n" in coach_text
