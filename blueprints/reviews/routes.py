"""Reviews: what everybody reads, what a student writes, what a coach answers, and what somebody reports."""

from blueprints.reviews import answering, public, reporting, writing
from blueprints.reviews.blueprint import blueprint

VIEWS = (answering, public, reporting, writing)
__all__ = ["VIEWS", "blueprint"]
