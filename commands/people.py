"""`flask people`: the first admin, a password link where no mail is sent, and what helps who cannot get in."""

from pathlib import Path

import click
from flask import current_app

import clock
from coaching.accounts.event_mutations import note
from coaching.accounts.factor_mutations import reset_factor
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import Person
from coaching.accounts.mutations import make_admin as make_person_admin
from coaching.accounts.mutations import sign_out_everybody, sign_out_everywhere
from coaching.accounts.queries import find_discord_link, find_person, find_person_by_id
from coaching.errors import AccountSuspended, Unverified
from coaching.own_data.archive_actions import write_archive_for_owner
from coaching.own_data.deletion_mutations import delete_account
from coaching.own_data.deletion_queries import what_goes
from coaching.own_data.farewell import WORD, Hindrance
from coaching.people.suspension_mutations import restore_by_command
from commands.addresses import address_of
from commands.group import Group

group = Group("people", help="Make admins, and help people in.")

WHERE = "at an address that they have confirmed"
WHERE_DISCORD = "in a direct message to their Discord account"
IF_YOURS = (
    "If you are sure that it is yours, and not somebody else's who signed up with it, run it again with --unverified."
)
IN_THE_WAY = {
    Hindrance.LAST_ADMIN: "They are the only admin of this site: make somebody else one first.",
    Hindrance.IN_A_CALL: "A call of theirs is going on: wait until it is over.",
    Hindrance.OWES_BY_HAND: "Students have paid them directly for calls that are to come, or wait for money back that "
    "only they can send. Have them cancel those calls, send the money and tick it first.",
}
NO_MAIL = "This site sends no mail (MAIL_URL is not set), so nobody can confirm an address, and no warning is mailed."


@group.command()
@click.argument("email")
@click.option("--unverified", is_flag=True, help="Even if nobody has confirmed the address.")
def make_admin(email: str, unverified: bool) -> None:
    """Make the person with this address an admin.

    Ends their sign-ins. At the next one they set up a second factor, if they have none.
    """
    sends_mail = current_app.extensions["settings"].mail_url is not None
    if person := find_person(email):
        for line in whose_account(person):
            click.echo(line)
    if not sends_mail:
        click.echo(NO_MAIL, err=True)
    try:
        person, ended = make_person_admin(email, clock.machine_now(), may_be_unverified=unverified)
    except Unverified as refusal:
        confirm = "Open the link that was mailed to it, or ask for a new one in the settings. " if sends_mail else ""
        raise click.ClickException(f"{refusal.sentence} {confirm}{IF_YOURS}") from None
    except AccountSuspended:
        raise click.ClickException(f"This account is suspended. First: flask people restore {email}") from None
    if ended is None:
        click.echo(f"{person.name} is an admin already. Nothing was changed.")
        return
    click.echo(f"{person.name} is an admin now. {ended_message(ended)} Sign-ins of admins end after 12 hours.")
    if not current_app.extensions["settings"].demo:
        click.echo("Signing in as an admin takes a second factor: the site asks to set it up at the next sign-in.")


