"""Who is told to come back later with their wrong secrets. Pure."""

from datetime import timedelta

MOST_TRIES = 10
WINDOW = timedelta(minutes=10)
