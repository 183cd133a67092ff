"""“Confirm that it is you”: asked before a change that a stolen sign-in must not be able to make."""

from flask import redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.forms import ConfirmForm
from blueprints.accounts.login import signed_in, this_visit
from blueprints.rate_limits import come_back
from blueprints.web import render, safe_next
from coaching.accounts.mutations import prove_by_password
from coaching.accounts.queries import find_discord_link
from coaching.errors import ComeBackLater, WrongCredentials


@blueprint.get("/confirm")
@login_required
def confirm() -> Response:
    """Ask for the password, or for Discord, once more."""
    return show(ConfirmForm(formdata=None))


@blueprint.post("/confirm")
@login_required
def send_confirmation() -> Response:
    """The password was right: go back to what was being changed."""
    form = ConfirmForm()
    if not form.validate():
        return show(form, 422)
    try:
        prove_by_password(signed_in().sign_in, form.password.data, clock.machine_now(), this_visit())
    except WrongCredentials:
        form.password.errors = ["This is not your password."]
        return show(form, 422)
    except ComeBackLater as error:
        form.password.errors = [error.sentence]
        return come_back(show(form), error)
    return redirect(next_address(), 303)


def show(form: ConfirmForm, status: int = 200) -> Response:
    person = signed_in().person
    return render(
        "accounts/confirm.html",
        status=status,
        form=form if person.password_hash else None,
        link=find_discord_link(person),
        next=next_address(),
    )


def next_address() -> str:
    return safe_next(request.args.get("next"), url_for("accounts.settings"))
