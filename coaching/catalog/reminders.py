"""How long before a call people are reminded of it. Pure."""

SHORTEST_REMINDER, LONGEST_REMINDER = 5, 7 * 24 * 60  # minutes
MOST_REMINDERS = 3
DEFAULT_REMINDERS = (24 * 60, 60)
DEFAULT_COACH_REMINDERS = (60,)
