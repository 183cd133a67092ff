"""Pure: one message, three renderings of the same words, whatever somebody typed."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest

from coaching.messages.blocks import Block, Facts, Links, Message, Paragraph, Quote
from coaching.messages.facts import DayCall, DayMessage
from coaching.messages.rendering.discord import LONGEST, as_direct_message
from coaching.messages.rendering.foot import foot_of
from coaching.messages.rendering.html import as_html
from coaching.messages.rendering.mail import as_mail
from coaching.messages.rendering.text import WIDTH, as_text
from coaching.messages.texts.day import day_text
from coaching.messages.texts.sessions import TEXTS
from coaching.notices.kinds import MessageKind
from gateways.mail_folding import FOLDING
from scripts.message_cases import CASES, SENDER, STARTS_AT
from scripts.show_messages import example, examples
from tests.sending import text_of

OFF, CHOICES = f"{SENDER.url}/messages/off/x", SENDER.choices_url
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '"><a href="https://evil.example">here</a>',
    "</style></title></table><style>*{display:none}</style>",
    "[free Nitro](https://evil.example) <https://evil.example> ](<https://evil.example>)",
    "@everyone <@1210000000000000011> <#1> <t:0:R> :smile: ||x||",
    "**bold** `code` ```block``` # big\n# bigger\n> quote\n-# small\n1. one",
    "x\r\nBcc: victim@example.com\r\n\r\nHello",
    "x\nSubject: other\n\n-- \nhttps://evil.example",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "שלום 18:00 إلى",
    "A" * 5000,
    "a\u0301" * 300,
    "{title} {0} %s $x \\ \\n",
    "",
    " ",
)
# What people type, and nothing else is in a message of theirs.
TYPED = ("title", "coach_name", "student_name", "store_name", "name", "own_words", "pay_text", "goals")
TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2"}
TAGS |= {"table", "tr", "th", "td", "ol", "li", "a", "br"}
MARKUP = re.compile(r"(?<!\\)(?:\\\\)*(@|https?://(?!calls\.example|discord\.com)|<[@#t:]|\|\||`)")
OURS = ("https://calls.example", "https://discord.com/channels/")
pytestmark = pytest.mark.one_database


def test_all_three_say_the_same_words() -> None:
    for name, message in examples().items():
        text, page = flat(as_text(message).replace("> ", "")), flat(words_of(as_html(message, foot_of(SENDER))))
        said = [flat(line) for text in strings_in(message) for line in text.splitlines()]
        assert said
        for words in said:
            assert words in text, (name, words)
            assert words in page, (name, words)
        direct = flat(re.sub(r"\\(.)", r"\1", as_direct_message(message).text).replace("> ", ""))
        for words in (message.headline, *(text for block in message.blocks for text in short_part(block))):
            assert flat(words) in direct, (name, words)


def test_the_plain_text_is_76_columns_wide_with_its_links_in_one_piece() -> None:
    long_words = "Bring your stems, and whatever else is of use to us in this call. " * 4
    about = example(MessageKind.BOOKED, own_words=long_words, coach_name="Alice " * 12)
    for message in (*examples().values(), TEXTS[MessageKind.BOOKED](about, SENDER)):
        for line in as_text(message).splitlines():
            assert len(line) <= WIDTH or re.fullmatch(r"https?://\S+", line), line


def test_the_html_stands_by_itself() -> None:
    for name, message in examples().items():
        page = as_html(message, foot_of(SENDER, "alice@example.com", CHOICES))
        seen = Tags(page)
        assert seen.names <= TAGS, name
        assert not re.search(r"src=|url\(|@import|<link|<img|<script", page)
        assert set(seen.ways) >= {SENDER.url, CHOICES}
        assert "prefers-color-scheme: dark" in page
        assert "max-width:560px" in page
        assert len(page) < 12_000, name


def without_own_links(message: Message, text: str) -> str:
    """A direct message without the plain links in what the coach wants their students to know."""
    if not any(isinstance(block, Quote) and block.has_links for block in message.blocks):
        return text
    return re.sub(r"(?m)^(> .*)<https://[a-z.]+>", r"\1", text)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_nothing_that_somebody_typed_breaks_a_rendering(hostile: str) -> None:
    for name, message in hostile_messages(hostile):
        assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", message.subject + (message.from_name or ""))
        assert len(message.subject) < 130
        # The foot is where the last such line stands.
        assert "\n-- \n" not in as_text(message)
        page = as_html(message, foot_of(SENDER))
        seen = Tags(page)
        assert seen.names <= TAGS, name
        assert seen.attributes <= {"class", "style", "href", "scope", "lang", "dir", "charset", "name", "content"}
        assert all(way.startswith(OURS) for way in seen.ways), seen.ways
        assert page.count("<style>") == page.count("</style>") == 1
        direct = as_direct_message(message, CHOICES)
        assert len(direct.text) <= LONGEST
        assert direct.text.endswith(f"[choose here](<{CHOICES}>)")
        ways = re.findall(r"(?<!\\)\]\(<?([^)>]*)", direct.text)
        assert all(way.startswith(OURS) for way in ways), ways
        assert not MARKUP.search(without_own_links(message, direct.text))
        assert not re.search(r"^(# |1\. )", direct.text, re.MULTILINE)
        assert len(direct.button[0]) <= 80


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_nothing_that_somebody_typed_adds_a_line_to_the_head_of_a_mail(hostile: str) -> None:
    message = dict(hostile_messages(hostile, MessageKind.BOOKED))[f"{MessageKind.BOOKED}-paid-outside"]
    mail = mail_of(replace(message, reply_to="alice@example.com"), off_url=OFF)
    mail["From"] = Address(message.from_name or "", addr_spec="hello@calls.example")
    sent = message_from_bytes(mail.as_bytes(policy=FOLDING), policy=default)
    assert sent.keys() == mail.keys()
    assert (sent["To"], sent["Reply-To"]) == ("bob@example.com", "alice@example.com")
    assert sent["From"].addresses[0].addr_spec == "hello@calls.example"
    assert sent["Subject"] == message.subject
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html", "text/calendar"]


def test_a_link_of_the_coachs_can_be_tapped_on_discord_and_nobody_elses() -> None:
    link = "https://example.com/stems"
    booked = example(MessageKind.BOOKED, own_words=f"Put it at {link}.")
    own = as_direct_message(TEXTS[MessageKind.BOOKED](booked, SENDER))
    assert f"> Put it at <{link}>." in own.text
    reason = {"end_reason": f"See {link}.", "state": "cancelled", "ended_by": "coach"}
    others = as_direct_message(TEXTS[MessageKind.CANCELLED](example(MessageKind.CANCELLED, **reason), SENDER))
    assert "example.com/stems" in others.text
    assert link not in others.text


def test_a_mail_is_plain_text_first_then_html_then_the_invitation() -> None:
    mail = mail_of(examples()["booked"])
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert mail.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    calendar = list(mail.iter_parts())[-1]
    assert (calendar.get_param("method"), calendar.get_param("charset")) == ("REQUEST", "utf-8")
    assert [part.get_content_type() for part in mail_of(examples()["verify"]).iter_parts()] == kinds[:2]


def test_a_mail_says_how_to_turn_its_kind_off_where_a_mail_program_may_do_it_with_one_click() -> None:
    reminder = examples()["reminder"]
    mail = mail_of(reminder, off_url=OFF, choices_url=CHOICES)
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (f"<{OFF}>", "List-Unsubscribe=One-Click")
    assert f"\nWhich messages you get: {CHOICES}\n" in text_of(mail)
    assert mail_of(reminder)["List-Unsubscribe"] is None
    in_the_clear = replace(SENDER, url="http://calls.example")
    assert mail_of(reminder, in_the_clear, off_url=OFF)["List-Unsubscribe"] is None


def test_an_answer_goes_to_the_other_side_where_they_allow_it() -> None:
    message = replace(examples()["booked"], reply_to="alice@example.com")
    mail = mail_of(message)
    assert mail["Reply-To"] == "alice@example.com"
    assert "-- \nAn answer to this mail goes to alice@example.com.\n" in text_of(mail)
    assert mail_of(examples()["booked"])["Reply-To"] is None
    # A mail server that knows no letters but ASCII in addresses would not take the mail.
    assert mail_of(replace(message, reply_to="jörg@example.com"))["Reply-To"] is None


def test_a_direct_message_that_is_too_long_leaves_whole_parts_to_the_page() -> None:
    parts: list[Block] = [Paragraph("word " * 50), Quote("Alice", "**x**\n" * 9), Links((("Page", SENDER.url),))]
    direct = as_direct_message(Message("x", "Headline", tuple(parts * 9)), CHOICES)
    assert len(direct.text) <= LONGEST
    assert direct.text.endswith(f"[choose here](<{CHOICES}>)")
    assert direct.text.count("[Page](<") == direct.text.count(">)") - 1


def test_times_and_words_stay_as_they_are_in_a_direct_message() -> None:
    """A telephone shows the bare text of a message on its locked screen."""
    text = as_direct_message(examples()["booked"]).text
    assert "\\" not in text
    assert "Room: opens 17:45, closes 19:15 (Berlin)" in text


# --- Helpers


class Tags(HTMLParser):
    """Which elements, attributes and addresses a page has, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.ways: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ways += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words_of(page: str) -> str:
    return " ".join(Tags(page).words)


