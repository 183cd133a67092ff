"""A coach books for a student: a time is kept by an invitation, until somebody takes it."""

from blueprints.invitations import making, taking
from blueprints.invitations.blueprint import blueprint

VIEWS = (making, taking)
__all__ = ["VIEWS", "blueprint"]
