"""What a demo sells, and what stands with it: how it is paid, who sends students, and who wants to coach, too."""

from coaching.catalog.details import BumpDetails, CheckoutDetails, OfferDetails, QuestionDetails
from coaching.coaches.applications import ApplicationDetails
from coaching.pricing.partner_rules import PartnerDetails

MIXING = CheckoutDetails(
    title="Mixing feedback call",
    description=(
        "Bring **one track**. We listen together, I say what I hear, and we change it while you watch.\n\n"
        "You leave with:\n\n"
        "- three things that will help this mix most\n"
        "- the settings we found, written into the room\n"
        "- one habit for the next ten mixes\n\n"
        "Any genre, any level, any software."
    ),
    session_type="video",
    offers=(OfferDetails(30, 45_00), OfferDetails(60, 80_00)),
    questions=(
        QuestionDetails("Link to your track"),
        QuestionDetails(
            "What do you work with?", "choice", choices=("Ableton Live", "Logic Pro", "FL Studio", "Other")
        ),
    ),
)
STRATEGY = CheckoutDetails(
    title="Release strategy by phone",
    description="Who to send it to, in which order, and what to write. I call you at the time you choose.",
    session_type="phone",
    offers=(OfferDetails(45, 60_00),),
    questions=(QuestionDetails("What do you want to release, and when?", "long"),),
)
CHECK = CheckoutDetails(
    title="Master check, paid by card",
    description="Ten minutes before you release: loudness, low end, and whether it survives a phone.",
    session_type="audio",
    offers=(OfferDetails(15, 25_00),),
    questions=(QuestionDetails("Link to your master"),),
)
NOTES = BumpDetails(
    "Written notes",
    9_00,
    "A page on what to change, the day after the call.",
    gives="Your notes will lie at https://example.com/notes, under the code of this call.",
)
RECORD = CheckoutDetails(
    title="A whole record, by request",
    description="Three to six songs that ought to belong together. Tell me about them, and I say whether I can help.",
    session_type="video",
    offers=(OfferDetails(60, 120_00),),
    questions=(),
)
VOCALS = CheckoutDetails(title="Vocal chain check", description="", session_type="audio", offers=())
REPLAYS = CheckoutDetails(
    title="Replay review",
    description="Send a replay, and we go through the three moments that decided it. Ranked or not.",
    session_type="audio",
    offers=(OfferDetails(30, 0),),
    questions=(QuestionDetails("Replay code", is_required=True),),
)

PAY_TEXT = "Transfer the amount to DE00 1234 5678 9012 3456 00 within three days."
SELLER_TAX_NOTE = "No VAT is charged, as for small businesses."

# Who sends students to Nova.
LENA = PartnerDetails("Lena Beats", "lena-beats", 20)

# It waits for the admin.
APPLICATION = ApplicationDetails(
    teaches="Vocal production for people who sing at home: from the first take to a voice that sits in the mix.",
    links="https://example.com/robin",
    why="I answer the same questions in three servers each week, and would like to do it properly.",
)