def flat(text: str) -> str:
    return " ".join(text.split())


def mail_of(message: Message, sender: Any = SENDER, **more: Any) -> EmailMessage:
    return as_mail(message, sender, key="x", recipient="bob@example.com", at=STARTS_AT, **more)


def hostile_messages(text: str, *kinds: MessageKind) -> Iterator[tuple[str, Message]]:
    typed: dict[str, Any] = dict.fromkeys(TYPED, text) | {"answers": ((text, text),)}
    for kind in kinds or CASES:
        for name, differences in CASES[kind].items():
            about = example(kind, **{**typed, **differences, **{key: text for key in TYPED if key in differences}})
            yield f"{kind}{name}", TEXTS[kind](about, SENDER)
    calls = (DayCall("gw56pb", 0, text, text, STARTS_AT, STARTS_AT, True),) * 12
    day = day_text(DayMessage("Europe/Berlin", STARTS_AT, calls), SENDER)
    if day:
        yield MessageKind.COACH_DAY, day


def short_part(block: Any) -> Iterator[str]:
    """What stands in a direct message, too."""
    match block:
        case Paragraph(text):
            yield from text.splitlines()
        case Facts(rows):
            yield from (f"{label}: {value}" for label, value in rows)


def strings_in(message: Message) -> Iterator[str]:
    """Every text of a message that somebody reads, in order."""
    yield message.headline
    for block in message.blocks:
        yield from _strings(block)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value and not re.match("https?://", value):
            yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from _strings(entry)
    elif is_dataclass(value):
        names = [field.name for field in fields(value)]
        # A title stands before its lines.
        names.sort(key=lambda name: name != "title")
        for name in names:
            yield from _strings(getattr(value, name))
