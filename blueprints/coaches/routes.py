"""Coaches' public pages, and their pictures."""

from flask import Response, make_response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints.coaches import editing
from blueprints.coaches.blueprint import blueprint
from blueprints.coaches.page import page_context, preview_context
from blueprints.signed_in import current_person
from blueprints.web import render
from coaching.coaches.face_queries import get_portrait
from coaching.coaches.profile_queries import find_present_slug, get_shown_coach
from coaching.errors import NotFound

VIEWS = (editing,)
__all__ = ["VIEWS", "blueprint"]


@blueprint.get("/coaches/<slug>", strict_slashes=False)
def show(slug: str) -> AnyResponse:
    """A coach's page; an address that it had before leads to it."""
    small = slug.lower()
    try:
        coach = get_shown_coach(small, current_person())
    except NotFound:
        present = find_present_slug(small)
        if present is None:
            raise
        return redirect(url_for(".show", slug=present), 301)
    if slug != small:
        return redirect(url_for(".show", slug=small), 301)
    return render("coaches/show.html", "coaches/_coach.html", **page_context(coach), **preview_context(coach))


@blueprint.get("/portraits/<code>.webp")
def portrait(code: str) -> Response:
    """A coach's picture; the address never shows another one, so it may be kept for good."""
    stored_portrait = get_portrait(code)
    answer = make_response(stored_portrait.webp)
    answer.headers["Content-Type"] = "image/webp"
    answer.headers["Content-Disposition"] = 'inline; filename="picture.webp"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
