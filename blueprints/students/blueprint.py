"""The flow's blueprint; every file with views of this flow adds its own."""

from flask import Blueprint

blueprint = Blueprint("students", __name__)
