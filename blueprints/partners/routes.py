"""Who sends students to a store: partners, the links they hand on, what they are owed, and what they were paid."""

from blueprints.partners import editing, own_page, payouts, report, sent
from blueprints.partners.blueprint import blueprint

VIEWS = (editing, own_page, payouts, report, sent)
__all__ = ["VIEWS", "blueprint"]
