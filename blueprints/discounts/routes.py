"""A store's discount codes: the list, one to make or change, on and off."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.discounts.forms import CodeForm, seen_mark
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.booking.discount_queries import uses_by_code
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store, products_of_store
from coaching.errors import ChangedMeanwhile, CoachingError, CodeInUse, LimitReached
from coaching.pricing import code_mutations as mutations
from coaching.pricing.code_queries import codes_of, get_code_by_id, kept_code
from coaching.pricing.models import DiscountCode

blueprint = Blueprint("discounts", __name__)


@dataclass(frozen=True)
class ListedCode:
    """A code with how often it was used; `state` is on, later, over, used up or off;
    `days` says from when until when it counts."""

    discount: DiscountCode
    uses: int
    state: str
    days: str


@blueprint.get("/store/<store>/codes")
@login_required
def overview(store: str) -> Response:
    """The store's codes."""
    own_store = own(store)
    codes = codes_of(own_store)
    uses = uses_by_code(codes, now())
    listed = [ListedCode(code, uses[code.id], state_of(code, uses[code.id], now()), days_of(code)) for code in codes]
    return render("discounts/overview.html", store=own_store, listed=listed)


@blueprint.get("/store/<store>/codes/new")
@login_required
def new(store: str) -> Response:
    """The form for a new code."""
    own_store = own(store)
    return show(own_store, form_for(own_store))


@blueprint.post("/store/<store>/codes")
@login_required
def add(store: str) -> AnyResponse:
    """A new code."""
    own_store = own(store)
    form = form_for(own_store, is_sent=True)
    if not form.validate():
        return show(own_store, form, 422)
    try:
        discount = mutations.add_code(own_store, form.details(), form.form_key.data, now())
    except (CodeInUse, LimitReached) as error:
        return show(own_store, form, 422, refusal=error)
    return back(own_store, said_of_new(discount))


@blueprint.get("/store/<store>/codes/<int:code_id>")
@login_required
def edit(store: str, code_id: int) -> Response:
    """One of the codes."""
    own_store = own(store)
    discount = get_code_by_id(own_store, code_id)
    return show(own_store, form_for(own_store).show(kept_code(discount)), discount=discount)


@blueprint.post("/store/<store>/codes/<int:code_id>")
@login_required
def save(store: str, code_id: int) -> AnyResponse:
    """The code counts like this from now on."""
    own_store = own(store)
    discount, form = get_code_by_id(own_store, code_id), form_for(own_store, is_sent=True)
    kept = kept_code(discount)
    if not form.validate():
        return show(own_store, form, 422, discount=discount)
    if form.seen.data not in ("", seen_mark(kept)) and kept != form.details():
        form.seen.data = seen_mark(kept)
        return show(own_store, form, 409, discount=discount, refusal=ChangedMeanwhile(CHANGED))
    try:
        mutations.save_code(own_store, code_id, form.details(), kept)
    except ChangedMeanwhile:
        return show(own_store, form, 409, discount=discount, refusal=ChangedMeanwhile(CHANGED))
    except CodeInUse as error:
        return show(own_store, form, 422, discount=discount, refusal=error)
    return back(own_store, f"{form.details().code} is saved. What is booked stays as it was.")


@blueprint.post("/store/<store>/codes/<int:code_id>/state")
@login_required
def switch(store: str, code_id: int) -> AnyResponse:
    """The code counts, or counts no more."""
    own_store, is_active = own(store), request.form.get("state") == "on"
    mutations.switch_code(own_store, code_id, is_active)
    return back(
        own_store, "It counts again." if is_active else "It does not count any more. What is booked stays as it was."
    )


CHANGED = (
    "This code was changed in another window since you opened it here. Nothing was saved. Save once more to keep yours."
)


def own(store: str) -> Store:
    """The signed-in coach's store, or NotFound."""
    return get_own_store(signed_in().person, store)


def form_for(store: Store, *, is_sent: bool = False) -> CodeForm:
    """The form of one code of the store, empty or as it was sent."""
    form = CodeForm() if is_sent else CodeForm(formdata=None)
    return form.of(store, products_of_store(store))


def state_of(discount: DiscountCode, uses: int, at: datetime) -> str:
    """Whether it counts now."""
    if not discount.is_active:
        return "off"
    if discount.until_at and discount.until_at <= at:
        return "over"
    if discount.most_uses is not None and uses >= discount.most_uses:
        return "used up"
    return "later" if discount.from_at and at < discount.from_at else "on"


def said_of_new(discount: DiscountCode) -> str:
    """That there is this code, and whether it counts already."""
    state = state_of(discount, 0, now())
    if state == "over":
        return f"{discount.code} is there, but its last day is over: it counts for nobody."
    if state == "later":
        return f"{discount.code} is there, and counts {days_of(discount)}."
    return f"{discount.code} counts. Hand it on, or the link with it."


def days_of(discount: DiscountCode) -> str:
    """`from 3 May 2027 until 5 May 2027`, or nothing."""
    kept = kept_code(discount)
    days = (("from", kept.from_on), ("until", kept.until_on))
    return " ".join(f"{word} {day.day} {day:%B %Y}" for word, day in days if day)


def back(store: Store, sentence: str) -> AnyResponse:
    """To the codes, with what was done."""
    flash(sentence, "good")
    return redirect(url_for(".overview", store=store.slug), 303)


def show(
    store: Store,
    form: CodeForm,
    status: int = 200,
    *,
    discount: DiscountCode | None = None,
    refusal: CoachingError | None = None,
) -> Response:
    """The form of one code."""
    if isinstance(refusal, CodeInUse):
        form.code.errors = [refusal.sentence]
    elif refusal:
        form.form_errors = [refusal.sentence]
    return render("discounts/edit.html", status=status, store=store, form=form, discount=discount)
