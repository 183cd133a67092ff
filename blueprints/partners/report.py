"""What partners have brought and are owed: all of a store's, one by month, and the same as a file."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from blueprints.forms import plain_number
from blueprints.partners.blueprint import blueprint
from blueprints.partners.editing import own_partner
from blueprints.partners.forms import PayoutForm
from blueprints.partners.links import links_of, own_link
from blueprints.saved_forms import take_saved, with_field
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.errors import NotFound
from coaching.payments.share_queries import (
    months_of,
    months_of_store,
    shared_bookings,
    totals_of,
    totals_of_partner,
    years_of,
)
from coaching.payments.share_rules import Shares, csv_of, months_csv
from coaching.pricing.models import Partner
from coaching.pricing.partner_queries import partners_of, payouts_of


@blueprint.get("/store/<store>/partners")
@login_required
def show_all(store: str) -> Response:
    """The store's partners, with what each has brought and is owed."""
    own = get_own_store(signed_in().person, store)
    totals = totals_of(own, now())
    partners = [(partner, totals.get(partner.id) or [Shares(own.currency)]) for partner in partners_of(own)]
    return render("partners/list.html", store=own, partners=partners, years=years_of_store(own))


@blueprint.get("/store/<store>/partners.csv")
@login_required
def download_all(store: str) -> Response:
    """A year of all partners for a spreadsheet, a row for each of them and each month."""
    own = get_own_store(signed_in().person, store)
    year = year_asked(years_of_store(own))
    months = [(partner.name, partner.code, month) for partner, month in months_of_store(own, year, now())]
    return csv_file(months_csv(months), f"{own.slug}-partners-{year}.csv")


@blueprint.get("/store/<store>/partners/<int:partner_id>")
@login_required
def show(store: str, partner_id: int) -> Response:
    """One partner: links, totals, a year by months, payouts."""
    partner = own_partner(store, partner_id)
    totals = totals_of_partner(partner, now())
    return show_partner(partner, totals, payout_form(partner, totals, with_field(take_saved(), "paid_on")))


@blueprint.get("/store/<store>/partners/<int:partner_id>/bookings.csv")
@login_required
def download(store: str, partner_id: int) -> Response:
    """The bookings of a year for a spreadsheet, one a row, without a word about the students."""
    partner = own_partner(store, partner_id)
    year = year_asked(years_of(partner, now()))
    text = csv_of(shared_bookings(partner, year, now()), partner.store.zone)
    return csv_file(text, f"{partner.store.slug}-{partner.code}-{year}.csv")


def csv_file(text: str, name: str) -> Response:
    """The text as a file that the browser keeps under this name."""
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_partner(partner: Partner, totals: list[Shares], form: PayoutForm, status: int = 200) -> Response:
    """The partner's page for their coach, with the payout as it is filled in so far."""
    context = report_of(partner, totals) | {"form": form, "links": links_of(partner), "own_link": own_link(partner)}
    return render("partners/report.html", status=status, **context)


def report_of(partner: Partner, totals: list[Shares]) -> dict[str, Any]:
    """What _months.html, _totals.html and the list of payouts show."""
    at = now()
    years = years_of(partner, at)
    year = year_asked(years)
    return {
        "partner": partner,
        "store": partner.store,
        "totals": totals,
        "year": year,
        "years": years,
        "months": months_of(partner, year, at),
        "payouts": payouts_of(partner),
    }


def year_asked(years: list[int]) -> int:
    """The year that the address names, else the present one; NotFound for one without a page."""
    typed = request.args.get("year")
    if typed is None:
        return years[0]
    if typed not in map(str, years):
        raise NotFound
    return plain_number(typed)


def payout_form(
    partner: Partner, totals: list[Shares], fields: MultiDict[str, str] | None = None, *, is_sent: bool = False
) -> PayoutForm:
    """The form for a payout: with what was typed, else with what is owed."""
    form = PayoutForm() if is_sent else PayoutForm(fields)
    if fields is None and not is_sent:
        owed = max(totals, key=lambda total: (not total.is_test, total.owed_cents))
        form.currency.data, form.amount.data = owed.currency, max(owed.owed_cents, 0) or None
    currencies = dict.fromkeys((partner.store.currency, *(total.currency for total in totals)))
    return form.for_partner(list(currencies), today_of(partner.store))


def years_of_store(store: Store) -> list[int]:
    """From the present year back to that in which the store was opened."""
    return list(range(today_of(store).year, min(store.created_at.year, today_of(store).year) - 1, -1))


def today_of(store: Store) -> date:
    """The day it is by the store's clock."""
    return now().astimezone(ZoneInfo(store.zone)).date()
