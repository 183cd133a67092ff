"""The outbox: exactly one mail a key, whatever goes wrong on the way."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from coaching import vault
from coaching.errors import Refused
from coaching.mailer import MailNotSent, MailUnsure
from coaching.messages.actions import send_test_mail
from coaching.notices.hand_mutations import KEPT_FOR_A_HAND, send_again
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import CLAIM, MOST_ATTEMPTS, claim_next, enqueue, owe, record_sent
from coaching.now import now_at
from tests import factories
from tests.fakes import FakeMailer, Killed
from tests.sending import SENDER, deliver_due, text_of

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@dataclass
class FaultyMailer(FakeMailer):
    """A mail server that fails the first mails in the given ways."""

    faults: list[BaseException] = field(default_factory=list)

    def send(self, message: EmailMessage, from_name: str | None = None) -> None:
        if self.faults:
            raise self.faults.pop(0)
        super().send(message, from_name)


def write(key: str = "verify:1", recipient: str = "bob@example.com", **more: Any) -> bool:
    return enqueue(key, "verify", recipient, "Confirm your address", "https://example.com/secret", NOW, **more)


def state() -> str:
    return str(Notice.get().state)


def test_a_notice_is_sent_once_and_its_text_forgotten() -> None:
    mailer = FakeMailer()
    write()
    assert deliver_due(mailer, NOW) == 1
    assert deliver_due(mailer, NOW + MINUTE) == 0
    [mail] = mailer.sent
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "Confirm your address")
    assert "secret" in text_of(mail)
    notice = Notice.get()
    assert (notice.state, notice.body, notice.sent_at) == ("sent", "", NOW)


def test_every_mail_says_at_its_foot_which_site_it_comes_from() -> None:
    mailer = FakeMailer()
    write("verify:1")
    site = replace(SENDER, name="Nova Müsik", url="https://nova.example", imprint_url="https://nova.example/imprint")
    deliver_due(mailer, NOW, sender=site)
    text = text_of(mailer.sent[0])
    assert text.endswith("secret\n\n-- \nNova Müsik\nhttps://nova.example\nImprint: https://nova.example/imprint\n")
    assert "Privacy" not in text


def test_one_key_is_one_notice() -> None:
    mailer = FakeMailer()
    assert write()
    assert not write()
    deliver_due(mailer, NOW)
    assert not write()
    deliver_due(mailer, NOW)
    assert len(mailer.sent) == 1


def test_without_a_mailer_notices_wait_and_can_be_read() -> None:
    write()
    assert deliver_due(None, NOW) == 0
    assert (state(), Notice.get().body) == ("waiting", "https://example.com/secret")


def test_a_refused_connection_is_tried_again_with_growing_pauses() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("refused") for _ in range(3)])
    write()
    tried_at, now = [], NOW
    while state() != "sent":
        before = Notice.get().attempts
        deliver_due(mailer, now)
        if Notice.get().attempts > before:
            tried_at.append(now - NOW)
        now += timedelta(seconds=30)
    assert tried_at == [timedelta(0), 1 * MINUTE, 3 * MINUTE, 7 * MINUTE]
    assert len(mailer.sent) == 1


def test_a_lost_connection_leaves_it_unsure_and_it_is_not_sent_again() -> None:
    mailer = FaultyMailer(faults=[MailUnsure("lost after DATA")])
    write()
    deliver_due(mailer, NOW)
    deliver_due(mailer, NOW + timedelta(days=1))
    assert (state(), mailer.sent) == ("unsure", [])


@pytest.mark.parametrize(
    ("fault", "left_as"),
    [(MailUnsure("lost after DATA"), "unsure"), (MailNotSent("550", is_permanent=True), "failed")],
)
def test_what_has_not_surely_gone_is_sent_again_by_hand(fault: Exception, left_as: str) -> None:
    mailer = FaultyMailer(faults=[fault])
    write()
    deliver_due(mailer, NOW)
    assert state() == left_as

    send_again(Notice.get().id, NOW + MINUTE)
    assert deliver_due(mailer, NOW + MINUTE) == 1

    assert "https://example.com/secret" in text_of(mailer.sent[0])
    with pytest.raises(Refused):
        send_again(Notice.get().id, NOW + 2 * MINUTE)
    assert len(mailer.sent) == 1


def test_the_text_of_what_nobody_sends_again_is_forgotten() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("550", is_permanent=True)])
    write()
    deliver_due(mailer, NOW)
    deliver_due(mailer, NOW + KEPT_FOR_A_HAND - MINUTE)
    assert Notice.get().body

    deliver_due(mailer, NOW + KEPT_FOR_A_HAND)

    assert Notice.get().body == ""
    with pytest.raises(Refused):
        send_again(Notice.get().id, NOW + KEPT_FOR_A_HAND)


def test_a_link_that_is_dead_is_not_sent_again_either() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("550", is_permanent=True)])
    write(ends_at=NOW + 30 * MINUTE)
    deliver_due(mailer, NOW)
    with pytest.raises(Refused):
        send_again(Notice.get().id, NOW + 30 * MINUTE)


def test_a_server_that_lets_nobody_in_is_asked_once_for_all_that_waits() -> None:
    """With a wrong password every try is a failed log-in, and a mail server locks the account after a few."""
    locked_out = [MailNotSent("wrong password", concerns_all=True) for _ in range(3)]
    mailer = FaultyMailer(faults=list(locked_out))
    write("verify:1")
    write("verify:2", "eve@example.com")

    for minute in range(7):  # tried at 0, 1 and 3
        deliver_due(mailer, NOW + minute * MINUTE)
        assert {notice.last_error for notice in Notice.select()} == {"wrong password"}
    assert mailer.faults == []
    assert deliver_due(mailer, NOW + 7 * MINUTE) == 2


def test_a_test_mail_says_what_stands_in_the_way() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("wrong password", concerns_all=True)])
    assert send_test_mail(None, "bob@example.com", SENDER, NOW) == "no mail server is set (MAIL_URL)"
    assert send_test_mail(mailer, "bob@example.com", SENDER, NOW) == "wrong password"
    assert send_test_mail(mailer, "no address", SENDER, NOW) == "no mail can carry this address"
    assert send_test_mail(mailer, "bob@example.com", SENDER, NOW) is None
    assert SENDER.url in text_of(mailer.sent[0])


def test_a_permanent_refusal_is_given_up_at_once() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("550", is_permanent=True)])
    write()
    deliver_due(mailer, NOW)
    assert deliver_due(mailer, NOW + timedelta(days=1)) == 0
    assert state() == "failed"


def test_after_many_tries_it_is_given_up() -> None:
    mailer = FaultyMailer(faults=[MailNotSent("refused") for _ in range(100)])
    write()
    for hour in range(0, 24 * 7, 4):
        deliver_due(mailer, NOW + timedelta(hours=hour))
    assert (state(), Notice.get().attempts) == ("failed", MOST_ATTEMPTS)


def test_a_worker_killed_while_sending_leaves_it_unsure_and_no_second_mail() -> None:
    mailer = FaultyMailer(faults=[Killed()])
    write()
    with pytest.raises(Killed):
        deliver_due(mailer, NOW)
    assert state() == "sending"
    assert deliver_due(mailer, NOW + MINUTE) == 0
    assert deliver_due(mailer, NOW + CLAIM) == 0
    assert (state(), mailer.sent) == ("unsure", [])


def test_a_worker_that_comes_back_late_does_not_overwrite_what_was_decided() -> None:
    write()
    late = claim_next(NOW, list(Channel))
    assert late is not None
    deliver_due(FakeMailer(), NOW + CLAIM)
    record_sent(late, now_at(NOW + CLAIM, timedelta()))
    assert state() == "unsure"


def test_two_workers_never_have_the_same_notice() -> None:
    write("verify:1")
    write("verify:2", "eve@example.com")
    first, second = claim_next(NOW, list(Channel)), claim_next(NOW, list(Channel))
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert claim_next(NOW, list(Channel)) is None


def test_a_link_that_is_dead_is_not_sent_any_more() -> None:
    mailer = FakeMailer()
    write(ends_at=NOW + 30 * MINUTE)
    assert deliver_due(mailer, NOW + 30 * MINUTE) == 0
    assert (state(), Notice.get().body) == ("expired", "")


def test_one_broken_notice_does_not_stop_the_others() -> None:
    mailer = FakeMailer()
    Notice.create(
        key="x", kind="verify", channel="mail", recipient="no address", subject="x", body="x", made_at=NOW, due_at=NOW
    )
    write()
    assert deliver_due(mailer, NOW) == 1
    assert sorted(notice.state for notice in Notice.select()) == ["failed", "sent"]


def test_a_notice_whose_key_is_missing_waits_for_it() -> None:
    mailer = FakeMailer()
    vault.keys.use([b"o" * 32])
    write()
    vault.keys.use([b"n" * 32])

    assert deliver_due(mailer, NOW) == 0
    assert (state(), mailer.sent) == ("waiting", [])
    assert "key" in Notice.get().last_error

    vault.keys.use([b"n" * 32, b"o" * 32])
    assert deliver_due(mailer, NOW + 5 * MINUTE) == 1
    assert "https://example.com/secret" in text_of(mailer.sent[0])


def test_a_message_whose_words_cannot_be_made_keeps_no_other_from_going() -> None:
    session = factories.make_coaching_session(starts_at=NOW + timedelta(days=1))
    coach_id, mailer = session.coach_id, FakeMailer()
    owe(MessageKind.COACH_BOOKED, "broken", coach_id, NOW, session_id=session.id, fields={"x": 1})
    Notice.update(fields="no JSON at all").where(Notice.key == "broken").execute()
    owe(MessageKind.COACH_BOOKED, "sound", coach_id, NOW, session_id=session.id)

    deliver_due(mailer, NOW)

    assert {notice.key: notice.state for notice in Notice.select()} == {"broken": "failed", "sound": "sent"}
