"""For admins: the site's own account at Stripe, and which stores' students may pay on it."""

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import blueprint
from blueprints.admin.rooms import asked_page
from blueprints.payments.account_page import site_view
from blueprints.signed_in import signed_in
from coaching.catalog.queries import get_store
from coaching.payments import account_actions as actions
from coaching.payments.account_mutations import allow_site_account
from coaching.payments.account_queries import current_account, stores_with_accounts

STORES_A_PAGE = 50


@blueprint.get("/admin/payment-accounts")
def payment_accounts() -> Response:
    """The site's own account, and every store with the account that its students pay on."""
    present, page = current_account(None), asked_page()
    listed = stores_with_accounts(page, STORES_A_PAGE)
    return web.render(
        "admin/payment_accounts.html",
        present=site_view(present) if present else None,
        has_key=bool(current_app.extensions["settings"].stripe_secret_key),
        listed=listed,
        number=page,
        has_more=len(listed) == STORES_A_PAGE,
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


@blueprint.post("/admin/stores/<store>/site-account")
def decide_on_site_account(store: str) -> AnyResponse:
    """The store's students may pay on the site's own account, or may no longer."""
    found, is_allowed = get_store(store), request.form.get("decision") == "allow"
    if detour := ask_for_factor():
        return detour
    allow_site_account(found, is_allowed, signed_in().person, web.now())
    return redirect(url_for(".payment_accounts", page=request.args.get("page")), 303)
