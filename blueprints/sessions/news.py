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
    coaching_session, event = news.view.coaching_session, news.event
    assert event.person is not None  # what the worker wrote down is no news
    who, title = event.person.name, coaching_session.title
    planned = f"{local_time(coaching_session.starts_at, zone)}, {zone_label(zone, coaching_session.starts_at)}"
    if event.kind == EventKind.CANCELLED:
        if coaching_session.ended_by_admin:
            who = "Whoever runs this site"
        near = how_near(coaching_session.starts_at, now, zone)
        reason = f" {who} writes: “{coaching_session.end_reason}”" if coaching_session.end_reason else ""
        text = f"It was planned for {planned}{', ' if near else ''}{near}.{reason}"
        return NewsView(news.view, event, f"{who} cancelled “{title}”", text)
    if event.event.kind in ANSWERS:
        answered = f"{who} {ANSWERS[event.event.kind].format(title=title)}"
        reason = coaching_session.end_reason if event.kind == EventKind.DECLINED else ""
        said = f" {who} writes: “{reason}”" if reason else ""
        return NewsView(news.view, event, answered, f"It is about {planned}.{said}")
    if isinstance(event.event.fields, Lateness):
        text = f"“{title}” is planned for {planned}."
        return NewsView(news.view, event, late_in_words(event.event.fields, who), text)
    if isinstance(event.event.fields, FromTo):
        before = local_time(datetime.fromisoformat(event.event.fields.before), zone)
        said = f" {who} writes: “{event.words}”" if event.words else ""
        return NewsView(
            news.view, event, f"{who} moved “{title}”", f"It was on {before}, and is now on {planned}.{said}"
        )
    if isinstance(event.event.fields, Starts):
        times = [
            local_time(datetime.fromisoformat(start), zone, "short") for start in event.event.fields.starts.split(",")
        ]
        text = f"Now it is planned for {planned}. Proposed: {' or '.join(times)}."
        return NewsView(news.view, event, f"{who} proposes another time for “{title}”", text)
    if event.kind == EventKind.NONE_FITS:
        text = f"It stays where it is: {planned}. Propose other times, move it, or write to them."
        return NewsView(news.view, event, f"None of the times that you proposed fits {who}: “{title}”", text)
    if event.kind == EventKind.BANNED:
        text = (
            f"Lift the ban in Discord, or the room cannot let {who} in, and what was paid goes back. It is planned for "
            f"{planned}."
        )
        return NewsView(news.view, event, f"{who} is banned from your server and could not join it: “{title}”", text)
    return NewsView(
        news.view,
        event,
        f"{who} corrected what happened in “{title}”",
        f"{sentence_of(news.view)} It was planned for {planned}.",
    )
