"""What an admin does to somebody's account: each action is a page that says what follows, and asks why."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
class AdminAction:
    """What the page says, for whom the action is, and what its button does; that returns what is said afterwards."""

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
    whose = "You are" if steps_down(person, "demotion") else f"{person.name} is"
    return f"{whose} no admin any more."


def verify_again(person: Person, reason: str) -> str:
    address = send_verify_link_for(person, signed_in().person, reason, verify_link, clock.machine_now())
    if web.sends_mail():
        return f"The mail is on its way to {address}."
    return f"This site sends no mail. The link for {address} stands under Messages."


ADMIN_ACTIONS = {
    "suspension": AdminAction(
        "Suspend {}",
        (
            "They are signed out everywhere at once, and cannot come in by password, Discord or a link in a mail.",
            "Nothing new can be booked with them. What is booked stays until you decide about each session.",
        ),
        "Suspend the account",
        lambda person_view: person_view.person.suspended_at is None and person_view.person.id != signed_in().person.id,
        suspend,
        READ_BY_THEM,
        "danger",
    ),
    "restoration": AdminAction(
        "Restore {}",
        ("They can sign in as before, and sell as before if they did. What was cancelled stays cancelled.",),
        "Restore the account",
        lambda person_view: person_view.person.suspended_at is not None,
        restore,
    ),
    "promotion": AdminAction(
        "Make {} an admin",
        (
            "Admins see everybody’s sessions and money, suspend people, and make and unmake admins, you among them.",
            "Their sign-ins end. At the next one they are asked for a second factor.",
        ),
        "Make them an admin",
        lambda person_view: not person_view.person.is_admin and person_view.person.suspended_at is None,
        promote,
        kind="danger",
    ),
    "demotion": AdminAction(
        "Take the admin rights of {} away",
        ("From their next page on they see nothing of this any more.",),
        "Take the rights away",
        lambda person_view: person_view.person.is_admin,
        demote,
        kind="danger",
    ),
    "verification": AdminAction(
        "Send {} the mail to confirm their address again",
        ("The link in earlier mails works no more. They open the new one where they are signed in.",),
        "Send the mail",
        lambda person_view: person_view.unconfirmed_address is not None and person_view.person.suspended_at is None,
        verify_again,
        is_notified=False,
    ),
}
STEPPING_DOWN = replace(
    ADMIN_ACTIONS["demotion"],
    title="Step down as an admin",
    sentences=("From your next page on you see nothing of this any more.",),
    label="Step down",
    is_notified=False,
)
ADDRESS = f"/admin/people/<{NUMBER}:person_id>/<any({', '.join(ADMIN_ACTIONS)}):action>"


@blueprint.get(ADDRESS)
@fresh_sign_in_required
def ask_for_action(person_id: int, action: str) -> AnyResponse:
    """What follows from the action, and why it is to be. One that is not possible leads to the person."""
    person_view = get_person(person_id, web.both_clocks())
    if person_view.person.erased_at or not ADMIN_ACTIONS[action].is_possible(person_view):
        return to_person(person_id)
    return show_action(person_view, action, ReasonForm(take_saved()))


@blueprint.post(ADDRESS)
@fresh_sign_in_required
def carry_out_action(person_id: int, action: str) -> AnyResponse:
    """It is done, with its reason."""
    person_view, form = get_person(person_id, web.both_clocks()), ReasonForm()
    if not form.validate():
        return show_action(person_view, action, form, 422)
    try:
        sentence = ADMIN_ACTIONS[action].carry_out(person_view.person, form.reason.data)
    except ComeBackLater as refusal:
        return come_back(show_action(person_view, action, form, refused=refusal.sentence), refusal)
    except (Refused, ChangedMeanwhile) as refusal:
        return show_action(get_person(person_id, web.both_clocks()), action, form, 409, refusal.sentence)
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_lists"]()
    flash(sentence, "good")
    return redirect(url_for("dashboard.home"), 303) if steps_down(person_view.person, action) else to_person(person_id)


def steps_down(person: Person, action: str) -> bool:
    """True for an admin who is to be none any more by their own hand: nothing here is theirs to see then."""
    return action == "demotion" and person.id == signed_in().person.id


def to_person(person_id: int) -> AnyResponse:
    return redirect(url_for(".person", person_id=person_id), 303)


def show_action(person_view: PersonView, name: str, form: ReasonForm, status: int = 200, refused: str = "") -> Response:
    return web.render(
        "admin/action.html",
        status=status,
        person_view=person_view,
        action=STEPPING_DOWN if steps_down(person_view.person, name) else ADMIN_ACTIONS[name],
        name=name,
        form=form,
        refused=refused,
    )