@group.command()
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the second factor off the person with this address, who has lost phone and recovery codes."""
    person, had_one, ended = reset_factor(email, clock.machine_now())
    for line in whose_account(person):
        click.echo(line)
    if not had_one:
        click.echo(f"{person.name} has no second factor. Nothing was changed.")
        return
    current_app.extensions["wake_notices"]()
    click.echo(f"The second factor of {person.name} is gone, with its recovery codes. {ended_message(ended)}")
    if person.is_admin:
        click.echo("As an admin they set a new one up at the next sign-in.")
    is_notified = current_app.extensions["settings"].mail_url is not None and person.email_verified_at is not None
    click.echo(f"A mail tells {person.email}." if is_notified else "No mail tells them: do it yourself.")


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
@click.argument("who", required=False)
@click.option("--everybody", is_flag=True, help="Everybody, as after a restored backup.")
def sign_out(who: str | None, everybody: bool) -> None:
    """End every sign-in of WHO, an address or a number under Operation, People; or of everybody."""
    if bool(who) == everybody:
        raise click.UsageError("Name an address or a number, or --everybody.")
    now = clock.machine_now()
    ended = sign_out_everywhere(get_person(who), now) if who else sign_out_everybody(now)
    click.echo(ended_message(ended))


@group.command()
@click.argument("who")
def restore(who: str) -> None:
    """Let WHO, an address or a number under Operation, People, in again: an admin has suspended them."""
    person = get_person(who)
    if not restore_by_command(person, clock.machine_now()):
        click.echo(f"{person.name} is not suspended. Nothing was changed.")
        return
    current_app.extensions["wake_notices"]()
    click.echo(f"{person.name} can sign in again.")


@group.command()
@click.argument("who")
@click.argument("path", type=click.Path(path_type=Path))
def export(who: str, path: Path) -> None:
    """Write all that is kept about WHO, an address or a number under Operation, People, into a new zip file.

    It is what they could download in their settings, for somebody who is let in nowhere. Only your user can read it.
    """
    person = get_person(who)
    for line in whose_account(person):
        click.echo(line)
    try:
        write_archive_for_owner(path, person, current_app.extensions["settings"].site_name, clock.machine_now())
    except OSError as problem:
        raise click.ClickException(f"{path} could not be written: {problem.strerror}.") from None
    note("data exported from the command line", clock.machine_now(), person)
    click.echo(f"{path} holds it. Hand it to nobody but them: {WHERE if person.email else WHERE_DISCORD}.")


@group.command()
@click.argument("who")
def delete(who: str) -> None:
    """Delete the account of WHO, an address or a number under Operation, People.

    It is for somebody who asks for it and cannot do it themselves. Sessions to come are cancelled, and nobody can
    undo it.
    """
    person = get_person(who)
    for line in whose_account(person):
        click.echo(line)
    going = what_goes(person, clock.now())
    if going.obstacles:
        raise click.ClickException(" ".join(dict.fromkeys(IN_THE_WAY[obstacle.kind] for obstacle in going.obstacles)))
    click.echo(f"Sessions that would be cancelled: {len(going.coming)}. Stores that would close: {len(going.stores)}.")
    if click.prompt("Nobody can undo this. To go on type the word delete", default="", show_default=False) != WORD:
        raise click.ClickException("Nothing was deleted.")
    sends_mail = current_app.extensions["settings"].mail_url is not None
    event = "account deleted from the command line"
    delete_account(person, going.mark, clock.both(), sends_mail=sends_mail, event=event)
    for wake in ("wake_payments", "wake_rooms", "wake_notices"):
        current_app.extensions[wake]()
    if person.suspended_at:
        click.echo("They stay suspended: an account with their confirmed address or Discord account is so at once.")
    click.echo(
        "The account is deleted. It stands on the list beside the backups within a minute, while Greenroom runs."
    )


def get_person(who: str) -> Person:
    """Whoever has this address or number: who came by Discord has no address."""
    digits = who.removeprefix("#")
    is_number = digits.isascii() and digits.isdigit()
    person = find_person_by_id(int(digits)) if is_number and len(digits) < 10 else find_person(who)
    if person is None:
        raise click.ClickException(f"Nobody here has the {'number' if is_number else 'address'} {who}.")
    if person.erased_at:
        raise click.ClickException(f"The account with the number {who} was deleted.")
    return person


def whose_account(person: Person) -> list[str]:
    """What tells one account from another: name, address, and Discord account."""
    link = find_discord_link(person)
    confirmed = f"confirmed {person.email_verified_at:%Y-%m-%d}" if person.email_verified_at else "not confirmed"
    return [
        f"Name     {person.name}, here since {person.created_at:%Y-%m-%d}",
        f"Address  {f'{person.email}, {confirmed}' if person.email else 'none'}",
        f"Discord  {link.username if link else 'not connected'}",
    ]


def ended_message(ended: int) -> str:
    """How many sign-ins have ended."""
    return f"{ended} {'sign-in has' if ended == 1 else 'sign-ins have'} ended."
