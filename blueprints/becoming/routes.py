"""Becoming a coach: by an application, or by a link of an admin."""

from blueprints.becoming import applying, taking
from blueprints.becoming.blueprint import blueprint

VIEWS = (applying, taking)
__all__ = ["VIEWS", "blueprint"]
