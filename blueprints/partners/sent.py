"""On a session's page: whether this booking counts for the partner who sent it."""

from flask import redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.partners.blueprint import blueprint
from blueprints.signed_in import signed_in
from coaching.booking.share_mutations import decide_share


@blueprint.post("/sessions/<code>/share")
@login_required
def decide(code: str) -> AnyResponse:
    """It counts, or it does not: what is owed follows."""
    decide_share(code, signed_in().person, request.form.get("counts") == "y")
    return redirect(url_for("sessions.show", code=code), 303)
