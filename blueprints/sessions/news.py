"""What the other side did with a session, in words, until the person has seen it."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.filters import how_near, local_time
from blueprints.sessions.attendance import late_in_words
from blueprints.sessions.outcome import sentence_of
from coaching.booking.events import EventKind, FromTo, Lateness, Starts
from coaching.booking.history_queries import News
from coaching.booking.models import SessionEvent
from coaching.booking.queries import SessionView
from coaching.zones import zone_label

# What the coach has answered to a request, or to somebody who was to pay.
ANSWERS = {
    EventKind.ACCEPTED: "accepted your request for “{title}”",
    EventKind.DECLINED: "declined your request for “{title}”",
    EventKind.CONFIRMED: "confirmed your payment for “{title}”",
    EventKind.NOT_RECEIVED: "has not received your payment for “{title}”",
    EventKind.PAID_BACK: "has given your late payment for “{title}” back",
}


@dataclass(frozen=True)
class NewsView:
    """One piece of news: who did what, and what it was about. `event` is the line of the history that tells it."""

    view: SessionView
    event: SessionEvent
    title: str
    text: str


def news_view(news: News, zone: str, now: datetime) -> NewsView:
    """The news as this person reads it, in their zone."""
    event, starts_at = news.event, news.view.coaching_session.starts_at
    planned = f"{local_time(starts_at, zone)}, {zone_label(zone, starts_at)}"
    if event.kind == EventKind.CANCELLED:
        title, text = cancelled_words(news, planned, how_near(starts_at, now, zone))
    elif event.kind == EventKind.LAPSED:
        title, text = unanswered_words(news, planned)
    elif event.event.kind in ANSWERS:
        title, text = answered_words(news, planned)
    elif isinstance(event.event.fields, FromTo | Starts):
        title, text = times_words(news, event.event.fields, planned, zone)
    else:
        title, text = other_words(news, planned)
    return NewsView(news.view, event, title, text)


def cancelled_words(news: News, planned: str, near: str) -> tuple[str, str]:
    """A headline, and what it is about."""
    coaching_session = news.view.coaching_session
    who = "Whoever runs this site" if coaching_session.ended_by_admin else name_of(news)
    text = f"It was planned for {planned}{', ' if near else ''}{near}.{quoted(who, coaching_session.end_reason)}"
    return f"{who} cancelled “{coaching_session.title}”", text


def answered_words(news: News, planned: str) -> tuple[str, str]:
    who, coaching_session, kind = name_of(news), news.view.coaching_session, news.event.event.kind
    reason = coaching_session.end_reason if kind == EventKind.DECLINED else ""
    headline = f"{who} {ANSWERS[kind].format(title=coaching_session.title)}"
    return headline, f"It is about {planned}.{quoted(who, reason)}"


def unanswered_words(news: News, planned: str) -> tuple[str, str]:
    title, coach = news.view.coaching_session.title, news.view.coaching_session.coach.name
    if news.view.role == "coach":
        headline = f"You did not answer {news.view.seat.student.name} in time: “{title}”"
        return headline, f"They asked for {planned}, which is not kept for them any more."
    headline = f"{coach} did not answer your request for “{title}” in time"
    return headline, f"It was about {planned}, which is not kept for you any more."


def times_words(news: News, fields: FromTo | Starts, planned: str, zone: str) -> tuple[str, str]:
    who, title = name_of(news), news.view.coaching_session.title
    if isinstance(fields, FromTo):
        before = local_time(datetime.fromisoformat(fields.before), zone)
        text = f"It was on {before}, and is now on {planned}.{quoted(who, news.event.words)}"
        return f"{who} moved “{title}”", text
    times = [local_time(datetime.fromisoformat(start), zone, "short") for start in fields.starts.split(",")]
    text = f"Now it is planned for {planned}. Proposed: {' or '.join(times)}."
    return f"{who} proposes another time for “{title}”", text


def other_words(news: News, planned: str) -> tuple[str, str]:
    who, title, event = name_of(news), news.view.coaching_session.title, news.event
    if isinstance(event.event.fields, Lateness):
        return late_in_words(event.event.fields, who), f"“{title}” is planned for {planned}."
    if event.kind == EventKind.NONE_FITS:
        text = f"It stays where it is: {planned}. Propose other times, move it, or write to them."
        return f"None of the times that you proposed fits {who}: “{title}”", text
    if event.kind == EventKind.BANNED:
        text = (
            f"Lift the ban in Discord, or the room cannot let {who} in, and what was paid goes back. It is planned for "
            f"{planned}."
        )
        return f"{who} is banned from your server and could not join it: “{title}”", text
    return (
        f"{who} corrected what happened in “{title}”",
        f"{sentence_of(news.view)} It was planned for {planned}.",
    )


def name_of(news: News) -> str:
    assert news.event.person is not None  # what the worker wrote down is no news
    return str(news.event.person.name)


def quoted(who: str, words: str) -> str:
    return f" {who} writes: “{words}”" if words else ""
