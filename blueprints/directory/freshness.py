"""Tells the worker that public lists may say something else now: somebody has changed what they sell, or when."""

from flask import Flask, Response, current_app, request

from blueprints.bodies import SAFE_METHODS

# Signing in and one's own settings change no list. What books or calls off wakes the rooms, and the lists with them.
CHANGING = {
    "stores",
    "wizard",
    "schedules",
    "calendars",
    "extras",
    "coaches",
    "reviews",
    "people",
    "admin",
    "operation",
}


def init_app(app: Flask) -> None:
    """Have every form that was written told on. Should that be lost, the worker comes to it within a minute."""
    app.after_request(note_change)


def note_change(answer: Response) -> Response:
    is_written = request.method not in SAFE_METHODS and answer.status_code < 400
    if is_written and request.blueprint in CHANGING:
        current_app.extensions["wake_lists"]()
    return answer
