"""The flow's blueprint; every file with views of this flow adds its own."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)
# No row has a larger number, and no database takes one as a row's.
NUMBER = "int(max=2147483647)"
