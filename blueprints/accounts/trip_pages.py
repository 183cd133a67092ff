"""Where a round trip to Discord ends that did not lead on: the page of what went wrong, and the one that asks again."""

from flask import request, url_for
from werkzeug.wrappers import Response

from blueprints.accounts.oauth import Trip, TripFailed
from blueprints.saved_forms import peek_saved, waiting_address
from blueprints.signed_in import current_person
from blueprints.web import render

# A place is free in a second or so, unless Discord hangs.
TRY_AGAIN_SECONDS = 2


def show_failure(failure: TripFailed, trip: Trip | None) -> Response:
    """The page on which a trip ends that did not work: what happened, what to do, and the way back."""
    back, back_label = place_after(trip)
    return render(
        "accounts/trip_failed.html",
        status=failure.status,
        title=failure.title,
        text=failure.text,
        is_kept=peek_saved(back) is not None,
        retry=retry_address(trip) if trip else None,
        zone=trip.zone if trip else None,
        again=failure.again,
        back=back,
        back_label=back_label,
    )


def show_waiting(trip: Trip) -> Response:
    """The page while others come back, too, and Discord is slow: it asks again by itself, and the trip is not over."""
    back, back_label = place_after(trip)
    answer = render(
        "accounts/trip_waits.html",
        status=503,
        address=request.full_path,
        is_kept=peek_saved(back) is not None,
        next=trip.next or None,
        store=trip.store,
        back=back,
        back_label=back_label,
    )
    answer.headers["Retry-After"] = answer.headers["Refresh"] = str(TRY_AGAIN_SECONDS)
    return answer


def place_after(trip: Trip | None) -> tuple[str, str]:
    """Where somebody goes on without the trip, and what the link there says."""
    if trip and trip.next:
        return trip.next, "Back to where you were"
    if waiting := waiting_address():
        return waiting, "Back to where you were"
    if current_person():
        return url_for("accounts.settings") + "#discord", "To your settings"
    return url_for("accounts.sign_in"), "To the sign-in page"


def retry_address(trip: Trip) -> str | None:
    """Where the same trip starts again, as long as it is still the same person's."""
    person = current_person()
    if (person.id if person else None) != trip.person_id:
        return None
    endpoints = {
        "sign-in": "accounts.sign_in_with_discord",
        "confirm": "accounts.confirm_with_discord",
        "relink": "accounts.relink",
        "server": "stores.invite_bot",
    }
    guild = "same" if trip.purpose == "server" and trip.guild_id else None
    endpoint = endpoints.get(trip.purpose, f"accounts.{trip.purpose}")
    return url_for(endpoint, next=trip.next or None, store=trip.store, zone=trip.zone, guild=guild)
