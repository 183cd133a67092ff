"""A page of figures: each section with its chart, its table, and the way to the list behind each number."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from flask import Response

from blueprints.figures.asked import UNITS, Asked
from blueprints.figures.charts import Chart, Line, Series, chart_of, lines_of
from blueprints.figures.sections import (
    BOOKED,
    HELD,
    HOURS_BOOKED,
    OFFERED,
    Column,
    Section,
    money_of,
    sections_of,
)
from coaching.figures import names
from coaching.figures.calendar import Days, Unit
from coaching.figures.queries import site_sheet, store_sheet
from coaching.figures.sheet import Sheet
from coaching.money import currency_of
from coaching.payments.statement_rules import BYTE_ORDER_MARK, safe_cell


@dataclass(frozen=True)
class Number:
    """A figure in a table, and the list behind it; nothing is behind 0."""

    words: str
    column: str
    href: str | None


@dataclass(frozen=True)
class Row:
    """A period, or a product, with its figures."""

    words: str
    numbers: list[Number]


@dataclass(frozen=True)
class Part:
    """A section as it is drawn, with a chart or with lines. `total` is None where nothing of it happened."""

    section: Section
    chart: Chart | None
    lines: list[Line]
    rows: list[Row]
    total: Row | None


def sheet_of(asked: Asked, now: datetime) -> Sheet:
    """The figures that are asked for."""
    if asked.store is None:
        return site_sheet(asked.unit, asked.days, now)
    return store_sheet(asked.store, asked.unit, asked.days, now)


def context_of(asked: Asked, now: datetime) -> dict[str, Any]:
    """What figures/_figures.html draws."""
    whole = sheet_of(asked, now)
    sheet = whole.of_product(asked.product.id) if asked.product else whole
    parts = [part_of(asked, section, sheet) for section in sections_of(sheet, of_site=asked.store is None)]
    return {
        "asked": asked,
        "units": UNITS,
        "title": days_label(asked.days),
        "glance": glance(asked, sheet),
        "parts": [part for part in parts if part.total],
        "without": [part.section.title for part in parts if not part.total],
        "by_product": by_product(asked, whole) if asked.store and not asked.product else [],
        "product_columns": product_columns(whole),
    }


def glance(asked: Asked, sheet: Sheet) -> list[Number]:
    """The few numbers on top."""
    product = asked.product.id if asked.product else None
    income = [section.columns[0] for section in money_of(sheet)]
    real = [column for column in income if not (column.label or "").endswith(names.TEST)]
    columns = [BOOKED, HELD, HOURS_BOOKED, OFFERED, *real]
    return [number_of(asked, column, column.value(sheet, product=product), asked.days) for column in columns]


def part_of(asked: Asked, section: Section, sheet: Sheet) -> Part:
    """The section with its figures."""
    product = asked.product.id if asked.product else None
    rows = []
    for first_on in reversed(asked.firsts):
        values = [column.value(sheet, first_on, product) for column in section.columns]
        if any(values):
            days = asked.days_of(first_on)
            rows.append(Row(period_label(first_on, asked.unit), numbers_of(asked, section.columns, values, days)))
    totals = [column.value(sheet, product=product) for column in section.columns]
    total = Row("All", numbers_of(asked, section.columns, totals, asked.days)) if rows else None
    bars = [(column.words, float(column.value(sheet, product=product) or 0)) for column in section.charted]
    lines = lines_of(bars) if section.by_label else []
    return Part(section, chart_in(asked, section, sheet), lines, rows, total)


def chart_in(asked: Asked, section: Section, sheet: Sheet) -> Chart | None:
    """The section's chart; None where there is nothing to see."""
    product = asked.product.id if asked.product else None
    sentence = f"{section.title}, {days_label(asked.days)}."
    if section.by_label:
        return None
    divisor, unit = scale_of(section.charted[0])
    series = [
        Series(column.words, [(column.value(sheet, on, product) or 0) / divisor for on in asked.firsts])
        for column in section.charted
    ]
    places = [period_label(on, asked.unit) for on in asked.firsts]
    said = " ".join(
        f"{column.words}: {column.value_label(column.value(sheet, product=product))}." for column in section.charted
    )
    return chart_of(series, places, unit, f"{sentence} {said}", is_stacked=section.is_stacked)


