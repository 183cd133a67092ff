"""Routes of this flow."""

from flask import Blueprint

blueprint = Blueprint("stores", __name__)
