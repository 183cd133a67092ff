"""The hosted pay page: a person pays, is declined, proves who they are, or leaves. Plain forms, no script."""

from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug import Response as AnyResponse

from sandbox.stripe import checkout
from sandbox.stripe.admin_actions import NotPossible, pay
from sandbox.stripe.checkout import DELAYED, NotOpen
from sandbox.stripe.context import here
from sandbox.stripe.forms import EMAIL
from sandbox.stripe.records import COMPLETE, OPEN, Account, Session

pay_pages = Blueprint("stripe_pay", __name__, url_prefix="/stripe/pay")

ASKS = "asks"
# The last four digits of Stripe's own test cards, and what each does.
CARDS = {
    "pays": ("4242", "pays at once"),
    ASKS: ("3155", "asks for 3‑D Secure"),
    "card_declined": ("0002", "is declined"),
    "insufficient_funds": ("9995", "has insufficient funds"),
    "expired_card": ("0069", "has expired"),
}
FAILED_AUTHENTICATION = "authentication"
PROBLEMS = {
    FAILED_AUTHENTICATION: "We are unable to authenticate your payment method. Choose a different one and try again."
}
Answer = AnyResponse | str | tuple[str, int]


@pay_pages.get("/<session_id>")
def show(session_id: str) -> Answer:
    session = _session(session_id)
    if session.status != OPEN:
        return _over(session)
    return _page(session, {}, PROBLEMS.get(request.args.get("problem", "")))


@pay_pages.post("/<session_id>")
def attempt(session_id: str) -> Answer:
    """One attempt to pay. Where it succeeds the browser goes on to the success page, unless the tab is closed."""
    sandbox, form = here(), request.form.to_dict()
    session, email = _session(session_id), form.get("email", "").strip()
    if session.status != OPEN:
        return _over(session)
    if not EMAIL.fullmatch(email):
        return _page(session, form, "Write your e-mail address, such as name@example.com."), 422
    outcome = form.get("outcome", "")
    if outcome not in _outcomes(session):
        return _page(session, form, "Choose how to pay."), 422
    try:
        with sandbox.state.transaction() as state:
            if outcome == ASKS:
                checkout.ask_authentication(state, sandbox.faults, session)
                carried = urlencode({"email": email, "after": form.get("after", "")})
                return redirect(f"/stripe/pay/{session_id}/authentication?{carried}", 303)
            problem = pay(state, sandbox.faults, session, outcome, email)
    except (NotOpen, NotPossible):
        return _over(_session(session_id))
    finally:
        sandbox.sender.wake()
    if problem:
        return _page(session, form, problem), 422
    return _done(session, form.get("after", ""))


@pay_pages.get("/<session_id>/authentication")
def show_authentication(session_id: str) -> Answer:
    """The bank's question, in the 3-D Secure step."""
    session = _session(session_id)
    if session.status != OPEN:
        return _over(session)
    return render_template("stripe/authentication.html", session=session, account=_account(session))


@pay_pages.post("/<session_id>/authentication")
def authenticate(session_id: str) -> Answer:
    """The bank knows the person, and the payment succeeds; or it does not, and they may choose again."""
    sandbox, form = here(), request.form
    session, email = _session(session_id), request.args.get("email", "")
    try:
        with sandbox.state.transaction() as state:
            if form.get("decision") != "complete":
                checkout.fail_authentication(state, sandbox.faults, session)
                return redirect(f"/stripe/pay/{session_id}?problem={FAILED_AUTHENTICATION}", 303)
            checkout.pay(state, sandbox.faults, session, email)
    except NotOpen:
        return _over(_session(session_id))
    finally:
        sandbox.sender.wake()
    return _done(session, request.args.get("after", ""))


@pay_pages.get("/<session_id>/closed")
def closed(session_id: str) -> Answer:
    """What is left of a closed tab. The session is as it was."""
    session = _session(session_id)
    text = "Nothing was paid. Until it expires, whoever has its address may still pay here."
    if session.status == COMPLETE:
        text = "The payment went through, and nobody came back to the shop’s page."
    return _message("The tab is closed", text, session)


def _session(session_id: str) -> Session:
    sandbox = here()
    with sandbox.state.transaction() as state:
        checkout_session: Session = state.find(Session, session_id) or abort(404)
        return checkout.as_of_now(state, sandbox.faults, checkout_session)


def _account(session: Session) -> Account | None:
    with here().state.transaction() as state:
        return state.find(Account, session.account_id)


def _outcomes(session: Session) -> dict[str, tuple[str, str]]:
    """What the page offers; a method that takes days only where the session takes one."""
    if DELAYED & set(session.payment_methods):
        return CARDS | {"delayed": ("3000", "is a bank debit, which takes days")}
    return CARDS


def _page(session: Session, form: dict[str, str], problem: str | None) -> str:
    return render_template(
        "stripe/pay.html",
        session=session,
        account=_account(session),
        outcomes=_outcomes(session),
        email=form.get("email", session.customer_email or ""),
        chosen=form.get("outcome", "pays"),
        problem=problem,
    )


def _done(session: Session, after: str) -> AnyResponse:
    if after == "close":
        return redirect(f"/stripe/pay/{session.id}/closed", 303)
    return redirect(session.success_url.replace("{CHECKOUT_SESSION_ID}", session.id), 303)


def _over(session: Session) -> Answer:
    if session.status == COMPLETE:
        return _message("You’re all done here", "This has been paid already. Nothing was charged again.", session)
    return _message("This page has expired", "Nobody can pay here any more, and nothing was charged.", session), 410


def _message(title: str, text: str, session: Session) -> str:
    return render_template("stripe/message.html", title=title, text=text, session=session)
