"""What a booking costs, as its page shows it: the extras to choose from, the code, and the sum."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from structlog.contextvars import bind_contextvars
from werkzeug.datastructures import MultiDict

from blueprints import web
from blueprints.filters import money
from blueprints.signed_in import current_person
from coaching.accounts import limit_mutations
from coaching.accounts.details import Visit
from coaching.booking.discount_queries import find_discount
from coaching.booking.quote_queries import price_of, quote_for, require_payable, takes_less_off
from coaching.booking.refund_tiers import tiers_of
from coaching.catalog.bump_queries import bumps_of, retired_bumps
from coaching.catalog.models import Bump, Offer, Product
from coaching.catalog.queries import offers_of
from coaching.db_waits import in_passing
from coaching.errors import DiscountRefused, LimitReached, RateLimited
from coaching.payments.account_queries import can_take_cards
from coaching.plain_text import clean
from coaching.pricing.code_queries import find_code, has_codes
from coaching.pricing.code_rules import normal
from coaching.pricing.models import DiscountCode
from coaching.pricing.quote import Quote
from coaching.pricing.seen_discount import read_discount, say_discount
from coaching.rate_limits.limits import WRONG_CODES, Use, network_of

NUMBER = re.compile(r"[0-9]{1,9}")
MOST_CHOSEN = 20
NO_CARDS = "{coach} cannot take cards right now, so this call cannot be booked. Look again later, or write to {coach}."
# As a booking form sends them: the extras that were chosen, the code, and what the page said that it takes off.
BUMP, CODE, SEEN_DISCOUNT = "bump", "code", "seen-discount"


@dataclass(frozen=True)
class ShownPrice:
    """What `_extras.html`, `_price.html` and the bar with the button draw.

    `fault` says why the code does not count, `problem` why all of it cannot be paid; `news` what a code takes off
    that came with the form and was not seen; `changed` what reads otherwise than the sent form said, a sentence each.
    """

    quote: Quote
    bumps: Sequence[Bump] = ()
    chosen: frozenset[int] = frozenset()
    asks_for_code: bool = False
    code: str = ""
    discount: DiscountCode | None = None
    fault: str | None = None
    problem: str | None = None
    news: str | None = None
    changed: Sequence[str] = ()

    @property
    def can_change(self) -> bool:
        """Whether there is anything to choose that changes the price."""
        return bool(self.bumps) or self.asks_for_code

    @property
    def is_itemised(self) -> bool:
        """Whether it is more than the price of the call."""
        return len(self.quote.lines) > 1

    @property
    def keeps_extras(self) -> bool:
        """Whether something that can be added to the call is paid for good."""
        return any(bump.price_cents and not bump.is_refundable for bump in self.bumps)

    @property
    def seen_discount(self) -> str:
        """What the form sends back of the discount."""
        return say_discount(self.discount) if self.discount else ""

    @property
    def sums_up(self) -> str:
        """The sum, for those who do not see it change."""
        return f"{money(self.quote.price_cents, self.quote.currency)} in total."


def shown_price(product: Product, offers: Sequence[Offer], offer: Offer, typed: Mapping[str, str] | None) -> ShownPrice:
    """The price with what the address or the form chose; `typed` was filled in before."""
    bumps, fields = bumps_of(product), sent_fields(typed)
    wanted = chosen_ids(fields)
    chosen = [bump for bump in bumps if bump.id in wanted]
    asks_for_code = any(price_of(product, listed) for listed in offers) and (CODE in fields or has_codes(product))
    if not price_of(product, offer):
        # Of nothing no code takes anything off.
        quote = quote_for(product, offer, chosen)
        return ShownPrice(quote, bumps, ids_of(chosen), asks_for_code, changed=gone(product, wanted))
    code = clean(fields.get(CODE))[:100]
    discount, fault = discount_of(product, code, web.now())
    quote, problem = quote_for(product, offer, chosen, discount), None
    try:
        require_payable(product, quote, discount)
    except DiscountRefused as error:
        discount, fault, quote = None, error.sentence, quote_for(product, offer, chosen)
    except LimitReached as error:
        problem = error.sentence
    if not problem and is_without_cards(product, quote):
        problem = NO_CARDS.format(coach=product.store.owner.name)
    changed = gone(product, wanted)
    seen = request.form.get(SEEN_DISCOUNT, "")
    if not fault and is_of_same_code(seen, code) and takes_less_off(product, offer, discount, seen):
        changed = [*changed, f"The code {normal(code)} takes off less now than this page said."]
    news = None
    if discount and request.endpoint == "storefront.book" and not is_of_same_code(seen, code):
        total, off = (money(cents, quote.currency) for cents in (quote.price_cents, -quote.lines[1].amount_cents))
        news = f"Your code takes {off} off: {total} in total. Nothing is booked yet."
    return ShownPrice(quote, bumps, ids_of(chosen), asks_for_code, code, discount, fault, problem, news, changed)


def is_without_cards(product: Product, quote: Quote) -> bool:
    """True where this is to be paid by card, and the store can take none now."""
    return product.payment == "stripe" and quote.price_cents > 0 and not can_take_cards(product.store)


def discount_of(product: Product, code: str, now: datetime) -> tuple[DiscountCode | None, str | None]:
    """The discount of this code, or why it does not count. Whoever tries many is told to come back later."""
    if not code:
        return None, None
    visit = Visit(address=request.remote_addr or "")
    network = network_of(visit.address)
    uses = [Use(WRONG_CODES, network)] if network else []
    try:
        if uses:
            limit_mutations.refuse_spent(uses, web.both_clocks().machine, visit=visit)
            if find_code(product.store, code) is None:
                with in_passing():
                    limit_mutations.take(uses, web.both_clocks().machine, visit=visit)
        return find_discount(product, code, current_person(), now), None
    except RateLimited as error:
        bind_contextvars(limit=error.limit)
        return None, error.sentence
    except DiscountRefused as error:
        return None, error.sentence


def cancelling_words(products: Iterable[Product], offers: Mapping[int, Sequence[Offer]]) -> str:
    """What goes back of these calls when a student cancels, in a sentence; empty where nothing costs anything."""
    paid = [product for product in products if any(price_of(product, offer) for offer in offers[product.id])]
    policies = {tiers_of(product.refund_tiers) for product in paid}
    if len(policies) > 1:
        return "What goes back if you cancel is said with each call."
    return "".join(f"If you cancel, {tiers.clause}." for tiers in policies)


def is_applied(product: Product, offer_id: int | None, fields: Mapping[str, str]) -> bool:
    """Whether the page that sent this form has shown what the code in it takes off, where it takes anything off."""
    code = clean(fields.get(CODE))
    if not code or is_of_same_code(fields.get(SEEN_DISCOUNT, ""), code):
        return True
    return not any(price_of(product, offer) for offer in offers_of(product) if offer.id == offer_id)


def is_unpayable(product: Product, offer_id: int | None, typed: Mapping[str, str]) -> bool:
    """True where what this form chooses is to be paid by card, and the store can take none now."""
    if product.payment != "stripe" or can_take_cards(product.store):
        return False
    offers = offers_of(product)
    chosen = next((offer for offer in offers if offer.id == offer_id), None)
    return chosen is not None and shown_price(product, offers, chosen, typed).quote.price_cents > 0


def is_of_same_code(seen: str, code: str) -> bool:
    """Whether what the page said of a discount is said of this code."""
    before = read_discount(seen)
    return before is not None and before.code == normal(code)


def sent_fields(typed: Mapping[str, str] | None) -> MultiDict[str, str]:
    """What chooses: a sent form, else the address, else what was filled in before."""
    if request.form:
        return MultiDict(request.form)
    # Of a code that a link has and a field besides the field's counts, which comes last.
    asked = MultiDict((name, value) for name, value in request.args.items(multi=True) if name in (BUMP, CODE))
    fields = MultiDict(asked if BUMP in asked or web.wants_fragment() else typed or {})
    if CODE in asked:
        fields.setlist(CODE, asked.getlist(CODE)[-1:])
    elif typed and CODE in typed:
        fields.setlist(CODE, [typed[CODE]])
    return fields


def chosen_ids(fields: MultiDict[str, str]) -> frozenset[int]:
    """The numbers of the extras that were chosen."""
    return frozenset(int(number) for number in fields.getlist(BUMP)[:MOST_CHOSEN] if NUMBER.fullmatch(number))


def ids_of(bumps: Iterable[Bump]) -> frozenset[int]:
    return frozenset(bump.id for bump in bumps)


def gone(product: Product, wanted: frozenset[int]) -> list[str]:
    """A sentence for each extra that was chosen and is not sold like that any more."""
    current = {bump.title: bump for bump in bumps_of(product)} if wanted else {}
    sentences = []
    for old in retired_bumps(product, wanted):
        now = current.get(old.title)
        if now and now.price_cents != old.price_cents:
            costs, was = (money(bump.price_cents, product.store.currency) for bump in (now, old))
            sentences.append(f"“{old.title}” costs {costs} now (it was {was}). Choose it again if you want it.")
        elif now:
            sentences.append(f"“{old.title}” reads otherwise now. Choose it again if you want it.")
        else:
            sentences.append(f"“{old.title}” is no longer on offer, and left out.")
    return sentences
