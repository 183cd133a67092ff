"""Reviews: what everybody reads, what a student writes, what a coach answers, and what somebody reports."""

from blueprints.reviews import answering, reporting, shown, writing
from blueprints.reviews.blueprint import blueprint

VIEWS = (answering, reporting, shown, writing)
__all__ = ["VIEWS", "blueprint"]
