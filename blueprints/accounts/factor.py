"""One's own second factor: set up, another app in its place, new recovery codes, turned off."""

from flask import current_app, flash, make_response, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.factor_pages import show_it_is_set_up, show_recovery_codes, show_set_up
from blueprints.accounts.forms import NewFactorForm
from blueprints.accounts.login import admins_need_factor, fresh_sign_in_required, this_visit
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.accounts import factor_mutations as mutations
from coaching.accounts.factor_queries import are_own_codes, find_factor, find_new_secret, recovery_codes_left
from coaching.accounts.one_time_codes import HOW_MANY_CODES, plain_code
from coaching.errors import ChangedMeanwhile, CodeRefused, Refused


@blueprint.get("/settings/second-factor")
@login_required
def factor() -> Response:
    """How things stand, and what can be done; or the picture, while an app is being set up in this browser."""
    return show(NewFactorForm(formdata=None))


@blueprint.post("/settings/second-factor/key")
@fresh_sign_in_required
def show_key() -> Response:
    """Show a secret to set an app up with. What there is goes on counting until a code of the new app was given."""
    here = signed_in()
    if find_factor(here.person) is None and here.person.email_verified_at is None and not here.person.is_admin:
        # Its emails are the only warning, and whoever runs the site helps by address.
        flash("Confirm an e-mail address first: that is where we write when something happens to it.", "warn")
        return redirect(url_for("accounts.settings") + "#address", 303)
    mutations.show_new_secret(here.sign_in, here.token, clock.machine_now())
    return redirect(url_for("accounts.factor"), 303)


@blueprint.post("/settings/second-factor/key/dismissal")
@login_required
def leave_factor() -> Response:
    """Nothing is set up; what there was stays."""
    mutations.drop_new_secret(signed_in().token)
    return redirect(url_for("accounts.factor"), 303)


@blueprint.post("/settings/second-factor")
@login_required
def set_up_factor() -> Response:
    """The code fits the picture: from now on it is asked for. The recovery codes are shown, once."""
    here, form = signed_in(), NewFactorForm()
    if not form.validate():
        return show(form, 422)
    try:
        codes = mutations.set_up_factor(
            here.person, here.token, form.factor_code.data, clock.machine_now(), this_visit()
        )
    except CodeRefused as refusal:
        form.factor_code.errors = [refusal.sentence]
        return show(form, 422)
    except ChangedMeanwhile:
        if find_factor(here.person):
            return show_it_is_set_up()
        flash("The picture had run out. Begin once more.", "warn")
        return redirect(url_for("accounts.factor"), 303)
    current_app.extensions["wake_notices"]()
    return show_recovery_codes(codes, url_for("accounts.settings"), is_new=True)


@blueprint.post("/settings/second-factor/recovery-codes")
@fresh_sign_in_required
def renew_recovery_codes() -> Response:
    """New recovery codes, shown once; the former ones are worth nothing."""
    codes = mutations.make_recovery_codes(signed_in().person, clock.machine_now(), this_visit())
    current_app.extensions["wake_notices"]()
    return show_recovery_codes(codes, url_for("accounts.factor"), is_new=False)


@blueprint.post("/settings/second-factor/recovery-codes.txt")
@login_required
def download_recovery_codes() -> Response:
    """The codes of the page as a file. Only their hashes are kept here, so the page sends them along."""
    codes = request.form.getlist("recovery_code")[:HOW_MANY_CODES]
    if not are_own_codes(signed_in().person, [plain_code(code) for code in codes]):
        flash("These recovery codes count no more: there are newer ones, or one was used. Make new ones.", "warn")
        return redirect(url_for("accounts.factor"), 303)
    site = current_app.config["APP_URL"]
    answer = make_response(f"Recovery codes for {site}\nEach works once.\n\n" + "\n".join(codes) + "\n")
    answer.mimetype = "text/plain"
    answer.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/settings/second-factor/removal")
@fresh_sign_in_required
def remove_factor() -> Response:
    """The password, or Discord, is enough from now on."""
    try:
        mutations.remove_factor(
            signed_in().person, clock.machine_now(), this_visit(), admins_need_one=admins_need_factor()
        )
    except Refused as refusal:
        flash(refusal.sentence, "warn")
        return redirect(url_for("accounts.factor"), 303)
    current_app.extensions["wake_notices"]()
    flash("The second factor is turned off.", "good")
    return redirect(url_for("accounts.settings") + "#second-factor", 303)


def show(form: NewFactorForm, status: int = 200) -> Response:
    here, now = signed_in(), clock.machine_now()
    known = find_factor(here.person)
    if secret := find_new_secret(here.token, here.person, now):
        return show_set_up(here.person, secret, form, status, is_replacing=known is not None)
    return render(
        "accounts/second_factor.html",
        status=status,
        factor=known,
        left=recovery_codes_left(known) if known else 0,
        may_turn_off=not (here.person.is_admin and admins_need_factor()),
        zone=here.person.zone or "UTC",
    )
