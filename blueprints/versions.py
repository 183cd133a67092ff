"""Static files' addresses name their content, so that a browser keeps them for good and asks again after an upgrade."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.security import safe_join

KEPT_FOR = 365 * 24 * 60 * 60


def init_app(app: Flask) -> None:
    """Put a version into every static address, and let what is asked for by version be kept for a year."""

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = version_of(safe_join(app.static_folder or "", values["filename"]) or "")

    @app.after_request
    def keep(answer: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and answer.status_code in (200, 304):
            answer.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}, immutable"
        return answer


@cache
def version_of(path: str) -> str:
    """The first letters of the file's digest, read once a process; empty when there is no such file."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]
    except OSError:
        return ""
