"""`flask mail`: does mail leave this site?"""

import click
from flask import current_app

import clock
from coaching.accounts.addresses import find_address
from coaching.messages.actions import send_test_mail as send_test
from commands.group import Group

group = Group("mail", help="Try the mail server.")


@group.command("test")
@click.argument("address")
def send_test_mail(address: str) -> None:
    """Send a test mail to ADDRESS at once, and say what the mail server said."""
    recipient = find_address(address)
    if recipient is None:
        raise click.BadParameter(f"{address!r} is not an e-mail address.", param_hint="ADDRESS")
    problem = send_test(
        current_app.extensions["mailer"], recipient.text, current_app.extensions["settings"].sender, clock.machine_now()
    )
    if problem:
        raise click.ClickException(f"Nothing was sent: {problem}.")
    click.echo(f"The mail server took a test mail for {recipient.text}.")
