"""Routes of this flow."""

from flask import Blueprint

blueprint = Blueprint("operation", __name__)
