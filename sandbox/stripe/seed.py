"""What the stand-in begins with: three accounts and keys that can be read off its page."""

from sandbox.state import State
from sandbox.stripe.records import Account, ApiKey

SITE, COACH, COACH2 = "acct_1GreenroomSite", "acct_1GreenroomCoach", "acct_1GreenroomCoach2"
# All that a store's key needs; and the one more that lets the product make its webhook endpoint itself.
NEEDED = ("checkout_session_write", "payment_intent_read", "charge_read", "refund_write", "dispute_read", "event_read")
SITE_KEY = "sk_test_GreenroomSite"
COACH_KEY = "rk_test_GreenroomCoach"
COACH2_KEY = "rk_test_GreenroomCoach2"
WEBHOOK_KEY = "rk_test_GreenroomWebhook"
NARROW_KEY = "rk_test_GreenroomNarrow"
LIVE_KEY = "rk_live_GreenroomCoach"
SECRET_KEY = "sk_test_GreenroomCoach"


def plant(state: State, site_key: str = SITE_KEY) -> None:
    """Accounts and keys are there; whatever exists already stays as it is."""
    accounts = (
        Account(SITE, "Greenroom demo", "site@example.com"),
        Account(COACH, "Nova Coaching", "coach@example.com"),
        Account(COACH2, "Second Coach", "coach2@example.com"),
    )
    keys = (
        ApiKey(site_key, SITE, site_key.startswith(("sk_live_", "rk_live_")), None),
        ApiKey(COACH_KEY, COACH, False, NEEDED),
        ApiKey(WEBHOOK_KEY, COACH, False, (*NEEDED, "webhook_write")),
        ApiKey(NARROW_KEY, COACH, False, tuple(right for right in NEEDED if right != "refund_write")),
        ApiKey(LIVE_KEY, COACH, True, NEEDED),
        ApiKey(SECRET_KEY, COACH, False, None),
        ApiKey(COACH2_KEY, COACH2, False, NEEDED),
    )
    with state.transaction():
        for record in (*accounts, *keys):
            if state.find(type(record), record.key) is None:
                state.put(record)
