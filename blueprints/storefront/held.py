"""A time of a product that whoever looks at it keeps from others already, and has not paid for yet."""

from blueprints import web
from blueprints.signed_in import current_person
from coaching.booking.hold_queries import find_held
from coaching.booking.models import Seat
from coaching.catalog.models import Product


def held_by_visitor(product: Product) -> Seat | None:
    """Their seat in the session that is held for them.

    Who went back from the page on which it is paid finds it again by this.
    """
    student = current_person()
    if student is None or not (product.pays_first or product.payment == "stripe"):
        return None
    return find_held(product, student, web.now())
