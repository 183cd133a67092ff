"""A coach's students: all of them, one with their history, notes, labels."""

from blueprints.students import asking, labelling, listing, noting, showing
from blueprints.students.blueprint import blueprint

VIEWS = (asking, labelling, listing, noting, showing)
__all__ = ["VIEWS", "blueprint"]
