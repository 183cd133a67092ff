"""What the browser's language says of clocks and weeks: 12 or 24 hours, and the day a week begins with.

The facts are those of the Unicode CLDR (timeData and weekData, release 48). Babel has them too, in 33 MB, of which this
is all that is asked.
"""

from flask import Flask, Response, g, has_request_context, request

from blueprints.signed_in import current_person
from blueprints.varying import vary_by

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
_SUNDAY = """
AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN IS JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR
PT PY SA SG ST SV TH TL TT TW UM US VE VI WS YE ZA ZW
"""
_SATURDAY = "AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY"
WEEK_BEGINS = dict.fromkeys(_SUNDAY.split(), SUNDAY) | dict.fromkeys(_SATURDAY.split(), SATURDAY) | {"MV": FRIDAY}
_TWELVE_HOURS = """
AE AG AL AS AU BB BD BH BM BN BO BS BT CA CO CR CU CY DJ DM DO DZ EC EG EH ER ET FJ FM GD GH GM GR GT GU GY HK HN IN IQ
JM JO KH KI KN KP KR KW KY LB LC LR LS LY MH MO MP MR MW MX MY NA NI NZ OM PA PE PG PH PK PR PS PW QA SA SB SD SG SL SO
SS SV SY SZ TC TD TN TO TT TW UM US VC VE VG VI VU WS YE
"""
TWELVE_HOURS = frozenset(_TWELVE_HOURS.split())
# Where a language without a region is mostly spoken, if it has another clock or week there than most of the world.
SPOKEN_IN = {
    **{"af": "ZA", "am": "ET", "ar": "EG", "bn": "BD", "dz": "BT", "el": "GR", "en": "US", "fa": "IR", "fil": "PH"},
    **{"gu": "IN", "he": "IL", "hi": "IN", "id": "ID", "is": "IS", "ja": "JP", "km": "KH", "kn": "IN", "ko": "KR"},
    **{"lo": "LA", "ml": "IN", "mr": "IN", "ms": "MY", "mt": "MT", "my": "MM", "ne": "NP", "pa": "IN", "ps": "AF"},
    **{"pt": "BR", "so": "SO", "sq": "AL", "ta": "IN", "te": "IN", "th": "TH", "ur": "PK", "zu": "ZA"},
}


def init_app(app: Flask) -> None:
    """Pages that follow the language say so to caches."""
    app.after_request(vary_by_language)


def vary_by_language(answer: Response) -> Response:
    if "region" in g:
        vary_by(answer, "Accept-Language")
    return answer


def has_twelve_hours() -> bool:
    """True where the visitor's clocks go from 1 to 12 twice a day: as they have chosen, else by their language."""
    if not has_request_context():
        return False
    known: bool | None = g.get("twelve_hours")  # a page asks for it with each time of day
    if known is None:
        person = current_person()
        known = person.clock == "12" if person and person.clock else region() in TWELVE_HOURS
        g.twelve_hours = known
    return known


def browser_clock() -> str:
    """The hours of the browser's clock, "12" or "24"; empty where it says no language."""
    if not request.accept_languages:
        return ""
    return "12" if region() in TWELVE_HOURS else "24"


def first_weekday() -> int:
    """The day with which the visitor's weeks begin, 0 being Monday."""
    return WEEK_BEGINS.get(region(), MONDAY)


def region() -> str:
    """The region of the browser's first language; empty where nothing says it, and outside of a request."""
    if not has_request_context():
        return ""
    browser_region: str | None = g.get("region")
    if browser_region is None:
        browser_region = g.region = region_of(next((name for name, quality in request.accept_languages if quality), ""))
    return browser_region


def region_of(language: str) -> str:
    """`en-GB` -> "GB", `zh-Hant-TW` -> "TW", `ja` -> "JP"; empty where the rest of the world's habits do."""
    name, *parts = language.replace("_", "-").split("-")
    regions = [part.upper() for part in parts if len(part) == 2 and part.isalpha()]
    is_wide = any(len(part) == 3 and part.isdigit() for part in parts)  # es-419, en-150: a part of the world
    return regions[0] if regions else "" if is_wide else SPOKEN_IN.get(name.lower(), "")
