"""For admins: money that needs a hand, the site's own account at Stripe, and which stores' students may pay on it."""

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import PAGE_SIZE, blueprint
from blueprints.admin.reasons import Question, ReasonForm, show_question
from blueprints.payments.account_page import site_view
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.catalog.models import Store
from coaching.catalog.queries import get_store
from coaching.payments import account_actions as actions
from coaching.payments.account_mutations import allow_site_account
from coaching.payments.account_queries import current_account, stores_with_accounts
from coaching.payments.trouble_queries import money_troubles


@blueprint.get("/admin/money")
def money() -> Response:
    """What failed, what is stuck, what a key keeps waiting, and what coaches are to send; the gravest first."""
    return web.render("admin/money.html", troubles=money_troubles(None, web.now()))


@blueprint.get("/admin/payment-accounts")
def payment_accounts() -> Response:
    """The site's own account, and every store with the account that its students pay on."""
    present, page = current_account(None), web.asked_page()
    listed, has_more = stores_with_accounts(page, PAGE_SIZE)
    return web.render(
        "admin/payment_accounts.html",
        present=site_view(present) if present else None,
        has_key=bool(current_app.extensions["settings"].stripe_secret_key),
        listed=listed,
        number=page,
        has_more=has_more,
    )


@blueprint.post("/admin/payment-accounts/trial")
def try_site_account() -> AnyResponse:
    """The site's own key has been tried."""
    present = current_account(None)
    if present:
        result = actions.try_again(current_app.extensions["provider_of"], present, web.now())
        if result.fault and result.fault != "key_refused":
            flash("Stripe gives no answer right now. Try again in a minute.", "info")
    return redirect(url_for(".payment_accounts"), 303)


@blueprint.get("/admin/stores/<store>/site-account")
def ask_for_site_account(store: str) -> Response:
    """What follows where the store may use the site's account, or no longer does, and why it is to be."""
    chosen_store = get_store(store)
    return show_question(question_of(chosen_store, not chosen_store.may_use_site_account), ReasonForm(take_saved()))


@blueprint.post("/admin/stores/<store>/site-account")
def decide_on_site_account(store: str) -> AnyResponse:
    """The store's students may pay on the site's own account, or may no longer."""
    chosen_store, form, is_allowed = get_store(store), ReasonForm(), request.form.get("decision") == "allow"
    if not form.validate():
        return show_question(question_of(chosen_store, is_allowed), form, 422)
    if detour := ask_for_factor():
        return detour
    allow_site_account(chosen_store, is_allowed, signed_in().person, form.reason.data, web.now())
    return redirect(url_for(".payment_accounts", page=request.args.get("page")), 303)


def question_of(store: Store, is_allowed: bool) -> Question:
    page = request.args.get("page")
    action = url_for(".decide_on_site_account", store=store.slug, page=page)
    back = url_for(".payment_accounts", page=page)
    if is_allowed:
        means = "Its students pay on the account of this site, and you pass the money on. One of its own comes first."
        title = f"Let {store.name} use this site’s account"
        return Question(title, (means,), "Let them use it", action, back, "Payments", decision="allow")
    sentences = (
        "Nobody can pay by card there any more until the store has an account of its own.",
        "What was paid stays as it is, and what is to go back of it still goes back from this site’s account.",
    )
    title = f"No longer let {store.name} use this site’s account"
    return Question(title, sentences, "End it", action, back, "Payments", "danger", "withdraw")
