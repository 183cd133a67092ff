"""What about money needs a hand, as lines of the dashboard: red for what is wrong, amber for what is to be done."""

from datetime import datetime

from flask import url_for

from blueprints.dashboard.line import Attention
from blueprints.filters import money
from coaching.accounts.models import Person
from coaching.payments.account_keys import rights_lacking
from coaching.payments.trouble_queries import Kind, MoneyTrouble, money_troubles


def money_lines(coach: Person, now: datetime) -> list[Attention]:
    """What the coach has to see about payments and refunds, the gravest first; several of a kind without a page of
    their own are one line."""
    troubles = money_troubles(coach, now)
    unseated = [trouble for trouble in troubles if trouble.kind is Kind.UNSEATED]
    still_booked = [trouble for trouble in troubles if trouble.kind is Kind.STILL_BOOKED]
    single = [trouble for trouble in troubles if trouble.kind not in (Kind.UNSEATED, Kind.STILL_BOOKED)]
    lines = [line_of(trouble) for trouble in single if trouble.is_grave]
    if unseated:
        lines.append(_unseated(unseated))
    if still_booked:
        lines.append(_still_booked(len(still_booked)))
    return [*lines, *(line_of(trouble) for trouble in single if not trouble.is_grave)]


def line_of(money_trouble: MoneyTrouble) -> Attention:
    """One trouble with a session or an account."""
    amount, kind = (
        money(money_trouble.amount_cents, money_trouble.currency) if money_trouble.currency else "",
        "bad" if money_trouble.is_grave else "warn",
    )
    who = money_trouble.student.name if money_trouble.student else "your student"
    if money_trouble.account:
        return _of_account(money_trouble, kind)
    if money_trouble.store:
        return _of_store(money_trouble, kind)
    session = money_trouble.coaching_session
    assert session is not None
    href = url_for("sessions.show", code=session.code) + "#money"
    match money_trouble.kind:
        case Kind.REFUND_FAILED:
            title = f"{amount} could not be sent back to {who}"
            text = f"It belongs to {who}, for “{session.title}”. Send it again or another way, and tick it off."
        case Kind.UNLIKE:
            title = f"Stripe has something else than {amount} of {who}"
            text = (
                f"Amount, currency, mode or booking differ (“{session.title}”), so nothing counts as paid. Compare it "
                "with the payment in Stripe; the session’s page says what to press there, and then here."
            )
        case Kind.STUCK:
            title = f"{amount} of {who} is stuck"
            text = (
                f"For an hour Stripe has not said what becomes of it (“{session.title}”). It is asked again by itself."
            )
        case _:
            title = f"Give {who} {amount} back"
            text = f"For “{session.title}”. Only you can send it. Tick it off once they have their money."
    return Attention(title, text, href, "See the session", kind)


def _of_account(money_trouble: MoneyTrouble, kind: str) -> Attention:
    account = money_trouble.account
    assert account is not None
    waits = {0: "", 1: " One payment or refund waits for it."}.get(
        money_trouble.waiting, f" {money_trouble.waiting} payments and refunds wait."
    )
    href = url_for("payment_accounts.show", store=account.store.slug) if account.store else url_for("dashboard.home")
    if money_trouble.kind is Kind.REFUSED:
        title = "Stripe let nobody pay the last time"
        says = f" Stripe says: “{money_trouble.refusal}”" if money_trouble.refusal else ""
        text = (
            f"A student was sent away before they saw where to pay.{says} Sign in at Stripe and see what your account "
            "lacks: often it is not activated yet. This goes once somebody gets through."
        )
    elif money_trouble.kind is Kind.UNREAD:
        title = "Refunds wait until Stripe has been read"
        text = f"The site was away, or went back to a backup, and first reads what happened since.{waits}"
    elif account.lacks:
        title, text = (
            f"The Stripe key that ends in {account.key_last4} lacks a right",
            f"Give it “{'” and “'.join(rights_lacking(account.lacks))}” in Stripe.{waits}",
        )
    else:
        title = f"Stripe does not take the key that ends in {account.key_last4} any more"
        text = f"Nobody can pay by card, and nothing goes back.{waits}"
    return Attention(title, text, href, "Card payments", kind)


def _of_store(money_trouble: MoneyTrouble, kind: str) -> Attention:
    store, many = money_trouble.store, len(money_trouble.titles) > 1
    assert store is not None
    which = f"{len(money_trouble.titles)} of your calls" if many else f"“{money_trouble.titles[0]}”"
    if money_trouble.kind is Kind.PRICE:
        least = money(money_trouble.amount_cents, money_trouble.currency)
        text = f"The price is less than {least}, the least that a card can pay. Change it, or make the call free."
        return Attention(f"Nobody can book {which}", text, url_for("stores.home", store=store.slug), "Your calls", kind)
    are = "They are" if many else "It is"
    text = f"{are} on sale by card, and no Stripe key is connected. Connect one, or choose another way to pay."
    href = url_for("payment_accounts.show", store=store.slug)
    return Attention(f"Nobody can book {which}", text, href, "Card payments", kind)


def _unseated(troubles: list[MoneyTrouble]) -> Attention:
    many = len(troubles) > 1
    amount = money(troubles[0].amount_cents, troubles[0].currency)
    title = f"{len(troubles)} payments belong to no booking" if many else f"{amount} was paid, and no booking is known"
    text = "The site went back to an older backup. Seat them again, or give the money back."
    return Attention(title, text, url_for("unseated.show_all"), "Decide", "bad")


def _still_booked(count: int) -> Attention:
    which = "a call that still stands" if count == 1 else f"{count} calls that still stand"
    title = f"Money went back for {which} as booked"
    text = "The site went back to a backup from before they were called off. Cancel what is off."
    return Attention(title, text, url_for("unseated.show_all"), "See which")
