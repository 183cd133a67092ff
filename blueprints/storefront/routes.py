"""Routes of this flow."""

from flask import Blueprint

blueprint = Blueprint("storefront", __name__)
