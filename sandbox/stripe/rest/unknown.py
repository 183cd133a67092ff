"""Whatever the stand-in does not have, refused in Stripe's words."""

from flask import g, request

from sandbox.stripe.errors import StripeError
from sandbox.stripe.forms import Params
from sandbox.stripe.middleware import api_call
from sandbox.stripe.records import ApiKey, Json
from sandbox.stripe.rest import v1


@v1.route("/<path:rest>", methods=["GET", "POST", "DELETE"])
@api_call(None)
def unknown(key: ApiKey, params: Params, rest: str) -> Json:
    raise StripeError(404, f"Unrecognized request URL ({request.method}: {g.path}).")
