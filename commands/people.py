"""`flask people`: the first admin, a password link where no mail is sent, and the end of sign-ins."""

import click

import clock
from coaching.accounts.events import note
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.mutations import make_admin as make_person_admin
from coaching.accounts.mutations import sign_out_everybody, sign_out_everywhere
from coaching.accounts.queries import find_person
from commands.addresses import address_of
from commands.group import Group

group = Group("people", help="Make admins, and help people in.")


@group.command()
@click.argument("email")
def make_admin(email: str) -> None:
    """Make the person with this address an admin."""
    person = make_person_admin(email, clock.machine_now())
    click.echo(f"{person.name} is an admin now. Sign-ins of admins end after 12 hours.")
    if person.email_verified_at is None:
        click.echo("Nobody has confirmed this address yet: make sure that it was you who signed up with it.", err=True)


@group.command()
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link by which the person with this address can choose a new password."""
    person = find_person(email)
    if person is None:
        raise click.ClickException(f"Nobody here has the address {email}.")
    token = make_reset_link(person, clock.machine_now())
    note("reset link made by hand", clock.machine_now(), person)
    click.echo(address_of("accounts.reset", token=token))
    click.echo("It works once, and for 30 minutes. Whoever has it can take over the account.", err=True)


@group.command()
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="Everybody, as after a restored backup.")
def sign_out(email: str | None, everybody: bool) -> None:
    """End every sign-in of the person with this address, or of everybody."""
    if bool(email) == everybody:
        raise click.UsageError("Name an address, or --everybody.")
    now = clock.machine_now()
    ended = sign_out_everywhere(email, now) if email else sign_out_everybody(now)
    click.echo(f"{ended} {'sign-in has' if ended == 1 else 'sign-ins have'} ended.")
