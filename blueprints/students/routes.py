"""A coach's students: all of them, one with their history, notes, labels."""

from blueprints.students import labelling, listing, noting, showing
from blueprints.students.blueprint import blueprint

VIEWS = (labelling, listing, noting, showing)
__all__ = ["VIEWS", "blueprint"]
