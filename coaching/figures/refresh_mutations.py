"""Figures are kept up to date: one run of the worker, each minute."""

from coaching.figures.day_mutations import write_down_days
from coaching.figures.month_mutations import refresh_months, want_all
from coaching.now import Now


def refresh_figures(now: Now) -> bool:
    """Figures are as the other tables have them; True when some of it is left to the next run."""
    is_left = refresh_months(now.product)
    write_down_days(now)
    return is_left


def finish_figures(now: Now) -> None:
    """Figures are as the other tables have them, however many runs it takes."""
    is_left = True
    while is_left:
        is_left = refresh_figures(now)


def rebuild_figures(now: Now) -> None:
    """All figures are counted anew; what nothing else remembers stays."""
    want_all(now.product)
    finish_figures(now)
