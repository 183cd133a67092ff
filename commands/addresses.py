"""Addresses of pages, for a command line that has no request to build them from."""

from flask import current_app


def address_of(endpoint: str, **values: str) -> str:
    """The page's address as people reach it, from APP_URL."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{current_app.config['APP_URL']}{path}"
