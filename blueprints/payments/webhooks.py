"""Where Stripe tells of what has happened. Believed is only whose account it is, and of which object it tells."""

from flask import Blueprint, Response, current_app, request

import clock
from blueprints.rate_limits import come_back
from blueprints.web import now
from coaching.accounts import limit_mutations
from coaching.accounts.details import Visit
from coaching.accounts.event_mutations import note
from coaching.errors import NotFound, RateLimited
from coaching.payments.account_queries import current_account, find_account
from coaching.payments.event_mutations import record_event
from coaching.payments.events import ForgedEvent, WebhookEvent
from coaching.payments.models import PaymentAccount
from coaching.rate_limits.limits import WRONG_EVENTS, Use, network_of

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/stripe")
def hear_of_site() -> Response:
    """An event of the site's own account."""
    return answer_to(current_account(None))


@blueprint.post("/webhooks/stripe/<code>")
def hear_of_store(code: str) -> Response:
    """An event of the account with this code."""
    return answer_to(find_account(code))


def answer_to(account: PaymentAccount | None) -> Response:
    """204 once what the event is about is going to be asked about; 400 for what is not signed by this account's Stripe.

    An event that came before, and one about what is not known here, are as right as any other.
    """
    if account is None:
        raise NotFound
    try:
        event = read(request.get_data(), account)
    except ForgedEvent:
        return refuse()
    if record_event(account, event, now()):
        current_app.extensions["wake_payments"]()
    return Response(status=204)


def read(body: bytes, account: PaymentAccount) -> WebhookEvent:
    """The event, or ForgedEvent, also for one of the other mode."""
    if not account.webhook_secret:
        raise ForgedEvent
    event: WebhookEvent = current_app.extensions["read_event"](
        body, request.headers.get("Stripe-Signature", ""), account.webhook_secret
    )
    if event.livemode != account.livemode:
        raise ForgedEvent
    return event


def refuse() -> Response:
    """400, and 429 for an address that keeps sending what is not signed as it has to be; what is, is let in."""
    visit = Visit(address=request.remote_addr or "")
    if network := network_of(visit.address):
        try:
            limit_mutations.take([Use(WRONG_EVENTS, network)], clock.machine_now(), visit=visit)
        except RateLimited as error:
            return come_back(Response("too many wrong events\n", mimetype="text/plain"), error)
    note("event refused", clock.machine_now(), detail=str(request.endpoint))
    return Response("not signed with this account’s secret\n", 400, mimetype="text/plain")
