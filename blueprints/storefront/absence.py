"""Whether a call refuses whoever looks at it, since they did not come to earlier ones."""

from blueprints import web
from blueprints.signed_in import current_person
from coaching.booking.absence_queries import find_absence
from coaching.catalog.models import Product
from coaching.errors import AbsentTooOften


def refusal_of_visitor(product: Product) -> AbsentTooOften | None:
    """Why the person who looks cannot book it; None for whom nobody knows, and who came often enough."""
    person = current_person()
    return find_absence(product, person, web.now()) if person else None
