"""“Confirm that it is you”: asked before a change that a stolen sign-in must not be able to make."""

from flask import redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import ConfirmForm
from blueprints.accounts.login import stale_verifications, this_visit
from blueprints.rate_limits import come_back
from blueprints.signed_in import signed_in
from blueprints.web import render, safe_next
from coaching.accounts.factor_mutations import confirm_by_code
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.mutations import verify_by_password
from coaching.accounts.queries import find_discord_link
from coaching.errors import CodeRefused, ComeBackLater, WrongCredentials


@blueprint.get("/confirm")
@login_required
def confirm() -> Response:
    """Ask for the password, or for Discord, once more, and for a code of whoever has a second factor."""
    return show(ConfirmForm(formdata=None))


@blueprint.post("/confirm")
@login_required
def send_confirmation() -> Response:
    """All of it was right: go back to what was being changed."""
    here, form, now = signed_in(), ConfirmForm(), clock.machine_now()
    only_needed(form)
    if not form.validate():
        return show(form, 422)
    try:
        if "password" in form:
            verify_by_password(here.sign_in, form.password.data, now, this_visit())
        # Not before: a code counts once, and would be spent on a wrong password.
        if "factor_code" in form:
            confirm_by_code(here.sign_in, here.token, form.typed, now, this_visit())
    except WrongCredentials:
        form.password.errors = ["This is not your password."]
        return show(form, 422)
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show(form), error)
    except CodeRefused as refusal:
        form.used.errors = [refusal.sentence]
        return show(form, 422)
    if any(stale_verifications()):
        return redirect(url_for("accounts.confirm", next=next_address()), 303)
    return redirect(next_address(), 303)


def show(form: ConfirmForm, status: int = 200) -> Response:
    person = signed_in().person
    asks_first, _ = only_needed(form)
    return render(
        "accounts/confirm.html",
        status=status,
        form=form if "password" in form or "factor_code" in form else None,
        link=find_discord_link(person) if asks_first else None,
        next=next_address(),
    )


def only_needed(form: ConfirmForm) -> tuple[bool, bool]:
    """The form without what need not be given; whether the first factor, and whether the second is asked for.

    Who comes here without need is asked for all of it.
    """
    person, stale = signed_in().person, stale_verifications()
    asks_first, asks_second = stale if any(stale) else (True, has_factor(person))
    if not (asks_first and person.password_hash) and "password" in form:
        del form.password
    if not asks_second and "factor_code" in form:
        del form.factor_code, form.recovery_code
    return asks_first, asks_second


def next_address() -> str:
    return safe_next(request.args.get("next"), url_for("accounts.settings"))
