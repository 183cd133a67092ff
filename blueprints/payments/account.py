"""A store's account at Stripe: its owner pastes a key, tries it again, has events sent, and puts a key aside."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.payments.account_forms import KeyForm, SigningSecretForm
from blueprints.payments.account_page import view_of, webhook_address
from blueprints.rate_limits import come_back
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.accounts.limit_mutations import take
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.errors import ChangedMeanwhile, PaymentKeyRefused, RateLimited
from coaching.payments import account_actions as actions
from coaching.payments.account_keys import RIGHTS, WEBHOOK_RIGHT
from coaching.payments.account_mutations import save_signing_secret
from coaching.payments.account_queries import accounts_of, current_account, get_account_of
from coaching.payments.models import PaymentAccount
from coaching.payments.remainder_queries import remainders_of
from coaching.rate_limits.limits import PAYMENT_KEYS_TRIED, Use

blueprint = Blueprint("payment_accounts", __name__, url_prefix="/store/<store>/payments")


@blueprint.get("")
@login_required
def show(store: str) -> Response:
    """Whose account the store's students pay on, and how it stands."""
    return draw(own_store(store), form=KeyForm(take_saved()))


@blueprint.post("")
@login_required
def connect(store: str) -> AnyResponse:
    """Students of the store pay on the account of this key from now on."""
    own, form = own_store(store), KeyForm()
    if not form.validate():
        return draw(own, 422, form=form)
    if detour := ask_for_factor():
        return detour
    provider_of, person = current_app.extensions["provider_of"], signed_in().person
    try:
        count_trying()
        account, result = actions.connect_key(
            provider_of, own, form.stripe_key.data, form.seen.data, form.form_key.data, person, now()
        )
    except RateLimited as error:
        form.stripe_key.errors = [error.sentence]
        return come_back(draw(own, form=form), error)
    except (PaymentKeyRefused, ChangedMeanwhile) as error:
        form.stripe_key.errors = [error.sentence]
        return draw(own, 409 if isinstance(error, ChangedMeanwhile) else 422, form=form)
    if result.can_make_webhooks and not account.webhook_secret:
        try:
            actions.make_endpoint(provider_of, account, webhook_address(account))
        except PaymentKeyRefused as error:
            flash(error.sentence, "info")
    if not result.lacks:
        flash(f"The key that ends in {account.key_last4} works. Students can pay by card.", "good")
    return back_to(own)


@blueprint.post("/<code>/trial")
@login_required
def try_again(store: str, code: str) -> AnyResponse:
    """The key has been tried again."""
    own = own_store(store)
    account = get_account_of(own, code)
    try:
        count_trying()
    except RateLimited as error:
        return come_back(draw(own, refused=error.sentence), error)
    result = actions.try_again(current_app.extensions["provider_of"], account, now())
    if result.fault and result.fault != "key_refused":
        flash("Stripe gives no answer right now. Try again in a minute.", "info")
    elif not result.fault and not result.lacks:
        flash("The key works.", "good")
    return back_to(own)


@blueprint.post("/<code>/endpoint")
@login_required
def make_endpoint(store: str, code: str) -> AnyResponse:
    """Stripe tells this site by itself of what happens on the account."""
    own = own_store(store)
    account = get_account_of(own, code)
    try:
        count_trying()
        actions.make_endpoint(current_app.extensions["provider_of"], account, webhook_address(account))
    except RateLimited as error:
        return come_back(draw(own, refused=error.sentence), error)
    except PaymentKeyRefused as error:
        return draw(own, 422, refused=error.sentence)
    flash("Stripe tells this site of payments at once from now on.", "good")
    return back_to(own)


@blueprint.post("/<code>/signing-secret")
@login_required
def keep_signing_secret(store: str, code: str) -> AnyResponse:
    """What an endpoint that was made by hand sends is believed from now on."""
    own, form = own_store(store), SigningSecretForm()
    account = get_account_of(own, code)
    if not form.validate():
        return draw(own, 422, secret_form=form)
    if detour := ask_for_factor():
        return detour
    save_signing_secret(account, form.signing_secret.data)
    flash("Kept. As soon as Stripe has told of something, it says so here.", "good")
    return back_to(own)


@blueprint.post("/<code>/retirement")
@login_required
def stop_taking(store: str, code: str) -> AnyResponse:
    """No new payments are made on the account; what was paid on it can still be given back."""
    own = own_store(store)
    account = get_account_of(own, code)
    if detour := ask_for_factor():
        return detour
    actions.stop_taking(current_app.extensions["provider_of"], account, signed_in().person, now())
    flash("No new payments are made with this key.", "good")
    return back_to(own)


@blueprint.get("/<code>/removal")
@login_required
def ask_to_remove(store: str, code: str) -> Response:
    """What would have to be given back by hand once the key is gone."""
    own = own_store(store)
    return draw_removal(own, get_account_of(own, code))


@blueprint.post("/<code>/removal")
@login_required
def remove(store: str, code: str) -> AnyResponse:
    """The key is forgotten."""
    own = own_store(store)
    account = get_account_of(own, code)
    if detour := ask_for_factor():
        return detour
    actions.remove_key(current_app.extensions["provider_of"], account, signed_in().person, now())
    flash(f"The key that ended in {account.key_last4} is forgotten here. Delete it in Stripe, too.", "good")
    return back_to(own)


def own_store(slug: str) -> Store:
    return get_own_store(signed_in().person, slug)


def back_to(store: Store) -> AnyResponse:
    return redirect(url_for(".show", store=store.slug), 303)


def count_trying() -> None:
    """Nobody has keys tried without end from here; RateLimited when it is too much."""
    person = signed_in().person
    take([Use(PAYMENT_KEYS_TRIED, str(person.id))], web.both_clocks().machine, person)


def draw(store: Store, status: int = 200, *, form: KeyForm | None = None, **context: Any) -> Response:
    """The page; a key that was typed is never shown again."""
    present, accounts = current_account(store), accounts_of(store)
    form = form or KeyForm(formdata=None)
    form.seen.data = present.code if present else ""
    context = {"secret_form": SigningSecretForm(formdata=None), "refused": ""} | context
    return render(
        "payments/account.html",
        None,
        status,
        store=store,
        form=form,
        present=view_of(present) if present else None,
        older=[view_of(account) for account in accounts if account.state == "older"],
        rights=RIGHTS,
        webhook_right=WEBHOOK_RIGHT,
        has_site_account=current_account(None) is not None,
        **context,
    )


def draw_removal(store: Store, account: PaymentAccount, status: int = 200) -> Response:
    return render(
        "payments/removal.html", status=status, store=store, view=view_of(account), left=remainders_of(account, now())
    )
