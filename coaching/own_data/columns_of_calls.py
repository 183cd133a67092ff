"""What is kept about calls, their reviews and rooms (people_columns.py). Foundation."""

from coaching.booking import models as booking
from coaching.folders.models import Folder, FolderEntry, FolderVisit
from coaching.own_data.columns import MONEY, RECORD, About, goes, let_go, stays
from coaching.people.models import LeftSession
from coaching.reviews.models import Review, ReviewReport, TakenBackReview
from coaching.rooms import models as rooms
from coaching.rooms.recording.events import EventKind
from coaching.students.models import FormerStudent, StudentLabel, StudentMessage, StudentNote

_GIVEN = (booking.CoachingSession.coach,)
_SEAT = (booking.Seat.student,)
_SEAT_GIVEN = (booking.Seat.coaching_session, *_GIVEN)
# Of a room's log only these lines name whoever did it.
_BY_HAND = (EventKind.OPENED_BY_HAND, EventKind.CLOSED_BY_HAND, EventKind.EXTENDED, EventKind.RETRIED)

_ENTRY_WORDS = "kind words address as_written"
_ENTRY = f"folder {_ENTRY_WORDS} written_at changed_at done_at"

ABOUT_CALLS = (
    # --- What was booked
    About(
        booking.CoachingSession,
        (
            stays(
                *_GIVEN,
                download="code product title session_type minutes starts_at ends_at zone wall_time state "
                "absent created_at ended_by ended_by_admin end_reason ended_at",
                kept="code title session_type zone wall_time state absent ended_by ended_by_admin end_reason",
                why=RECORD,
            ),
        ),
        "id coach busy_from busy_until held_until revision timed_at next_look_at",
    ),
    About(
        booking.Seat,
        (
            stays(
                *_SEAT,
                download="coaching_session starts_at ends_at price_cents currency payment pay_text paid_at "
                "said_paid_at coming_at refund_tiers moves goals phone zone wall_time source",
                kept="currency payment pay_text refund_tiers zone wall_time source",
                why=MONEY,
                cleared={"goals": "", "phone": None},
            ),
            stays(
                *_SEAT_GIVEN,
                download="coaching_session starts_at ends_at price_cents currency payment paid_at source",
                kept="currency payment source",
                why=MONEY,
                cleared={"pay_text": ""},
            ),
        ),
        "id student is_live pays_first hold_minutes most_moves move_notice_minutes absent_percent most_percent "
        "settle_from discount_code partner share_percent",
    ),
    About(
        booking.SeatLine,
        (
            stays(
                booking.SeatLine.seat,
                *_SEAT,
                download="seat kind title amount_cents gives",
                kept="kind title",
                why=MONEY,
                cleared={"gives": ""},
            ),
        ),
        "id position bump is_refundable",
    ),
    About(booking.Answer, (goes(booking.Answer.seat, *_SEAT, download="seat label text"),), "id kind position"),
    About(
        booking.SessionEvent,
        (
            stays(
                booking.SessionEvent.person,
                download="coaching_session kind fields words at",
                kept="kind fields",
                why=RECORD,
                cleared={"words": ""},
            ),
        ),
        "id person",
    ),
    About(booking.NewsSeen, (goes(booking.NewsSeen.person),), "id person coaching_session event"),
    About(
        booking.Proposal,
        (goes(booking.Proposal.coaching_session, *_GIVEN, download="coaching_session starts_at made_at"),),
        "id",
    ),
    About(
        booking.Invitation,
        (
            let_go(
                booking.Invitation.student,
                download="coaching_session price_cents made_at used_at",
                cleared={"note": ""},
            ),
            stays(
                booking.Invitation.coaching_session,
                *_GIVEN,
                download="coaching_session price_cents note made_at used_at",
                cleared={"note": ""},
            ),
        ),
        "id token_sha256 student",
    ),
    # --- What both of a call share
    About(
        Folder,
        (
            goes(Folder.seat, *_SEAT, download="seat kept_until"),
            stays(Folder.seat, *_SEAT_GIVEN, download="seat kept_until"),
        ),
        "id",
    ),
    About(
        FolderEntry,
        (
            goes(FolderEntry.folder, Folder.seat, *_SEAT, download=_ENTRY),
            goes(FolderEntry.writer),
            stays(FolderEntry.folder, Folder.seat, *_SEAT_GIVEN, download=_ENTRY, kept=_ENTRY_WORDS, why=RECORD),
            let_go(FolderEntry.changed_by),
            let_go(FolderEntry.done_by),
        ),
        "id code writer changed_by done_by revision",
    ),
    About(
        FolderVisit,
        (goes(FolderVisit.person), goes(FolderVisit.folder, Folder.seat, *_SEAT)),
        "id folder person seen_at",
    ),
    About(
        LeftSession,
        (stays(LeftSession.coaching_session, *_GIVEN),),
        "id coaching_session side left_at",
    ),
    # --- What a coach keeps to themselves
    About(
        StudentNote,
        (
            goes(StudentNote.coach, download="student coaching_session words made_at edited_at"),
            goes(StudentNote.student),
        ),
        "id code coach",
    ),
    About(
        StudentLabel,
        (goes(StudentLabel.coach, download="student words"), goes(StudentLabel.student)),
        "id coach key",
    ),
    # --- What students write to a coach
    About(
        StudentMessage,
        (
            goes(StudentMessage.student, download="coach title words sent_at"),
            goes(StudentMessage.coach, download="student title words sent_at read_at"),
        ),
        "id",
    ),
    # Numbers alone.
    About(
        FormerStudent,
        (goes(FormerStudent.coach), goes(FormerStudent.student)),
        "id coach number student",
    ),
    # --- Reviews
    About(
        Review,
        (
            let_go(
                Review.student,
                download="product stars words held_at made_at edited_at answer answered_at hidden_at",
                kept="words answer",
                why="What others have read stays, signed by a former student.",
            ),
            stays(
                Review.coach,
                download="product stars words held_at made_at answer answered_at hidden_at",
                kept="words",
                why="They are their students’ words.",
                cleared={"answer": "", "answered_at": None},
            ),
            let_go(Review.hidden_by),
        ),
        "id code seat coach student is_verified hidden_why hidden_by",
    ),
    About(TakenBackReview, (goes(TakenBackReview.seat, *_SEAT),), "id seat made_at"),
    About(
        ReviewReport,
        (
            let_go(
                ReviewReport.person,
                download="review words made_at settled_at outcome",
                kept="words outcome",
                why="An admin still has to settle it.",
            ),
        ),
        "id person",
    ),
    # --- Rooms
    About(
        rooms.Presence,
        (stays(rooms.Presence.person, download="room seconds last_seen_at present_at"),),
        "id person is_inside looked_at looks",
    ),
    About(
        rooms.RoomEvent,
        (
            goes(
                rooms.RoomEvent.room,
                rooms.Room.coaching_session,
                *_GIVEN,
                where=lambda: rooms.RoomEvent.kind.in_(_BY_HAND),
            ),
        ),
        "id room at kind fields reason status discord_code took_ms",
    ),
)
