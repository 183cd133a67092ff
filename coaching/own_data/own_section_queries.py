"""What everybody's download holds: the account, its sign-ins and messages, and all that somebody booked and wrote.

Left out are secrets and hashes of them, other people's addresses, and what coaches note for themselves.
"""

from typing import Any

from peewee import JOIN

from coaching.accounts.event_kinds import kind_of
from coaching.accounts.models import (
    DiscordLink,
    GuildMember,
    MailLink,
    ParkedForm,
    Person,
    SecondFactor,
    SecurityEvent,
    SignIn,
    WrongCode,
)
from coaching.booking.models import Answer, CoachingSession, Invitation, Seat, SeatLine, SessionEvent
from coaching.catalog.models import Picture, Product, Store
from coaching.coaches.models import CoachApplication, CoachInvitationUse
from coaching.folders.models import Folder, FolderEntry
from coaching.messages.models import CalendarFeed, MessageChoice, MessageSettings
from coaching.notices.labels import kind_label
from coaching.notices.models import Notice
from coaching.own_data.export_rules import read_json
from coaching.own_data.section_queries import Row, Section
from coaching.payments.models import Dispute, Objection, Payment, Receipt, Refund
from coaching.payments.receipt_rules import number_text
from coaching.reviews.models import Review, ReviewReport
from coaching.rooms.models import Presence, Room

Coach = Person.alias()


