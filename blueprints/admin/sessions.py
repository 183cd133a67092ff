"""The admin's page of all sessions: by code, title or person, with the state of their rooms."""

from flask import Response, request

from blueprints import web
from blueprints.admin.blueprint import blueprint
from blueprints.admin.rooms import asked_page
from coaching.operation.queries import sessions_page
from coaching.plain_text import clean

PAGE_SIZE = 50
LONGEST_SEARCH = 100


@blueprint.get("/admin/sessions")
def session_list() -> Response:
    """The sessions that are asked for, or all, the latest first."""
    page, words = asked_page(), clean(request.args.get("q"))[:LONGEST_SEARCH]
    listed = sessions_page(page, PAGE_SIZE, words)
    return web.render("admin/sessions.html", listed=listed, words=words, number=page, has_more=len(listed) == PAGE_SIZE)
