"""What can become of a session, and how long its coach may correct what was written down of it. Pure."""

from datetime import timedelta
from typing import Literal

Outcome = Literal["in_progress", "completed", "no_show"]
Absent = Literal["student", "coach", "both", "unknown"]
# So long after the end the coach may say what really happened.
CORRECTED_WITHIN = timedelta(days=7)
# In these states a session was to take place.
ENDED = ("scheduled", "in_progress", "completed", "no_show")
