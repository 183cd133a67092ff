"""Template filters: instants in a zone, money with its currency, lengths in words, where to book again."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask, current_app, url_for
from jinja2.utils import urlize
from markupsafe import Markup, escape

from blueprints.languages import has_twelve_hours
from coaching.booking.refund_tiers import tiers_of
from coaching.catalog.models import Product
from coaching.hours.wall_clock import is_repeated, offset_label
from coaching.money import amount, currency_of, exact_amount
from coaching.remedies import spelled, with_times
from coaching.vault import Unreadable
from coaching.zones import zone_label

COMMAND = re.compile("`([^`]+)`")
# Where a paragraph or a point of a list ends, and whether it ends like a sentence.
BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre|tr)>")
JOINT = re.compile(r"([.!?:;,…–-]?) ?\0[\0 ]*")
HALF_A_DAY = timedelta(hours=12)
STYLES = {
    "full": "%A {day} %B %Y, {clock}",
    "day": "%A {day} %B",
    "day_year": "%A {day} %B %Y",
    "short": "%a {day} %b, {clock}",
    "short_year": "%a {day} %b %Y, {clock}",
    "short_day_year": "%a {day} %b %Y",
    "exact": "%a {day} %b, {clock_with_seconds}",
    "time": "{clock}",
    "weekday": "%a",
    "number": "{day}",
    "month": "%b",
    "month_year": "%B %Y",
}


def init_app(app: Flask) -> None:
    """Make every filter and test known to the templates."""
    app.add_template_filter(money)
    app.add_template_filter(exact_amount)
    app.add_template_filter(plain_amount)
    app.add_template_filter(local_time)
    app.add_template_filter(beside)
    app.add_template_filter(zone_label)
    app.add_template_filter(how_near)
    app.add_template_filter(free_times)
    app.add_template_filter(minutes)
    app.add_template_filter(iso)
    app.add_template_filter(refund_words)
    app.add_template_filter(in_one_line)
    app.add_template_filter(remedy)
    app.add_template_filter(times_in)
    app.add_template_test(is_unreadable, "unreadable")
    app.add_template_test(is_clock_time, "clock_time")


def remedy(text: str) -> Markup:
    """A remedy as a page shows it: commands as they are typed here, addresses as links, those of this site by path."""
    ways = current_app.config["WAYS"]
    html = str(urlize(spelled(text, ways), rel="noopener"))
    for before in ('href="', ">"):
        html = html.replace(f"{before}{ways.site_url}/", f"{before}/")
    return Markup(COMMAND.sub(r"<code>\1</code>", html))  # urlize has escaped everything


def times_said(sentence: str, say: Callable[[datetime], str]) -> Markup:
    """What a check says as a page shows it, each instant in it as `say` words it."""
    return Markup(with_times(str(escape(sentence)), say))  # no backtick is escaped


def times_in(sentence: str, zone: str) -> Markup:
    """The same with each instant in the zone, and its name."""
    return times_said(sentence, lambda at: f"{local_time(at, zone, 'short')}, {zone_label(zone, at)}")


def in_one_line(html: str) -> str:
    """Safe HTML as plain words; what stood below each other without a full stop is kept apart by a dot."""
    words = Markup(BLOCK_END.sub("\0", html.replace("\0", ""))).striptags()
    return JOINT.sub(lambda end: f"{end[1]} " if end[1] else " · ", words).strip(" ·")


def money(cents: int, currency: str) -> str:
    """`4950, "EUR"` -> "€49.50"; zero is "Free"."""
    return "Free" if cents == 0 else amount(cents, currency)


def plain_amount(cents: int, currency: str) -> str:
    """The amount as it is typed into a bank's form: "49.50"."""
    return currency_of(currency).number(cents)


def time_label(instant: datetime, zone: str) -> str:
    """A time with its zone: "Mon 8 Mar, 18:00, Berlin (UTC+1)"."""
    return f"{local_time(instant, zone, 'short')}, {zone_label(zone, instant)}"


