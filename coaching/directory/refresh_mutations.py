"""What public lists show is kept up to date: one run of the worker, each minute and at once after a change."""

from datetime import datetime

from coaching.directory.basis_queries import products_on_sale
from coaching.directory.next_free_mutations import MOST_AT_ONCE, refresh_next_free
from coaching.directory.summary_mutations import refresh_summaries


def refresh_directory(now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Next free instants and coaches' summaries are as the other tables have them; how many products are left over."""
    on_sale = products_on_sale(now)
    left = refresh_next_free(on_sale, now, most)
    refresh_summaries(on_sale, now)
    return left
