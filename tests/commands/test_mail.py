"""`flask mail`."""

from flask import Flask

from coaching.mailer import MailNotSent
from tests.fakes import FakeMailer


class LockedOut(FakeMailer):
    def send(self, message: object, from_name: str | None = None) -> None:
        raise MailNotSent("the password is wrong", concerns_all=True)


def test_a_test_mail_goes_at_once(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["mail", "test", "Bob@Example.com"])

    assert (result.exit_code, result.output) == (0, "The mail server took a test mail for Bob@example.com.\n")
    assert len(app.extensions["mailer"].sent) == 1


def test_what_stands_in_the_way_is_said(app: Flask) -> None:
    app.extensions["mailer"] = LockedOut()
    result = app.test_cli_runner().invoke(args=["mail", "test", "bob@example.com"])
    assert result.exit_code == 1
    assert "Nothing was sent: the password is wrong." in result.output

    result = app.test_cli_runner().invoke(args=["mail", "test", "bob"])
    assert result.exit_code == 2
    assert "is not an e-mail address" in result.output
