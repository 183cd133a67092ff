"""Receipts: all of a student's on one page, and each on one of its own, to be printed."""

from flask import Response, request, url_for
from flask_login import login_required

from blueprints.forms import plain_number
from blueprints.receipts import seller, statement
from blueprints.receipts.blueprint import blueprint
from blueprints.receipts.page import receipt_view
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.payments.receipt_queries import get_receipt_for, receipts_of_student

VIEWS = (seller, statement)
__all__ = ["VIEWS", "blueprint"]

A_PAGE = 50


@blueprint.get("/receipts")
@login_required
def own() -> Response:
    """What the signed-in person has paid and got back, the newest first."""
    receipts = receipts_of_student(signed_in().person, A_PAGE + 1, before=asked_before())
    listed, has_more = receipts[:A_PAGE], len(receipts) > A_PAGE
    older = url_for(".own", before=listed[-1].id) if has_more else None
    return render("receipts/own.html", receipts=[receipt_view(receipt) for receipt in listed], older=older)


@blueprint.get("/receipts/<code>")
@login_required
def show(code: str) -> Response:
    """One receipt or credit note, as it was written, for the seat's student and the store's owner."""
    person = signed_in().person
    receipt = get_receipt_for(person, code)
    is_student = receipt.payment.seat is not None and receipt.payment.seat.student_id == person.id
    return render("receipts/receipt.html", receipt=receipt_view(receipt), is_student=is_student)


def asked_before() -> int | None:
    """After which row an older page begins; None for the first page, and for what is no number."""
    try:
        return plain_number(request.args.get("before"))
    except ValueError:
        return None
