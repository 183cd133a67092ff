"""What an admin does to somebody's account: each act is a page that says what follows, and asks why."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.login import fresh_sign_in_required
from blueprints.accounts.own_links import verify_link
from blueprints.admin.blueprint import NUMBER, blueprint
from blueprints.admin.reasons import LOGGED, ReasonForm
from blueprints.rate_limits import come_back
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.accounts.admin_mutations import end_admin, give_admin
from coaching.accounts.mail_link_mutations import send_verify_link_for
from coaching.accounts.models import Person
from coaching.errors import ChangedMeanwhile, ComeBackLater, Refused
from coaching.people.queries import PersonView, get_person
from coaching.people.suspension_mutations import restore_person, suspend_person

READ_BY_THEM = "They read it where they try to sign in. It stands in the security log, too."


@dataclass(frozen=True)
class Act:
    """What the page says, for whom the act is, and what its button does; that returns what is said afterwards."""

    title: str
    sentences: tuple[str, ...]
    label: str
    is_possible: Callable[[PersonView], bool]
    carry_out: Callable[[Person, str], str]
    hint: str = LOGGED
    kind: str = "primary"
    is_notified: bool = True  # by a mail


def suspend(person: Person, reason: str) -> str:
    ended = suspend_person(person, signed_in().person, reason, clock.machine_now())
    browsers = {0: "They were signed in nowhere", 1: "One sign-in has ended"}.get(ended, f"{ended} sign-ins have ended")
    return f"{person.name} is suspended. {browsers}."


def restore(person: Person, reason: str) -> str:
    restore_person(person, signed_in().person, reason, clock.machine_now())
    return f"{person.name} can sign in again."


def promote(person: Person, reason: str) -> str:
    give_admin(person, signed_in().person, reason, clock.machine_now())
    return f"{person.name} is an admin from their next sign-in on."


def demote(person: Person, reason: str) -> str:
    end_admin(person, signed_in().person, reason, clock.machine_now())
    return f"{person.name} is no admin any more."


def verify_again(person: Person, reason: str) -> str:
    address = send_verify_link_for(person, signed_in().person, reason, verify_link, clock.machine_now())
    if web.sends_mail():
        return f"The mail is on its way to {address}."
    return f"This site sends no mail. The link for {address} stands under Messages."


ACTS = {
    "suspension": Act(
        "Suspend {}",
        (
            "They are signed out everywhere at once, and cannot come in by password, Discord or a link in a mail.",
            "Nothing new can be booked with them. What is booked stays until you decide about each session.",
        ),
        "Suspend the account",
        lambda found: found.person.suspended_at is None and found.person.id != signed_in().person.id,
        suspend,
        READ_BY_THEM,
        "danger",
    ),
    "restoration": Act(
        "Restore {}",
        ("They can sign in as before, and sell as before if they did. What was cancelled stays cancelled.",),
        "Restore the account",
        lambda found: found.person.suspended_at is not None,
        restore,
    ),
    "promotion": Act(
        "Make {} an admin",
        (
            "Admins see everybody’s sessions and money, suspend people, and make and unmake admins, you among them.",
            "Their sign-ins end. At the next one they are asked for a second factor.",
        ),
        "Make them an admin",
        lambda found: not found.person.is_admin and found.person.suspended_at is None,
        promote,
        kind="danger",
    ),
    "demotion": Act(
        "Take the admin rights of {} away",
        ("From their next page on they see nothing of this any more.",),
        "Take the rights away",
        lambda found: found.person.is_admin,
        demote,
        kind="danger",
    ),
    "verification": Act(
        "Send {} the mail to confirm their address again",
        ("The link in earlier mails works no more. They open the new one where they are signed in.",),
        "Send the mail",
        lambda found: found.unconfirmed_address is not None and found.person.suspended_at is None,
        verify_again,
        is_notified=False,
    ),
}
ADDRESS = f"/admin/people/<{NUMBER}:person_id>/<any({', '.join(ACTS)}):act>"


@blueprint.get(ADDRESS)
@fresh_sign_in_required
def ask_for_act(person_id: int, act: str) -> AnyResponse:
    """What follows from the act, and why it is to be. One that is not possible leads to the person."""
    found = get_person(person_id, web.both_clocks())
    if found.person.erased_at or not ACTS[act].is_possible(found):
        return to_person(person_id)
    return show_act(found, act, ReasonForm(take_saved()))


@blueprint.post(ADDRESS)
@fresh_sign_in_required
def carry_out_act(person_id: int, act: str) -> AnyResponse:
    """It is done, with its reason."""
    found, form = get_person(person_id, web.both_clocks()), ReasonForm()
    if not form.validate():
        return show_act(found, act, form, 422)
    try:
        sentence = ACTS[act].carry_out(found.person, form.reason.data)
    except ComeBackLater as refusal:
        return come_back(show_act(found, act, form, refused=refusal.sentence), refusal)
    except (Refused, ChangedMeanwhile) as refusal:
        return show_act(get_person(person_id, web.both_clocks()), act, form, 409, refusal.sentence)
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_lists"]()
    flash(sentence, "good")
    return redirect(url_for("dashboard.home"), 303) if has_left(found.person, act) else to_person(person_id)


def has_left(person: Person, act: str) -> bool:
    """True for an admin who is none any more by their own hand: nothing here is theirs to see."""
    return act == "demotion" and person.id == signed_in().person.id


def to_person(person_id: int) -> AnyResponse:
    return redirect(url_for(".person", person_id=person_id), 303)


def show_act(person_view: PersonView, name: str, form: ReasonForm, status: int = 200, refused: str = "") -> Response:
    return web.render(
        "admin/act.html", status=status, found=person_view, act=ACTS[name], name=name, form=form, refused=refused
    )
