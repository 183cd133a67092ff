"""Routes of this flow."""

from flask import Blueprint

blueprint = Blueprint("wizard", __name__)