def _seats(person: Person) -> Any:
    return (
        Seat.select()
        .join(CoachingSession)
        .join(Coach, on=(CoachingSession.coach == Coach.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Seat.student == person)
    )


def _of_seats(model: Any, person: Person) -> Any:
    return model.select().join(Seat).join(CoachingSession).where(Seat.student == person)


def _payments(person: Person) -> Any:
    return _of_seats(Payment, person)


def _of_payments(model: Any, person: Person) -> Any:
    return model.select().join(Payment).join(Seat).join(CoachingSession).where(Seat.student == person)


def _notices(person: Person) -> Any:
    is_theirs = Notice.person_id == person.id
    if person.email and person.email_verified_at:
        is_theirs |= Notice.person_id.is_null() & (Notice.recipient == person.email)
    about = CoachingSession.id == Notice.session_id
    return Notice.select().join(CoachingSession, JOIN.LEFT_OUTER, on=about).where(is_theirs)


def _history(person: Person) -> Any:
    both = (Seat.student == person) | (CoachingSession.coach == person)
    return SessionEvent.select().join(CoachingSession).join(Seat, JOIN.LEFT_OUTER).where(both)


def _folder_entries(person: Person) -> Any:
    both = (Seat.student == person) | (CoachingSession.coach == person)
    return FolderEntry.select().join(Folder).join(Seat).join(CoachingSession).where(both)


def _presence(person: Person) -> Any:
    return Presence.select().join(Room).join(CoachingSession).where(Presence.person == person)


def _invitations(person: Person) -> Any:
    return Invitation.select().join(CoachingSession).where(Invitation.student == person)


def _reviews(person: Person) -> Any:
    return Review.select().join(Seat).join(CoachingSession).where(Review.student == person)


def _reports(person: Person) -> Any:
    return ReviewReport.select().join(Review).where(ReviewReport.person == person)


def _memberships(person: Person) -> Any:
    return GuildMember.select().join(DiscordLink).where(DiscordLink.person == person)


def _message_words(row: Row, _person: Person) -> Row:
    return row | {"what": kind_label(row["what"])}


def _form_words(row: Row, _person: Person) -> Row:
    return row | {"fields": read_json(row["fields"])}


def _event_words(row: Row, _person: Person) -> Row:
    return row | {"what": kind_of(row["what"]).words}


def _history_words(row: Row, person: Person) -> Row:
    who = _who(row["by"], person, "the site")
    return row | {"by": who, "details": read_json(row["details"])}


def _by_words(row: Row, person: Person) -> Row:
    return row | {"by": _who(row["by"], person, "an account that is gone")}


def _who(by: int | None, person: Person, nobody: str) -> str:
    return nobody if by is None else "you" if by == person.id else "the other side"


def _line_words(row: Row, _person: Person) -> Row:
    """What is given once it is paid is theirs from then on."""
    paid_at, gives = row.pop("paid_at"), row.pop("given_to_you")
    return row | ({"given_to_you": gives} if paid_at and gives else {})


def receipt_words(row: Row, _person: Person) -> Row:
    year, number = row.pop("year"), row.pop("number")
    return {"number": number_text(year, number)} | row | {"printed": read_json(row["printed"])}


SESSION = {"session": CoachingSession.code}
PAID = {"amount_cents": Payment.amount_cents, "currency": Payment.currency}
RECEIPT = {
    "year": Receipt.year,
    "number": Receipt.number,
    "issued_on": Receipt.issued_on,
    "amount_cents": Receipt.amount_cents,
    "currency": Receipt.currency,
    "seller": Receipt.seller,
    "buyer": Receipt.buyer,
    "printed": Receipt.printed,
    "tax_note": Receipt.tax_note,
}
WENT_BACK = {
    "amount_cents": Refund.amount_cents,
    "currency": Payment.currency,
    "why": Refund.cause,
    "reason": Refund.reason,
    "state": Refund.state,
    "reference": Refund.reference,
    "owed_at": Refund.owed_at,
    "settled_at": Refund.settled_at,
}

OWN_SECTIONS = (
    Section(
        "profile",
        "your account",
        Person,
        lambda person: Person.select().where(Person.id == person),
        {
            "name": Person.name,
            "email": Person.email,
            "email_confirmed_at": Person.email_verified_at,
            "zone": Person.zone,
            "language": Person.language,
            "is_admin": Person.is_admin,
            "made_at": Person.created_at,
            "suspended_at": Person.suspended_at,
            "suspended_because": Person.suspended_why,
        },
        is_one=True,
    ),
    Section(
        "discord",
        "the Discord account that you connected",
        DiscordLink,
        lambda person: DiscordLink.select().where(DiscordLink.person == person),
        {
            "discord_user_id": DiscordLink.discord_user_id,
            "username": DiscordLink.username,
            "picture": DiscordLink.avatar,
            "connected_at": DiscordLink.linked_at,
        },
        is_one=True,
    ),
    Section(
        "discord_servers",
        "whether Discord says that you are on a server, and when it was asked",
        GuildMember,
        _memberships,
        {
            "discord_server_id": GuildMember.discord_guild_id,
            "state": GuildMember.state,
            "checked_at": GuildMember.checked_at,
        },
    ),
    Section(
        "second_factor",
        "since when an app shows codes for you",
        SecondFactor,
        lambda person: SecondFactor.select().where(SecondFactor.person == person),
        {"set_up_at": SecondFactor.set_up_at},
        is_one=True,
    ),
    Section(
        "sign_ins",
        "the browsers in which you are or were signed in",
        SignIn,
        lambda person: SignIn.select().where(SignIn.person == person),
        {
            "browser": SignIn.browser,
            "made_at": SignIn.made_at,
            "last_used_at": SignIn.seen_at,
            "ends_at": SignIn.ends_at,
        },
    ),
    Section(
        "codes_that_did_not_fit",
        "wrong codes that were typed for your second factor",
        WrongCode,
        lambda person: WrongCode.select().where(WrongCode.person == person),
        {"at": WrongCode.at},
    ),
    Section(
        "links_by_mail",
        "links into your account that were sent and can still be used",
        MailLink,
        lambda person: MailLink.select().where(MailLink.person == person),
        {
            "purpose": MailLink.purpose,
            "to": MailLink.email,
            "made_at": MailLink.made_at,
            "ends_at": MailLink.ends_at,
        },
    ),
    Section(
        "forms_that_wait",
        "what you typed and have not sent yet",
        ParkedForm,
        lambda person: ParkedForm.select().where(ParkedForm.person == person),
        {"page": ParkedForm.address, "fields": ParkedForm.fields, "kept_until": ParkedForm.expires_at},
        _form_words,
    ),
    Section(
        "security_log",
        "what happened to your account, and from which network address",
        SecurityEvent,
        lambda person: SecurityEvent.select().where(SecurityEvent.person == person),
        {
            "at": SecurityEvent.at,
            "what": SecurityEvent.kind,
            "network_address": SecurityEvent.address,
            "times": SecurityEvent.times,
        },
        _event_words,
    ),
    Section(
        "message_settings",
        "how you want to be reached",
        MessageSettings,
        lambda person: MessageSettings.select().where(MessageSettings.person == person),
        {
            "takes_discord_messages": MessageSettings.takes_discord,
            "allows_replies": MessageSettings.allows_replies,
            "shows_answers": MessageSettings.shows_answers,
            "reminder_minutes": MessageSettings.reminders,
            "quiet_from_minute": MessageSettings.quiet_from,
            "quiet_until_minute": MessageSettings.quiet_until,
            "mail_refused_at": MessageSettings.mail_refused_at,
            "mail_refused_why": MessageSettings.mail_refused_why,
            "discord_refused_at": MessageSettings.dm_refused_at,
            "discord_refused_why": MessageSettings.dm_refused_why,
        },
        is_one=True,
    ),
    Section(
        "message_choices",
        "which messages you want, and by which way",
        MessageChoice,
        lambda person: MessageChoice.select().where(MessageChoice.person == person),
        {"what": MessageChoice.kind, "way": MessageChoice.way},
        _message_words,
    ),
    Section(
        "calendar_link",
        "since when a calendar program can read your sessions; the link itself is kept by nobody but you",
        CalendarFeed,
        lambda person: CalendarFeed.select().where(CalendarFeed.person == person),
        {"made_at": CalendarFeed.made_at},
        is_one=True,
    ),
    Section(
        "messages",
        "the messages that were sent to you, or are to be; their text is not kept once they have gone",
        Notice,
        _notices,
        {
            "what": Notice.kind,
            "subject": Notice.subject,
            "session": CoachingSession.code,
            "by": Notice.channel,
            "to": Notice.recipient,
            "state": Notice.state,
            "written_at": Notice.made_at,
            "sent_at": Notice.sent_at,
        },
        _message_words,
    ),
    Section(
        "sessions_booked",
        "the calls that you booked, with what you wrote for them",
        Seat,
        _seats,
        SESSION
        | {
            "title": CoachingSession.title,
            "coach": Coach.name,
            "store": Store.name,
            "how": CoachingSession.session_type,
            "starts_at": Seat.starts_at,
            "ends_at": Seat.ends_at,
            "your_zone": Seat.zone,
            "time_as_shown_to_you": Seat.wall_time,
            "state": CoachingSession.state,
            "absent": CoachingSession.absent,
            "ended_by": CoachingSession.ended_by,
            "ended_because": CoachingSession.end_reason,
            "ended_at": CoachingSession.ended_at,
            "price_cents": Seat.price_cents,
            "currency": Seat.currency,
            "paid_by": Seat.payment,
            "how_to_pay": Seat.pay_text,
            "refunds": Seat.refund_tiers,
            "paid_at": Seat.paid_at,
            "you_said_paid_at": Seat.said_paid_at,
            "you_said_coming_at": Seat.coming_at,
            "times_moved_by_you": Seat.moves,
            "goals": Seat.goals,
            "phone": Seat.phone,
            "booked_at": CoachingSession.created_at,
        },
    ),
    Section(
        "session_answers",
        "what you answered to coaches' questions",
        Answer,
        lambda person: _of_seats(Answer, person),
        SESSION | {"question": Answer.label, "answer": Answer.text},
    ),
    Section(
        "session_prices",
        "what each call was made up of, and what you were given with it",
        SeatLine,
        lambda person: _of_seats(SeatLine, person),
        SESSION
        | {
            "title": SeatLine.title,
            "kind": SeatLine.kind,
            "amount_cents": SeatLine.amount_cents,
            "currency": Seat.currency,
            "given_to_you": SeatLine.gives,
            "paid_at": Seat.paid_at,
        },
        _line_words,
    ),
    Section(
        "session_history",
        "what happened to the calls that you booked or gave",
        SessionEvent,
        _history,
        SESSION
        | {
            "at": SessionEvent.at,
            "what": SessionEvent.kind,
            "details": SessionEvent.fields,
            "by": SessionEvent.person,
        },
        _history_words,
    ),
    Section(
        "folders",
        "what you and the other side of a call keep together in its folder",
        FolderEntry,
        _folder_entries,
        SESSION
        | {
            "what": FolderEntry.kind,
            "words": FolderEntry.words,
            "address": FolderEntry.address,
            "words_of_who_wrote_it": FolderEntry.as_written,
            "by": FolderEntry.writer,
            "written_at": FolderEntry.written_at,
            "changed_at": FolderEntry.changed_at,
            "done_at": FolderEntry.done_at,
            "kept_until": Folder.kept_until,
        },
        _by_words,
    ),
    Section(
        "presence",
        "how long you were seen in the rooms of your calls",
        Presence,
        _presence,
        SESSION
        | {
            "seconds": Presence.seconds,
            "last_seen_at": Presence.last_seen_at,
            "last_seen_during_the_call_at": Presence.present_at,
        },
    ),
    Section(
        "invitations",
        "times that coaches kept for you",
        Invitation,
        _invitations,
        SESSION
        | {
            "title": CoachingSession.title,
            "starts_at": CoachingSession.starts_at,
            "price_cents": Invitation.price_cents,
            "note": Invitation.note,
            "made_at": Invitation.made_at,
            "taken_at": Invitation.used_at,
        },
    ),
    Section(
        "payments",
        "what you paid, or began to pay",
        Payment,
        _payments,
        SESSION
        | PAID
        | {
            "by": Payment.provider,
            "state": Payment.state,
            "is_live": Payment.livemode,
            "reference": Payment.reference,
            "charge_reference": Payment.charge_reference,
            "begun_at": Payment.begun_at,
            "paid_at": Payment.paid_at,
        },
    ),
    Section("refunds", "what you got back", Refund, lambda person: _of_payments(Refund, person), SESSION | WENT_BACK),
    Section(
        "receipts",
        "your receipts and credit notes, as they were written",
        Receipt,
        lambda person: _of_payments(Receipt, person),
        SESSION | RECEIPT,
        receipt_words,
    ),
    Section(
        "disputes",
        "payments that you had your bank take back",
        Dispute,
        lambda person: _of_payments(Dispute, person),
        SESSION
        | {
            "amount_cents": Dispute.amount_cents,
            "currency": Payment.currency,
            "state": Dispute.state,
            "reason": Dispute.reason,
            "opened_at": Dispute.opened_at,
            "closed_at": Dispute.closed_at,
        },
    ),
    Section(
        "objections",
        "where you disagreed about your money, and what was decided",
        Objection,
        lambda person: _of_seats(Objection, person),
        SESSION
        | {
            "your_words": Objection.sentence,
            "made_at": Objection.made_at,
            "coachs_words": Objection.reply,
            "replied_at": Objection.replied_at,
            "decision": Objection.decision,
            "decided_at": Objection.decided_at,
        },
    ),
    Section(
        "reviews_written",
        "your reviews, and what coaches answered",
        Review,
        _reviews,
        SESSION
        | {
            "stars": Review.stars,
            "words": Review.words,
            "held_at": Review.held_at,
            "made_at": Review.made_at,
            "edited_at": Review.edited_at,
            "coachs_answer": Review.answer,
            "answered_at": Review.answered_at,
            "hidden_at": Review.hidden_at,
        },
    ),
    Section(
        "reviews_reported",
        "reviews of which you said that they should not stand",
        ReviewReport,
        _reports,
        {
            "review": Review.code,
            "your_words": ReviewReport.words,
            "made_at": ReviewReport.made_at,
            "settled_at": ReviewReport.settled_at,
            "outcome": ReviewReport.outcome,
        },
    ),
    Section(
        "coach_applications",
        "what you wrote to become a coach, and the answer",
        CoachApplication,
        lambda person: CoachApplication.select().where(CoachApplication.person == person),
        {
            "state": CoachApplication.state,
            "teaches": CoachApplication.teaches,
            "links": CoachApplication.links,
            "why": CoachApplication.why,
            "reply": CoachApplication.reply,
            "made_at": CoachApplication.made_at,
            "sent_at": CoachApplication.sent_at,
            "answered_at": CoachApplication.answered_at,
        },
    ),
    Section(
        "coach_by_link",
        "when a link made you a coach",
        CoachInvitationUse,
        lambda person: CoachInvitationUse.select().where(CoachInvitationUse.person == person),
        {"used_at": CoachInvitationUse.used_at},
    ),
    Section(
        "pictures",
        "your pictures; each is a file of its code in the folder of the same name",
        Picture,
        lambda person: Picture.select().where(Picture.owner == person),
        {
            "code": Picture.code,
            "width": Picture.width,
            "height": Picture.height,
            "made_at": Picture.made_at,
        },
    ),
)
