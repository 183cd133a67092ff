"""What tests of messages share: the site that sends, one turn of the sending task, and the text of a mail."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from coaching.host import Host
from coaching.mailer import Mailer
from coaching.messages.actions import Outlets, send_due
from coaching.messages.sender import Sender
from coaching.now import Now
from tests.clocks import at
from tests.fakes import FakeHost

SITE = "http://localhost:8000"
SENDER = Sender(name="Greenroom", url=SITE, discord_url="https://discord.com", link_keys=(b"k" * 32,), sends_mail=True)


def deliver_due(
    mailer: Mailer | None,
    now: datetime | Now,
    sender: Sender = SENDER,
    host: Host | None = None,
) -> int:
    """One turn of the sending task, by both clocks alike where one instant is given; how many messages went."""
    sender = replace(sender, sends_mail=mailer is not None)
    return send_due(Outlets(mailer, host or FakeHost()), sender, now if isinstance(now, Now) else at(now))


def text_of(mail: EmailMessage) -> str:
    """The plain words of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


@contextmanager
def mail_server(handler: object, **options: Any) -> Iterator[int]:
    """The port of a real mail server that does with each mail what aiosmtpd's handler does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield port
    controller.stop()
