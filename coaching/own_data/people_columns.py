"""Every column of every table: whether it is about a person, what deleting their account does to it, and whether their
download holds it. Foundation.

A new table or column gets its line in one of the lists; tests/own_data/test_people_columns.py fails until it has one.
What students see of a session, its title and times, is found from their seat. Secrets and their hashes are in no
download.
"""

from coaching.call_budget.models import CallBucket, CallHold, CallLimiter
from coaching.catalog.models import Guild
from coaching.figures import models as figures
from coaching.own_data.columns_of_accounts import ABOUT_ACCOUNTS
from coaching.own_data.columns_of_calls import ABOUT_CALLS
from coaching.own_data.columns_of_money import ABOUT_MONEY
from coaching.own_data.columns_of_selling import ABOUT_SELLING
from coaching.own_data.models import ErasedPerson
from coaching.payments.models import ProviderEvent, ReceiptSeries
from coaching.people.models import BarredIdentity
from coaching.pricing.models import DiscountProduct
from coaching.rate_limits.models import RateCount
from coaching.rooms import models as rooms
from coaching.runtime import models as runtime
from coaching.tallies.models import Tally

ABOUT_PEOPLE = (*ABOUT_ACCOUNTS, *ABOUT_SELLING, *ABOUT_CALLS, *ABOUT_MONEY)

# Tables that say nothing about a person. Whom a room lets in follows from who is linked: Discord is told by the plan.
ABOUT_NOBODY = {
    # By number and instants alone: it is what is left of somebody.
    ErasedPerson: "id person_id person_created_at erased_at finished_at",
    # A digest that nobody can read an address from, and that only this site's key makes.
    BarredIdentity: "id digest code barred_at",
    Tally: "id name label total",
    RateCount: "id name key_sha256 total ends_at not_before was_refused",
    Guild: "id discord_guild_id name seen_at",
    DiscountProduct: "id discount_code product",
    ProviderEvent: "id event_id kind payment_account heard_at",
    ReceiptSeries: "id store year last_number",
    rooms.Room: "id kind coaching_session number store code mode asked_mode state thresholds version claimed_until "
    "discord_guild_id discord_channel_id discord_role_id parent_id is_full overwrites holders maybe_holders "
    "to_disconnect let_in let_in_since greeting_message_id warned_at opened_by_hand_at "
    "closed_by_hand_at extra_minutes "
    "intent intended_at looked_at made_at granted_at checked_at failing_step attempts lacking "
    "last_error next_try_at "
    "created_at",
    rooms.GuildSweep: "id discord_guild_id due_at",
    rooms.Installation: "id code",
    rooms.Orphan: "id discord_guild_id discord_id kind code name lets_in seen_at",
    CallLimiter: "id name next_at held_until refused refused_since",
    CallBucket: "id key most remaining period began_at resets_at held_until consecutive_429s",
    CallHold: "id name reason until hung",
    runtime.Run: "id minute started_at due done failed took_ms",
    runtime.RetentionRun: "id name night_at removed total ended_at",
    runtime.Heartbeat: "id name at",
    runtime.Lease: "id name claimed_until",
    runtime.Clock: "id offset_seconds",
    # Sums, in which nobody is named.
    figures.DayFigure: "id store product day_on week_on month_on name label amount",
    figures.SiteFigure: "id day_on week_on month_on name label amount",
    figures.FiguredMonth: "id store month_on due_at",
    figures.FiguredStore: "id store zone offered_until due_at",
    figures.FigureMark: "id event_id searched_at complete_at",
}
