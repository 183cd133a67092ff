"""The next call of the same kind, with what its student wrote for the one before."""

import re

from flask import request
from werkzeug.datastructures import MultiDict

from blueprints.signed_in import current_person
from blueprints.storefront.forms import answer_name
from coaching.booking.again_queries import find_earlier_booking
from coaching.catalog.models import Product

CODE = re.compile(r"[a-z0-9]{4,20}")


def asked_again() -> str | None:
    """The code of the session that the address names; nothing else of it stands there."""
    code = request.args.get("again", "")
    return code if CODE.fullmatch(code) else None


def earlier_fields(product: Product) -> MultiDict[str, str] | None:
    """The form as the signed-in student filled it in for that session; None where it is none of theirs."""
    code, person = asked_again(), current_person()
    earlier = find_earlier_booking(product, person, code) if code and person else None
    if earlier is None:
        return None
    fields = MultiDict({answer_name(key): text for key, text in earlier.answers.items()})
    fields["goals"], fields["phone"] = earlier.goals, earlier.phone
    if earlier.offer:
        fields["offer"] = str(earlier.offer.id)
    return fields
