"""The admin's page of mails: what became of each, sending one again, and a test."""

from flask import Response, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.forms import AddressField
from blueprints.admin.blueprint import NUMBER, blueprint
from blueprints.forms import Form, required
from blueprints.signed_in import signed_in
from coaching.errors import Refused
from coaching.messages.actions import send_test_mail
from coaching.notices.mutations import send_again
from coaching.operation.queries import recent_notices

MAILS_SHOWN = 50


class TestMailForm(Form):
    email = AddressField("Send a test mail to", [required("Type an e-mail address.")])


@blueprint.get("/admin/mail")
def mail_list() -> Response:
    """The last mails; where none can be sent, with their text, since the admin has to hand it on."""
    return show(TestMailForm(formdata=None, email=signed_in().person.email))


@blueprint.post("/admin/mail/test")
def try_mail() -> AnyResponse:
    """Send a test mail at once, and say what the mail server said."""
    form = TestMailForm()
    if not form.validate():
        return show(form, 422)
    recipient, sender = form.email.sound_address.text, current_app.extensions["settings"].sender
    if problem := send_test_mail(current_app.extensions["mailer"], recipient, sender, clock.machine_now()):
        form.email.errors = [f"Nothing was sent: {problem}."]
        return show(form, 422)
    flash(f"The mail server took a test mail for {recipient}.", "good")
    return redirect(url_for("admin.mail_list"), 303)


@blueprint.post(f"/admin/mail/<{NUMBER}:number>/sending")
def send_mail_again(number: int) -> AnyResponse:
    """Let one mail be tried again, now."""
    try:
        send_again(number, clock.machine_now())
    except Refused as refusal:
        flash(refusal.sentence, "warn")
    else:
        current_app.extensions["wake_notices"]()
        flash("It is being sent again.", "good")
    return redirect(url_for("admin.mail_list"), 303)


def show(form: TestMailForm, status: int = 200) -> Response:
    sends_mail = current_app.extensions["settings"].mail_url is not None
    notices = recent_notices(MAILS_SHOWN)
    return web.render("admin/mail.html", status=status, form=form, notices=notices, sends_mail=sends_mail)
