"""What is kept about coaches and what they sell (people_columns.py). Foundation."""

from coaching.catalog import models as catalog
from coaching.coaches import models as coaches
from coaching.diagnostics.models import Diagnosis
from coaching.directory.models import CoachSummary, NextFree
from coaching.own_data.columns import CLOSED_STORE, MONEY, RECORD, About, closed, goes, let_go, stays
from coaching.pricing import models as pricing

_STORE = (catalog.Store.owner,)
_PRODUCT = (catalog.Product.store, *_STORE)
_COACH = (coaches.Coach.person,)

ABOUT_SELLING = (
    # --- What is sold
    About(
        catalog.Picture, (goes(catalog.Picture.owner, download="code width height webp made_at"),), "id owner sha256"
    ),
    About(
        catalog.SharePicture, (goes(catalog.SharePicture.picture, catalog.Picture.owner),), "id picture jpeg made_at"
    ),
    About(
        catalog.Store,
        (
            stays(
                *_STORE,
                download="slug name currency zone access_mode created_at seller_name seller_address tax_note "
                "line stopped_at",
                kept="currency zone access_mode",
                why=MONEY,
                cleared={
                    "slug": closed,
                    "name": CLOSED_STORE,
                    "line": "",
                    "cover": None,
                    "guild": None,
                    "guild_verified_at": None,
                    "guild_recheck_at": None,
                    "guild_asked_at": None,
                    "guild_approved_at": None,
                    "seller_name": "",
                    "seller_address": "",
                    "tax_note": "",
                },
            ),
        ),
        "id owner hue guild guild_verified_at guild_recheck_at guild_asked_at guild_approved_at "
        "may_use_site_account cover",
    ),
    About(
        catalog.Product,
        (
            stays(
                *_PRODUCT,
                download="store slug state title description session_type payment pay_text needs_approval "
                "refund_tiers message_words created_at updated_at published_at",
                kept="slug state title session_type payment refund_tiers message_words",
                why=RECORD,
                cleared={
                    "description": "",
                    "description_html": "",
                    "pay_text": "",
                    "picture": None,
                    "schedule": None,
                    "takes_reviews": False,
                    "asks_for_reviews": False,
                },
            ),
        ),
        "id code description_html picture display_style schedule notice_minutes horizon_days "
        "buffer_before_minutes "
        "buffer_after_minutes grid_minutes daily_cap weekly_cap most_per_student most_moves "
        "move_notice_minutes "
        "approval_minutes make_minutes open_minutes close_minutes remove_minutes overrun_minutes "
        "opens_at_booking pays_first "
        "hold_minutes absent_percent share_percent reminders says_when_open position is_unlisted takes_reviews "
        "asks_for_reviews refuses_absent",
    ),
    About(
        catalog.Offer,
        (stays(catalog.Offer.product, *_PRODUCT, download="product minutes price_cents is_retired"),),
        "id position",
    ),
    About(
        catalog.Question,
        (goes(catalog.Question.product, *_PRODUCT, download="product kind label choices is_required retired_at"),),
        "id position successor depends_on depends_answer",
    ),
    About(
        catalog.Bump,
        (goes(catalog.Bump.product, *_PRODUCT, download="product title words price_cents gives retired_at"),),
        "id picture position is_refundable",
    ),
    About(NextFree, (goes(NextFree.product, *_PRODUCT),), "id product starts_at looked_at due_at basis"),
    About(
        pricing.DiscountCode,
        (
            stays(
                pricing.DiscountCode.store,
                *_STORE,
                download="store code percent amount_cents from_at until_at most_uses most_per_person is_active made_at",
                cleared={"code": closed, "is_active": False},
            ),
        ),
        "id first_booking_only",
    ),
    About(
        pricing.Partner,
        (
            stays(
                pricing.Partner.store,
                *_STORE,
                download="store name code share_percent is_active made_at",
                cleared={"name": "A former partner", "code": closed, "token_sha256": None, "is_active": False},
            ),
        ),
        "id token_sha256",
    ),
    About(
        pricing.Payout,
        (
            stays(
                pricing.Payout.partner,
                pricing.Partner.store,
                *_STORE,
                download="partner amount_cents currency paid_on note made_at",
                kept="currency",
                why=MONEY,
                cleared={"note": ""},
            ),
        ),
        "id",
    ),
    About(Diagnosis, (goes(Diagnosis.store, *_STORE),), "id store guild at checks next_at"),
    # --- Coaches
    About(
        coaches.Coach,
        (
            goes(
                *_COACH,
                download="slug approved_at stopped_at stopped_why headline bio links is_listed takes_avatar updated_at",
            ),
        ),
        "id person bio_html portrait avatar avatar_due_at avatar_attempts stopped_with_account",
    ),
    About(coaches.FormerSlug, (goes(coaches.FormerSlug.coach, *_COACH, download="slug"),), "id coach"),
    About(
        coaches.CoachSpecialty,
        (goes(coaches.CoachSpecialty.coach, *_COACH, download="words"),),
        "id coach key position",
    ),
    About(coaches.CoachLanguage, (goes(coaches.CoachLanguage.coach, *_COACH, download="tag"),), "id coach position"),
    About(
        CoachSummary,
        (goes(CoachSummary.coach, *_COACH),),
        "id coach is_shown next_free_at from_price_cents currency reviews stars calls_held "
        "answers_minutes looked_at due_at",
    ),
    About(
        coaches.CoachApplication,
        (
            goes(coaches.CoachApplication.person, download="state teaches links why reply made_at sent_at answered_at"),
            let_go(coaches.CoachApplication.answered_by),
        ),
        "id person answered_by revision",
    ),
    About(
        coaches.CoachInvitation,
        (let_go(coaches.CoachInvitation.made_by),),
        "id token_sha256 made_by note most_uses made_at ends_at revoked_at",
    ),
    About(
        coaches.CoachInvitationUse,
        (stays(coaches.CoachInvitationUse.person, download="used_at"),),
        "id invitation person",
    ),
)
