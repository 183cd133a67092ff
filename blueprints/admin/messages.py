"""The admin's page of messages: what became of each, sending one again, and a test of the mail server."""

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.forms import AddressField
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint
from blueprints.forms import Form, required
from blueprints.signed_in import signed_in
from coaching.errors import Refused
from coaching.messages.actions import send_test_mail
from coaching.messages.log_queries import log_page
from coaching.notices.hand_mutations import send_again
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.labels import CHANNEL_LABELS, STATE_LABELS, STATE_SENTENCES, kinds_by_audience
from coaching.notices.queries import Sought, waiting_messages


class TestMailForm(Form):
    email = AddressField("Send a test mail to", [required("Type an e-mail address.")])


@blueprint.get("/admin/mail")
def old_message_list() -> AnyResponse:
    """Where the page was when there was mail only."""
    return redirect(url_for("admin.message_list"), 308)


@blueprint.get("/admin/messages")
def message_list() -> Response:
    """The messages that are asked for; where no mail leaves, with the text of those an admin has to hand on."""
    return show(TestMailForm(formdata=None, email=signed_in().person.email))


@blueprint.post("/admin/messages/test")
def try_mail() -> AnyResponse:
    """Send a test mail at once, and say what the mail server said."""
    form = TestMailForm()
    if not form.validate():
        return show(form, 422)
    recipient, sender = form.email.valid_address.text, current_app.extensions["settings"].sender
    if problem := send_test_mail(current_app.extensions["mailer"], recipient, sender, clock.machine_now()):
        form.email.errors = [f"Nothing was sent: {problem}."]
        return show(form, 422)
    flash(f"The mail server took a test mail for {recipient}.", "good")
    return redirect(url_for("admin.message_list"), 303)


@blueprint.post(f"/admin/messages/<{NUMBER}:number>/sending")
def send_message_again(number: int) -> AnyResponse:
    """Let one message be tried again, now; back to the list it was pressed in."""
    try:
        send_again(number, clock.machine_now())
    except Refused as refusal:
        flash(refusal.sentence, "warn")
    else:
        current_app.extensions["wake_notices"]()
        flash("It is being sent again.", "good")
    number = web.asked_page()
    words = words_of(sought_messages()) | ({"page": number} if number > 1 else {})
    return redirect(url_for("admin.message_list", **words), 303)


def show(form: TestMailForm, status: int = 200) -> Response:
    sought, number, now = sought_messages(), web.asked_page(), web.both_clocks()
    return web.render(
        "admin/messages.html",
        status=status,
        form=form,
        listed=log_page(sought, number, PAGE_SIZE, current_app.extensions["settings"].sender.url, now),
        queue=waiting_messages(now.machine),
        sought=sought,
        same=words_of(sought),
        number=number,
        listed_at=now.machine,
        sends_mail=web.sends_mail(),
        states=STATE_LABELS,
        state_sentences=STATE_SENTENCES,
        channels=CHANNEL_LABELS,
        kinds=kinds_by_audience(),
    )


def sought_messages() -> Sought:
    """What the address asks for; a word that there is not counts for none."""
    asked, kinds, channels = request.args, set(MessageKind), set(Channel)
    state, kind, channel = (asked.get(name, "") for name in ("state", "kind", "channel"))
    return Sought(
        state if state in STATE_LABELS else "", kind if kind in kinds else "", channel if channel in channels else ""
    )


def words_of(sought: Sought) -> dict[str, Any]:
    """The same as parts of an address."""
    return {name: word for name, word in asdict(sought).items() if word}
