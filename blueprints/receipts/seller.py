"""What a store's receipts say of who sells: name, address, and the coach's own note on tax."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.differences import between
from blueprints.forms import Form, Hidden, TextBlock, TextLine
from blueprints.receipts.blueprint import blueprint
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.catalog.seller import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TAX_NOTE, SellerDetails
from coaching.catalog.seller_mutations import save_seller
from coaching.catalog.seller_queries import kept_seller, seller_version
from coaching.errors import ChangedMeanwhile


class SellerForm(Form):
    """Nothing of it has to be filled in."""

    seller_name = TextLine("Name", longest=LONGEST_NAME)
    seller_address = TextBlock("Address", longest=LONGEST_ADDRESS)
    tax_note = TextBlock("Note on tax", longest=LONGEST_TAX_NOTE)
    # A mark of what the page showed.
    seen = Hidden()

    def details(self) -> SellerDetails:
        """What was typed."""
        return SellerDetails(self.seller_name.data, self.seller_address.data, self.tax_note.data)


@blueprint.get("/store/<store>/receipts")
@login_required
def edit_seller(store: str) -> Response:
    """What receipts of the store say, to be changed."""
    own, saved = get_own_store(signed_in().person, store), take_saved()
    return show_form(own, SellerForm(saved, obj=own), seen=saved.get("seen") if saved else None)


@blueprint.post("/store/<store>/receipts")
@login_required
def save(store: str) -> AnyResponse:
    """Receipts say this from now on."""
    own, form = get_own_store(signed_in().person, store), SellerForm()
    if not form.validate():
        return show_form(own, form, 422, seen=form.seen.data)
    try:
        save_seller(own, form.details(), form.seen.data)
    except ChangedMeanwhile:
        kept = get_own_store(signed_in().person, store)
        differences = between(words_of(form.details()), words_of(kept_seller(kept)))
        return show_form(kept, form, 409, differences=differences)
    flash("Saved. Receipts that were written before keep what they said.", "good")
    return redirect(url_for(".edit_seller", store=own.slug), 303)


def show_form(store: Store, form: SellerForm, status: int = 200, seen: str | None = None, **context: Any) -> Response:
    """The form; `seen` marks what the page showed before, if that was another page than this one."""
    form.seen.data = seen or seller_version(store)
    return render("receipts/seller.html", status=status, store=store, form=form, **context)


def words_of(details: SellerDetails) -> dict[str, str]:
    """The details in words."""
    return {"Name": details.name, "Address": details.address, "Note on tax": details.tax_note}