def local_time(instant: datetime, zone: str, style: str = "full") -> str:
    """The instant as a clock in `zone` shows it, e.g. "Tuesday 9 March 2027, 18:00", or "6:00 pm" by the language.

    In an hour that comes twice the offset tells which one: "Sunday 31 October 2027, 02:30 UTC+1".
    """
    return _shown(instant, zone, style, "{clock" in STYLES[style] and has_twelve_hours())


def times_of_day(instants: Iterable[datetime], zone: str) -> list[str]:
    """What a clock in `zone` shows at each of these instants, as `local_time` has it."""
    is_twelve = has_twelve_hours()
    return [_shown(instant, zone, "time", is_twelve) for instant in instants]


def _shown(instant: datetime, zone: str, style: str, is_twelve: bool) -> str:
    # Equal times are the same instant in UTC only: in another zone both of a repeated hour are.
    write = _written if instant.tzinfo is UTC else _written.__wrapped__
    return write(instant, zone, style, is_twelve)


@lru_cache(1000)
def _written(instant: datetime, zone: str, style: str, is_twelve: bool) -> str:
    # Each visitor is shown the same few free times, and a page has dozens of them.
    tz = ZoneInfo(zone)
    there = instant.astimezone(tz)
    text = there.strftime(STYLES[style]).replace("{day}", str(there.day))
    if "{clock" not in text:
        return text
    text = text.replace("{clock}", _clock(there, is_twelve))
    text = text.replace("{clock_with_seconds}", _clock(there, is_twelve, with_seconds=True))
    return f"{text} {offset_label(instant, tz)}" if is_repeated(instant, tz) else text


def clock_text(there: datetime) -> str:
    """What a clock shows, with 12 or 24 hours as the browser's language has it: "18:00", or "6:00 pm" in one piece."""
    return _clock(there, has_twelve_hours())


def _clock(there: datetime, is_twelve: bool, *, with_seconds: bool = False) -> str:
    rest = f":{there.minute:02}:{there.second:02}" if with_seconds else f":{there.minute:02}"
    if not is_twelve:
        return f"{there.hour:02}{rest}"
    return f"{there.hour % 12 or 12}{rest}\N{NO-BREAK SPACE}{'am' if there.hour < 12 else 'pm'}"


def beside(instant: datetime, other: datetime, zone: str) -> str:
    """A time where no day or offset fits beside it; the day alone where it would be taken for the other's day."""
    is_near = abs(other - instant) < HALF_A_DAY
    return (
        clock_text(instant.astimezone(ZoneInfo(zone)))
        if is_near
        else f"{local_time(instant, zone, 'number')} {local_time(instant, zone, 'month')}"
    )


def is_clock_time(text: str) -> bool:
    """True for a time of day in words, not for a date: what `beside` gives may be either."""
    return ":" in text


def how_near(instant: datetime, now: datetime, zone: str) -> str:
    """How near a time to come is, for beside its date: "in 1 minute", "today", "tomorrow"; nothing when it is far."""
    wait = instant - now
    if wait <= timedelta():
        return ""
    if wait < timedelta(minutes=59.5):
        count = max(1, round(wait / timedelta(minutes=1)))
        return f"in {count} {'minute' if count == 1 else 'minutes'}"
    days = (instant.astimezone(ZoneInfo(zone)).date() - now.astimezone(ZoneInfo(zone)).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, "")


def free_times(product: Product) -> str:
    """Where to book this product again: its own page, or its store's once it is off sale."""
    if product.state == "published":
        return url_for("storefront.product", store=product.store.slug, product=product.slug)
    return url_for("storefront.store", store=product.store.slug)


def minutes(count: int) -> str:
    """`90` -> "1 h 30 min"."""
    hours, rest = divmod(count, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part) or "0 min"


def refund_words(text: str) -> str:
    """`"1440:100"` -> "all of it goes back until 24 h before the start, nothing after"."""
    return tiers_of(text).clause


def iso(instant: datetime) -> str:
    """The instant for a `datetime` attribute or a form value, UTC: "2027-03-01T05:00:00Z"."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def is_unreadable(text: str | None) -> bool:
    """True for the sentence that stands in place of a text whose key is missing."""
    return isinstance(text, Unreadable)