def scale_of(column: Column) -> tuple[float, str]:
    """By what values of a chart are divided, and what stands behind them."""
    if column.kind == "minutes":
        return 60, " h"
    if column.kind == "money":
        known = currency_of((column.label or "").removesuffix(names.TEST))
        return known.scale, f" {known.code}"
    return 1, ""


def by_product(asked: Asked, sheet: Sheet) -> list[Row]:
    """A row for each product with anything to tell."""
    columns = product_columns(sheet)
    rows = []
    for product in asked.products:
        values = [column.value(sheet, product=product.id) for column in columns]
        if any(values):
            numbers = [
                number_of(asked, column, value, asked.days, product)
                for column, value in zip(columns, values, strict=True)
            ]
            rows.append(Row(product.title or "Untitled", numbers))
    return rows


def product_columns(sheet: Sheet) -> list[Column]:
    """What the table of products tells."""
    lost = [Column("Cancelled", names.CANCELLED), Column("Missed, or not known", names.NO_SHOW)]
    income = [
        Column(f"Paid {section.columns[0].label}", names.INCOME, section.columns[0].label, "money")
        for section in money_of(sheet)
    ]
    return [BOOKED, HELD, *lost, HOURS_BOOKED, OFFERED, *income]


def numbers_of(
    asked: Asked, columns: Sequence[Column], values: Sequence[int | float | None], days: Days
) -> list[Number]:
    return [number_of(asked, column, value, days) for column, value in zip(columns, values, strict=True)]


def number_of(asked: Asked, column: Column, value: int | float | None, days: Days, product: Any = None) -> Number:
    href = asked.behind(column.name, column.label, days, product) if value else None
    return Number(column.value_label(value), column.words, href)


def csv_of(asked: Asked, now: datetime) -> str:
    """All figures as a file for a spreadsheet: a row for each period and product, and one for the store as a whole.

    Dates are ISO ones, lengths minutes, amounts plain numbers; no text can be taken for a formula.
    """
    sheet = sheet_of(asked, now)
    columns = [column for section in sections_of(sheet, of_site=asked.store is None) for column in section.columns]
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(["From", "To", "Product", *(column.in_file or column.words for column in columns)])
    for first_on in asked.firsts:
        days = asked.days_of(first_on)
        chosen = [asked.product] if asked.product else [None, *asked.products]
        for product in chosen:
            number = product.id if product else None
            values = [column.value(sheet, first_on, number) for column in columns]
            if any(values):
                name = safe_cell(product.title) if product else "All"
                plain = [column.plain(value) for column, value in zip(columns, values, strict=True)]
                rows.writerow([days.first_on.isoformat(), days.last_on.isoformat(), name, *plain])
    return BYTE_ORDER_MARK + file.getvalue()


def csv_file(asked: Asked, now: datetime) -> Response:
    """The same as an answer that the browser keeps."""
    answer = Response(csv_of(asked, now), mimetype="text/csv")
    whose = asked.store.slug if asked.store else "site"
    name = f"figures-{whose}-by-{asked.unit}-{asked.days.last_on.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def period_label(first_on: date, unit: Unit) -> str:
    """The period in words: "Mon 1 Mar", "Week of 1 Mar", "March 2027"."""
    match unit:
        case "day":
            return f"{first_on:%a} {first_on.day} {first_on:%b}"
        case "week":
            return f"Week of {first_on.day} {first_on:%b}"
        case _:
            return f"{first_on:%B %Y}"


def days_label(days: Days) -> str:
    """From when to when, in words."""
    first, last = days.first_on, days.last_on
    end = f"{last.day} {last:%B %Y}"
    if first == last:
        return end
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    return f"{begin if first.year == last.year else f'{begin} {first.year}'} to {end}"
