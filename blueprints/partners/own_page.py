"""A partner's own page: whoever has its secret link reads it, without an account. It says nothing about students."""

from flask import Response

from blueprints.partners.blueprint import blueprint
from blueprints.partners.links import links_of
from blueprints.partners.report import report_of
from blueprints.web import now, render
from coaching.payments.share_queries import totals_of_partner
from coaching.pricing.partner_queries import find_by_token


@blueprint.get("/partners/<token>")
def own_page(token: str) -> Response:
    """Links, months, what is owed and what was paid; 410 for a link that was replaced."""
    partner = find_by_token(token)
    if partner is None:
        answer = render("partners/over.html", status=410)
    else:
        answer = render(
            "partners/own.html", links=links_of(partner), **report_of(partner, totals_of_partner(partner, now()))
        )
    # The address is the secret: nobody is told it, and nobody keeps the page.
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
