"""What is kept about people themselves, their messages and their time (people_columns.py). Foundation."""

from coaching.accounts import models as accounts
from coaching.calendars.models import Feed, OutsideBusy
from coaching.hours import models as hours
from coaching.messages import models as messages
from coaching.notices.models import Notice
from coaching.own_data.columns import FORMER, About, goes, stays
from coaching.own_data.export_models import Export

_SCHEDULE = (hours.Schedule.coach,)
_SIGN_IN = (accounts.SignIn.person,)
_LINK = (accounts.DiscordLink.person,)

ABOUT_ACCOUNTS = (
    About(
        accounts.Person,
        (
            stays(
                download="email email_verified_at name zone language clock browser_clock is_admin created_at "
                "suspended_at suspended_why",
                cleared={
                    "email": None,
                    "email_key": None,
                    "email_verified_at": None,
                    "password_hash": None,
                    "name": FORMER,
                    "zone": None,
                    "language": "en",
                    "clock": "",
                    "browser_clock": "",
                    "is_admin": False,
                    "suspended_at": None,
                    "suspended_why": "",
                },
            ),
        ),
        "id email_key password_hash erased_at",
    ),
    About(
        accounts.SignIn,
        (goes(*_SIGN_IN, download="made_at seen_at ends_at browser"),),
        "id token_sha256 person verified_at factor_at",
    ),
    About(
        accounts.MailLink,
        (goes(accounts.MailLink.person, download="purpose email made_at ends_at"),),
        "id token_sha256 person",
    ),
    About(accounts.DiscordLink, (goes(*_LINK, download="discord_user_id username avatar linked_at"),), "id person"),
    About(
        accounts.GuildMember,
        (goes(accounts.GuildMember.link, *_LINK, download="discord_guild_id state checked_at"),),
        "id link",
    ),
    About(
        accounts.MergeClaim,
        (goes(accounts.MergeClaim.sign_in, *_SIGN_IN), goes(accounts.MergeClaim.other)),
        "id sign_in other way basis token_sha256 shown_at ends_at back",
    ),
    About(
        accounts.SavedForm,
        (goes(accounts.SavedForm.person, download="address fields expires_at"),),
        "id key_sha256 person size",
    ),
    About(
        accounts.SecondFactor, (goes(accounts.SecondFactor.person, download="set_up_at"),), "id person secret last_step"
    ),
    About(
        accounts.RecoveryCode,
        (goes(accounts.RecoveryCode.factor, accounts.SecondFactor.person),),
        "id factor code_sha256",
    ),
    About(accounts.NewSecret, (goes(accounts.NewSecret.person),), "id holder_sha256 person secret ends_at"),
    About(
        accounts.HalfSignIn, (goes(accounts.HalfSignIn.person),), "id token_sha256 person way basis back zone ends_at"
    ),
    About(accounts.WrongCode, (goes(accounts.WrongCode.person, download="at"),), "id person holder_sha256"),
    About(accounts.FormKey, (goes(accounts.FormKey.person),), "id person key result made_at"),
    About(
        accounts.SecurityEvent,
        (
            stays(
                accounts.SecurityEvent.person,
                download="at kind detail address times",
                kept="kind",
                why="That something happened stays in the audit log until it is 180 days old.",
                cleared={"detail": "", "address": "", "request": ""},
            ),
            stays(accounts.SecurityEvent.actor, cleared={"address": "", "request": ""}),
        ),
        "id person actor request",
    ),
    About(
        Notice,
        (goes(Notice.person_id, download="kind channel recipient subject body state made_at sent_at"),),
        "id key person_id session_id fields due_at ends_at claimed_until attempts last_error unsure_at",
    ),
    About(
        messages.MessageSettings,
        (
            goes(
                messages.MessageSettings.person,
                download="takes_discord allows_replies shows_answers reminders quiet_from quiet_until "
                "mail_refused_at mail_refused_why dm_refused_at dm_refused_why",
            ),
        ),
        "id person next_day_at dm_channel_id dm_user_id",
    ),
    About(messages.MessageChoice, (goes(messages.MessageChoice.person, download="kind way"),), "id person"),
    About(messages.CalendarFeed, (goes(messages.CalendarFeed.person, download="made_at"),), "id person token_sha256"),
    # What they asked to download: the file goes within a minute of its row.
    About(
        Export,
        (goes(Export.person),),
        "id person asked_at next_try_at claim tries made_at failed_at ends_at size_bytes",
    ),
    # --- A coach's time
    About(hours.Schedule, (goes(*_SCHEDULE, download="name zone created_at"),), "id code coach"),
    About(
        hours.WeeklySpan,
        (goes(hours.WeeklySpan.schedule, *_SCHEDULE, download="schedule weekday start_minute length_minutes"),),
        "id",
    ),
    About(
        hours.DateOverride,
        (goes(hours.DateOverride.schedule, *_SCHEDULE, download="schedule day_on spans note"),),
        "id",
    ),
    About(hours.TimeOff, (goes(hours.TimeOff.coach, download="starts_at ends_at note"),), "id coach"),
    About(hours.Travel, (goes(hours.Travel.schedule, *_SCHEDULE, download="schedule zone from_on until_on"),), "id"),
    About(
        Feed,
        (goes(Feed.coach, download="name stale_after_minutes fetched_at fault made_at"),),
        "id code coach address etag modified text_sha256 known_until events tried_at next_try_at failures notified_at",
    ),
    About(OutsideBusy, (goes(OutsideBusy.feed, Feed.coach, download="feed starts_at ends_at"),), "id"),
)
