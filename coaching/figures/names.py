"""Which figures there are, by the names under which they are kept. Pure.

A booking counts on the day it was made. What became of a call, its minutes and its room count on the day it was to
begin; money on the date of its receipt; a review on the day it was written. Days are those of the store's zone.
"""

# Calls, by the day on which they were booked. Labels: from where (SOURCES).
CREATED = "created"
# Calls, by the day on which they were to begin: each of them is one of these.
COMPLETED = "completed"
# Labels: student, coach, site (an admin, for somebody suspended); empty where nobody wrote it down.
CANCELLED = "cancelled"
NO_SHOW = "no_show"  # labels: student, coach, both, unknown
CAME_TO_NOTHING = "came_to_nothing"  # labels: declined, expired
COMING = "coming"  # not over yet, or asked for
# Minutes, by the same day: of calls that were agreed on and not called off; of those that took place; of these, those
# with a record of who was there; and seconds for which both sides were there, going by whoever stayed shorter.
BOOKED_MINUTES, PLANNED_MINUTES = "booked_minutes", "planned_minutes"
RECORDED_MINUTES, SPENT_SECONDS = "recorded_minutes", "spent_seconds"
# Rooms, by the same day: open to the student in time, later, never; and how many seconds later in all.
ROOM_IN_TIME, ROOM_LATE, ROOM_NEVER, ROOM_DELAY = "room_in_time", "room_late", "room_never", "room_delay"
# Money in the currency's smallest unit, by the date of the receipt. Labels: the currency, and " test" where none moved.
INCOME, REFUNDED = "income", "refunded"
# Reviews that are not hidden, and the sum of their stars.
REVIEWS, STARS = "reviews", "stars"
# Minutes in which a product could be booked, and in which any product of its store could, by the hours as they were.
OFFERED, STORE_OFFERED = "offered", "store_offered"
# Of the site: minutes with a run of the worker, those in which something failed, and the most channels at one time.
RUNS, FAILED_RUNS, CHANNELS = "runs", "failed_runs", "channels"

SOURCES = ("invitation", "partner", "code", "directory", "page", "link", "unknown")
TEST = " test"
# Nothing else remembers these: they are written down on their day, and never worked out again.
KEPT = (OFFERED, STORE_OFFERED, RUNS, FAILED_RUNS, CHANNELS)
# What these follow from is forgotten after some months: they then stay as they were worked out before.
SHORT_LIVED = (RECORDED_MINUTES, SPENT_SECONDS, ROOM_IN_TIME, ROOM_LATE, ROOM_NEVER, ROOM_DELAY)
# Of several days not their sum, but the most.
HIGHEST = (CHANNELS,)
