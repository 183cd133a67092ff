"""The admin's page of money that needs a hand, of all coaches."""

from flask import Response

from blueprints import web
from blueprints.admin.blueprint import blueprint
from coaching.payments.trouble_queries import money_troubles


@blueprint.get("/admin/money")
def money() -> Response:
    """What failed, what is stuck, what a key keeps waiting, and what coaches are to send; the gravest first."""
    return web.render("admin/money.html", troubles=money_troubles(None, web.now()))
