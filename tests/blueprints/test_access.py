"""Who may reach what: every address of the site tried as every role. An address that this table does not know fails.

`in`: the rule lets them in (a page, a redirect onwards, a complaint about the empty form). `door`: they are asked to
sign in first. `gone`: 404, exactly as for a code that never was. `over`: 410, a
link that was used or never was.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.invitation_mutations import InvitationDetails, invite
from coaching.booking.models import CoachingSession
from coaching.booking.slot_queries import nearest_starts
from coaching.catalog.models import Bump, Picture, Product, Store
from coaching.coaches.models import CoachApplication, CoachInvitation
from coaching.folders.mutations import add_entry
from coaching.folders.rules import EntryDetails, Kind
from coaching.hours.mutations import plan_travel, take_time_off
from coaching.hours.queries import travels_of
from coaching.hours.week import TravelSpan
from coaching.payments.models import Objection, Payment, PaymentAccount, Receipt, Refund
from coaching.payments.receipt_mutations import write_receipts
from coaching.pricing.models import DiscountCode, Partner
from coaching.rooms.models import Room
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import WORKER
from coaching.students.mutations import add_note
from tests import factories
from tests.fakes import FakeHost

ROLES = ("visitor", "student", "coach", "other_coach", "admin")
ANYBODY = ("in",) * 5
SIGNED_IN = ("door", "in", "in", "in", "in")
OWNER = ("door", "gone", "in", "gone", "gone")
COACHES = ("door", "gone", "in", "in", "gone")
ADMIN = ("door", "gone", "gone", "gone", "in")
BOTH_SIDES = ("door", "in", "in", "gone", "gone")

# Columns as in ROLES; `student` has booked the coach's product, `coach` owns store, products and session.
ACCESS = {
    "landing.show": ANYBODY,
    "static": ANYBODY,
    **dict.fromkeys(("discovery.robots", "discovery.sitemap", "discovery.sitemap_part"), ANYBODY),
    **dict.fromkeys(("discovery.site_picture", "discovery.store_picture", "discovery.product_picture"), ANYBODY),
    "discovery.picture": ("gone", "gone", "in", "gone", "in"),
    "storefront.store": ANYBODY,
    "storefront.product": ANYBODY,
    "storefront.keep_zone": ANYBODY,
    "storefront.return_to_product": ANYBODY,
    "storefront.price": ANYBODY,
    "storefront.book": ANYBODY,  # a visitor's form is looked through first, then saved on the way to signing in
    "directory.show": ANYBODY,
    "coaches.show": ANYBODY,
    "coaches.portrait": ANYBODY,
    "coaches.edit": COACHES,
    "coaches.save": COACHES,
    "discovery.coach_picture": ANYBODY,
    "sessions.show": ("door", "in", "in", "gone", "in"),
    "sessions.calendar": ("door", "in", "in", "gone", "in"),
    "sessions.confirm_cancellation": BOTH_SIDES,
    "sessions.cancel": BOTH_SIDES,
    "sessions.coming": ("door", "in", "gone", "gone", "gone"),  # the student's to say
    "sessions.say_coming": ("door", "in", "gone", "gone", "gone"),
    "sessions.lateness": BOTH_SIDES,
    "sessions.take_back_late": BOTH_SIDES,
    "sessions.say_late": BOTH_SIDES,
    "sessions.choose_time": BOTH_SIDES,
    "sessions.move": BOTH_SIDES,
    "sessions.choose_proposals": OWNER,
    "sessions.propose": OWNER,
    "sessions.take_proposal": ("door", "in", "gone", "gone", "gone"),
    "sessions.refuse_proposals": ("door", "in", "gone", "gone", "gone"),
    "sessions.withdraw_proposals": OWNER,
    "sessions.see_news": ("door", "gone", "gone", "gone", "gone"),  # the line of the history has to be one of its own
    "sessions.mark_paid": OWNER,
    "sessions.choose_refund": OWNER,
    "sessions.give_refund": OWNER,
    "sessions.attend_to_refund": OWNER,
    "sessions.settle_unlike": OWNER,
    "sessions.accept": OWNER,
    "sessions.decline": OWNER,
    "sessions.confirm": OWNER,
    "sessions.say_paid_back": OWNER,
    "sessions.say_paid": ("door", "in", "gone", "gone", "gone"),  # the student's to say
    # Its student's alone, and only where it is paid by card (tests/blueprints/test_paying.py).
    **dict.fromkeys(("pay.pay", "pay.back_to_session", "pay.after_payment"), ("door", "gone", "gone", "gone", "gone")),
    # Not by a link, and not for admins: words between two people.
    **dict.fromkeys(("folders.show", "folders.download", "folders.add", "folders.edit", "folders.visit"), BOTH_SIDES),
    **dict.fromkeys(("folders.visit_without_scripts", "folders.save", "folders.tick", "folders.remove"), BOTH_SIDES),
    "sessions.room": ("door", "in", "in", "gone", "in"),
    "sessions.open_room": OWNER,
    "sessions.extend_room": OWNER,
    "sessions.close_room": OWNER,
    "sessions.correct_outcome": OWNER,
    "sessions.say_what_happened": ("door", "in", "gone", "gone", "gone"),  # the student's to say
    "sessions.disagree": ("door", "in", "gone", "gone", "gone"),
    "sessions.reply": OWNER,
    "sessions.give_back_for_absence": OWNER,
    "invitations.new": ("door", "gone", "in", "in", "gone"),  # who has a store: another coach has calls of their own
    "invitations.invite": ("door", "gone", "gone", "gone", "gone"),  # without a product in the form
    "invitations.show": ("door", "gone", "in", "gone", "gone"),
    "invitations.accept": ("gone",) * 5,  # whoever has the link, or is named by it
    "invitations.replace_link": OWNER,
    "invitations.withdraw": OWNER,
    "invitations.follow": ("over",) * 5,
    "becoming.apply": SIGNED_IN,
    "becoming.save": SIGNED_IN,
    "becoming.withdraw": SIGNED_IN,
    "becoming.invitation": ("over", "over", "in", "in", "over"),  # who is a coach needs no link, whichever it is
    "becoming.take": ("over", "over", "in", "in", "over"),
    "partners.show_all": OWNER,
    "partners.new": OWNER,
    "partners.make": OWNER,
    "partners.show": OWNER,
    "partners.edit": OWNER,
    "partners.save": OWNER,
    "partners.switch": OWNER,
    "partners.replace_link": OWNER,
    "partners.download": OWNER,
    "partners.download_all": OWNER,
    "partners.record": OWNER,
    "partners.take_back": OWNER,
    "partners.decide": ("door", "gone", "gone", "gone", "gone"),  # no partner has sent this student
    "partners.own_page": ("over",) * 5,  # whoever has the secret link needs no role
    "reviews.of_coach": ANYBODY,
    "reviews.of_product": ANYBODY,
    "reviews.write": (*BOTH_SIDES[:4], "in"),  # the coach and admins are led to the call's page
    "reviews.save": ("door", "in", "gone", "gone", "gone"),
    "reviews.remove": ("door", "in", "gone", "gone", "gone"),
    "reviews.answer": OWNER,
    "reviews.received": SIGNED_IN,
    "reviews.ask_to_report": SIGNED_IN,
    "reviews.report": SIGNED_IN,
    "students.show_all": SIGNED_IN,
    "students.download": SIGNED_IN,
    "students.ask": SIGNED_IN,  # whom the call does not refuse is led to it
    "students.send": SIGNED_IN,
    **dict.fromkeys(("students.show", "students.read", "students.label", "students.unlabel", "students.write"), OWNER),
    **dict.fromkeys(("students.reword", "students.save", "students.remove", "students.write_on_session"), OWNER),
    "dashboard.home": SIGNED_IN,
    "figures.show": SIGNED_IN,
    # Who has a store: another coach has figures of their own (another's: tests/blueprints/test_figures.py).
    "figures.show_file": COACHES,
    "figures.show_behind": ("door", "gone", "gone", "gone", "gone"),  # without a figure in the address
    "receipts.own": SIGNED_IN,
    "receipts.show": BOTH_SIDES,
    "receipts.payments": SIGNED_IN,
    "receipts.payments_file": SIGNED_IN,
    "receipts.edit_seller": OWNER,
    "receipts.save": OWNER,
    "calendars.show": SIGNED_IN,
    "calendars.add": COACHES,
    "calendars.edit": OWNER,
    "calendars.save": OWNER,
    "calendars.read_again": OWNER,
    "calendars.remove": OWNER,
    "schedules.overview": SIGNED_IN,
    "schedules.new": SIGNED_IN,
    "schedules.create": SIGNED_IN,
    "schedules.show": OWNER,
    "schedules.save_week": OWNER,
    "schedules.rename": OWNER,
    "schedules.ask_for_copy": OWNER,
    "schedules.copy": OWNER,
    "schedules.confirm_removal": OWNER,
    "schedules.remove": OWNER,
    "schedules.check": OWNER,
    "schedules.show_days": OWNER,
    "schedules.show_day": OWNER,
    "schedules.change_day": OWNER,
    "schedules.take_time_off": OWNER,
    "schedules.remove_time_off": OWNER,
    "schedules.show_zone": OWNER,
    "schedules.change_zone": OWNER,
    "schedules.plan_travel": OWNER,
    "schedules.cancel_travel": OWNER,
    "stores.new": SIGNED_IN,
    "stores.create": SIGNED_IN,
    "stores.suggest_address": SIGNED_IN,
    "stores.home": OWNER,
    "stores.guild": OWNER,
    "stores.invite_bot": OWNER,
    "stores.verify_guild": OWNER,
    "stores.old_verify_guild": OWNER,
    "stores.ask_for_site_guild": OWNER,
    "stores.set_access_mode": OWNER,
    "stores.settings": OWNER,
    "stores.save_settings": OWNER,
    "stores.move": OWNER,
    "stores.set_listing": OWNER,
    "stores.picture": ("gone", "gone", "in", "gone", "in"),
    "wizard.create": OWNER,
    "wizard.create_draft": OWNER,
    "wizard.preview_new": OWNER,
    "wizard.open_product": OWNER,
    "wizard.edit_step": OWNER,
    "wizard.save_step": OWNER,
    "wizard.preview_step": OWNER,
    "wizard.publish": OWNER,
    "wizard.published": OWNER,
    "wizard.withdraw": OWNER,
    "wizard.archive": OWNER,
    "extras.overview": OWNER,
    "extras.new": OWNER,
    "extras.add": OWNER,
    "extras.edit": OWNER,
    "extras.save": OWNER,
    "extras.remove": OWNER,
    "discounts.overview": OWNER,
    "discounts.new": OWNER,
    "discounts.add": OWNER,
    "discounts.edit": OWNER,
    "discounts.save": OWNER,
    "discounts.switch": OWNER,
    "accounts.sign_in": ANYBODY,
    "accounts.enter": ANYBODY,
    "accounts.sign_up": ANYBODY,
    "accounts.create_account": ANYBODY,
    "accounts.sign_out": ANYBODY,
    "accounts.keep_form": ("door",) * 5,  # its purpose: what was typed is saved on the way to signing in
    "accounts.forgotten": ANYBODY,
    "accounts.send_reset": ANYBODY,
    "accounts.reset": ("over",) * 5,
    "accounts.choose_password": ("over",) * 5,
    **dict.fromkeys(("accounts.suspended_data", "accounts.send_data_link"), ANYBODY),
    **dict.fromkeys(("accounts.show_data_link", "accounts.use_data_link"), ("over",) * 5),
    **dict.fromkeys(("accounts.ask_for_suspended_data", "accounts.download_suspended_data"), ("over",) * 5),
    "accounts.verify": ("door", "over", "over", "over", "over"),
    "accounts.confirm_address": ("door", "over", "over", "over", "over"),
    "accounts.card": ANYBODY,
    "accounts.check": SIGNED_IN,
    "accounts.link": SIGNED_IN,
    "accounts.join": SIGNED_IN,
    "accounts.relink": SIGNED_IN,
    "accounts.unlink": SIGNED_IN,
    "accounts.sign_in_with_discord": ANYBODY,
    "accounts.discord_callback": ANYBODY,
    "accounts.confirm": SIGNED_IN,
    "accounts.send_confirmation": SIGNED_IN,
    "accounts.confirm_with_discord": SIGNED_IN,
    "accounts.code": SIGNED_IN,  # whoever is signed in goes on
    "accounts.send_code": SIGNED_IN,
    "accounts.first_factor": SIGNED_IN,
    "accounts.set_up_first_factor": SIGNED_IN,
    "accounts.factor": SIGNED_IN,
    "accounts.show_key": SIGNED_IN,
    "accounts.leave_factor": SIGNED_IN,
    "accounts.set_up_factor": SIGNED_IN,
    "accounts.renew_recovery_codes": ("door", "gone", "gone", "gone", "gone"),  # there are none without a factor
    "accounts.download_recovery_codes": SIGNED_IN,
    "accounts.remove_factor": SIGNED_IN,
    "accounts.settings": SIGNED_IN,
    "accounts.own_data": SIGNED_IN,
    "accounts.ask_for_data": SIGNED_IN,
    "accounts.download_data": ("door", "over", "over", "over", "over"),  # nobody has asked for theirs
    "accounts.change_connection": SIGNED_IN,
    "accounts.change_address": SIGNED_IN,
    "accounts.change_password": SIGNED_IN,
    "accounts.save_profile": SIGNED_IN,
    "accounts.send_verification": SIGNED_IN,
    "accounts.messages": SIGNED_IN,
    "accounts.save_messages": SIGNED_IN,
    "accounts.choose_discord": SIGNED_IN,
    "accounts.make_feed": SIGNED_IN,
    "accounts.remove_feed": SIGNED_IN,
    "accounts.calendar_feed": ("gone",) * 5,  # whoever has the secret address needs no role
    "accounts.messages_off": ("gone",) * 5,  # and whoever has the signed one
    "accounts.turn_off_messages": ("gone",) * 5,
    "accounts.merging": SIGNED_IN,
    "accounts.merge": SIGNED_IN,
    **dict.fromkeys(("accounts.deletion", "accounts.delete"), SIGNED_IN),
    "accounts.leave_apart": SIGNED_IN,
    "accounts.other_account": SIGNED_IN,
    "accounts.claim_other_account": SIGNED_IN,
    "accounts.send_claim_link": SIGNED_IN,
    "accounts.claim_link": ("over",) * 5,
    "accounts.use_claim_link": ("over",) * 5,
    "accounts.end_sign_in": ("door", "gone", "gone", "gone", "gone"),
    "accounts.end_other_sign_ins": SIGNED_IN,
    "admin.overview": ADMIN,
    "admin.message_list": ADMIN,
    "admin.old_message_list": ADMIN,
    "admin.try_mail": ADMIN,
    "admin.send_message_again": ADMIN,
    "admin.event_list": ADMIN,
    "admin.sign_ins": ADMIN,
    "admin.end_sign_ins": ADMIN,
    "admin.run_list": ADMIN,
    "admin.figures": ADMIN,
    "admin.figures_file": ADMIN,
    "admin.figures_behind": ("door", "gone", "gone", "gone", "gone"),  # without a figure in the address
    "admin.session_list": ADMIN,
    "admin.store_list": ADMIN,
    "admin.site_check": ADMIN,
    "admin.check_site_now": ADMIN,
    "admin.room_list": ADMIN,
    "admin.room": ADMIN,
    "admin.retry": ADMIN,
    "admin.orphan_list": ADMIN,
    "admin.orphan": ADMIN,
    "admin.close_orphan_now": ADMIN,
    "admin.remove_orphan_now": ADMIN,
    "admin.objection_list": ADMIN,
    "admin.objection": ADMIN,
    "admin.decide": ADMIN,
    "admin.review_list": ADMIN,
    "admin.review": ADMIN,
    "admin.decide_on_review_of": ADMIN,
    "admin.show_again": ADMIN,
    "admin.people_list": ADMIN,
    "admin.person": ADMIN,
    "admin.ask_for_action": ADMIN,
    "admin.carry_out_action": ADMIN,
    "admin.coming_session": ADMIN,
    "admin.decide_on_session": ADMIN,
    "admin.coach_list": ADMIN,
    "admin.coach": ADMIN,
    "admin.suspend_coach": ADMIN,
    "admin.resume": ADMIN,
    "admin.application": ADMIN,
    "admin.answer": ADMIN,
    "admin.coach_invitations": ADMIN,
    "admin.invite_coach": ADMIN,
    "admin.ask_to_revoke": ADMIN,
    "admin.revoke_coach_invitation": ADMIN,
    "admin.decide_on_guild": ("door", "gone", "gone", "gone", "in"),
    "admin.money": ADMIN,
    "admin.payment_accounts": ADMIN,
    "admin.try_site_account": ADMIN,
    "admin.ask_for_site_account": ADMIN,
    "admin.decide_on_site_account": ADMIN,
    "payment_accounts.show": OWNER,
    "payment_accounts.connect": OWNER,
    "payment_accounts.try_again": OWNER,
    "payment_accounts.make_endpoint": OWNER,
    "payment_accounts.keep_signing_secret": OWNER,
    "payment_accounts.stop_taking": OWNER,
    "payment_accounts.ask_to_remove": OWNER,
    "payment_accounts.remove": OWNER,
    "unseated.show_all": SIGNED_IN,
    "unseated.show": ("door", "gone", "in", "gone", "in"),
    "unseated.seat": ("door", "gone", "in", "gone", "in"),
    "unseated.refund": ("door", "gone", "in", "gone", "in"),
    "unseated.keep_it": ("door", "gone", "in", "gone", "in"),
    "webhooks.hear_of_site": ("gone",) * 5,  # what is signed by an account that there is needs no role
    "webhooks.hear_of_store": ("gone",) * 5,
    "operation.healthz": ANYBODY,
    "operation.readyz": ANYBODY,
    "operation.metrics": ("door", "gone", "gone", "gone", "in"),  # 401 for a visitor: or the bearer of a secret
    "operation.server_check": OWNER,
    "operation.check_server": OWNER,
    "operation.set_clock": ("gone",) * 5,  # there is no demo clock outside a demo
    "operation.process_sessions": ("door",) * 5,  # 401: a machine's address, no role opens it
}


@pytest.fixture
def world(app: Flask, host: FakeHost, alice: Person, bob: Person, mallory: Person) -> dict[str, object]:
    """What stands in the addresses: the coach's store, draft picture, product and the student's session."""
    record_heartbeat(WORKER, datetime.now(UTC))
    store = factories.make_store(alice, slug="alices", guild_asked_at=factories.MADE_AT)
    factories.make_store(mallory, slug="mallorys")
    product = factories.make_product(store, slug="call")
    draft = Picture.create(
        code="draft", owner=alice, sha256="0" * 64, width=1, height=1, webp=b"RIFF", made_at=factories.MADE_AT
    )
    Product.create(
        **factories.make_product(store).__data__
        | {"id": None, "code": "draft", "slug": "draft", "state": "draft", "picture": draft}
    )
    portrait = Picture.create(
        code="portrait", owner=alice, sha256="1" * 64, width=1, height=1, webp=b"RIFF", made_at=factories.MADE_AT
    )
    factories.make_coach(alice, slug="alice", portrait=portrait)
    factories.make_coach(mallory)
    booked: CoachingSession = factories.make_coaching_session(
        product, bob, starts_at=datetime.now(UTC) + timedelta(days=3)
    )
    kept, _ = invite(product, alice, InvitationDetails(product.offers.get().id, next_free(product)), datetime.now(UTC))
    room = Room.create(
        coaching_session=booked, code="abc", discord_guild_id=factories.GUILD_ID, created_at=factories.MADE_AT
    )
    Objection.create(seat=booked.seats.get(), sentence="Nobody came.", made_at=factories.MADE_AT)
    bump = Bump.create(product=product, title="Notes", price_cents=1500)
    discount = DiscountCode.create(store=store, code="SPRING", percent=20, made_at=factories.MADE_AT)
    feed = factories.make_feed(alice, datetime.now(UTC))
    partner = Partner.create(store=store, name="Lee", code="lee", share_percent=20, made_at=factories.MADE_AT)
    today = datetime.now(UTC).date()
    application = CoachApplication.create(
        person=bob, state="sent", made_at=factories.MADE_AT, sent_at=factories.MADE_AT
    )
    link = CoachInvitation.create(token_sha256="x", made_at=factories.MADE_AT, ends_at=factories.MADE_AT)
    plan_travel([product.schedule], TravelSpan("Asia/Tokyo", today, today), today)
    return (
        {
            "day": (today + timedelta(days=3)).isoformat(),
            "time_off_id": take_time_off(alice, datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)).id,
            "travel_id": travels_of(product.schedule)[0].id,
            "orphan_id": factories.make_orphan(host).id,
            "room_id": room.id,
            "person_id": alice.id,
            "action": "suspension",
            "application_id": application.id,
            "invitation_id": link.id,
            "bump_id": bump.id,
            "code_id": discount.id,
            "store": "alices",
            "slug": "alice",
            "product": "call",
            "filename": "app.css",
            "step": "checkout",
            "token": "unknown",
            "number": "999999",
            "kind": "site",
            "part": 1,
            "partner_id": partner.id,
            "payout_id": 1,
            "refund_id": make_refund(booked).id,
            "review": make_review(),
            "student_id": bob.id,
            "note": add_note(alice, bob.id, "Prefers mornings.", "abcdefghjk", datetime.now(UTC)).code,
            "sort": "notes",
            "entry": make_note(booked),
        }
        | {
            "invitations": kept.code,
            "sessions": booked.code,
            "partners": booked.code,
            "coaches": portrait.code,
            "pay": booked.code,
            "wizard": product.code,
            "extras": product.code,
            "unseated": "cs_test",
            "stores": draft.code,
            "discovery": draft.code,
            "admin": booked.code,
            "reviews": booked.code,
            "students": booked.code,
            "folders": booked.code,
        }
        | {"schedules": product.schedule.code, "calendars": feed.code, "payment_accounts": make_account(store).code}
        | {"receipts": make_receipt()}
    )


def make_refund(booked: CoachingSession) -> Refund:
    """A part that could not be sent back: it stays, whatever else is said of the payment."""
    made_at = factories.MADE_AT
    payment = Payment.create(
        seat=booked.seats.get(),
        provider="outside",
        state="paid",
        amount_cents=4900,
        currency="EUR",
        key="outside",
        begun_at=made_at,
        paid_at=made_at,
    )
    parts = {"key": "r", "cause": "by_coach", "amount_cents": 100, "owed_at": made_at, "due_at": made_at}
    return Refund.create(payment=payment, state="failed", **parts)


def make_review() -> str:
    """The code of a review of an earlier call, by somebody else."""
    return str(factories.make_review(stars=5).code)


def make_note(booked: CoachingSession) -> str:
    """The code of what the student has written into the folder of the call."""
    seat = booked.seats.get()
    return add_entry(seat, seat.student, EntryDetails(Kind.NOTE, "A note."), "key", factories.MADE_AT)


def make_receipt() -> str:
    """The code of a receipt for what was paid."""
    write_receipts(datetime.now(UTC))
    return str(Receipt.get().code)


def make_account(store: Store) -> PaymentAccount:
    """An account on which something was paid, so that it stays when its coach puts it aside."""
    account = PaymentAccount.create(
        code="account", store=store, key="rk_test_x", livemode=False, added_at=factories.MADE_AT
    )
    Payment.create(
        payment_account=account,
        provider="stripe",
        state="paid",
        amount_cents=4900,
        currency="EUR",
        key="x",
        reference="cs_test",  # of which no booking is known
        facts='{"session": "gone"}',
        begun_at=factories.MADE_AT,
    )
    return account


def next_free(product: Product) -> datetime:
    now = datetime.now(UTC)
    return nearest_starts(product, product.offers.get(), now + timedelta(days=5), now, 1)[0]


@pytest.mark.parametrize("role", ROLES)
def test_every_address_lets_in_exactly_whom_it_should(
    role: str,
    app: Flask,
    world: dict[str, object],
    alice: Person,
    bob: Person,
    mallory: Person,
    browser_of: Callable[[Person | None], FlaskClient],
) -> None:
    admin = factories.make_person("Admin", is_admin=True)
    person = {"visitor": None, "student": bob, "coach": alice, "other_coach": mallory, "admin": admin}[role]
    wrong = []
    for endpoint, method, address in addresses(app, world):
        # A browser of its own for each address: some sign the person out.
        answer = browser_of(person).open(address, method=method)
        answer.close()
        expected = ACCESS[endpoint][ROLES.index(role)]
        if access_of(answer.status_code, answer.headers.get("Location", "")) != expected:
            wrong.append(
                f"{method} {address}: {answer.status_code} {answer.headers.get('Location', '')}, not {expected}"
            )
    assert not wrong, "\n".join(wrong)


def test_an_address_that_refuses_head_names_what_it_takes(
    app: Flask, world: dict[str, object], client: FlaskClient
) -> None:
    adapter = app.url_map.bind("localhost:8000")
    refusing = set()
    for endpoint, _, address in addresses(app, world):
        answer = client.head(address)
        answer.close()
        if answer.status_code == 405:
            refusing.add(endpoint)
            takes = {
                method for method in ("GET", "HEAD", "OPTIONS", "POST") if adapter.test(urlsplit(address).path, method)
            }
            assert set(answer.headers.get("Allow", "").split(", ")) == takes, address
            assert "HEAD" not in takes, address
    with_get = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert refusing & with_get == {"accounts.discord_callback", "operation.process_sessions"}


def test_the_table_knows_every_address(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def addresses(app: Flask, world: dict[str, object]) -> list[tuple[str, str, str]]:
    """Endpoint, method and address of every rule; what takes both is tried with both."""
    rows = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost:8000")
        for rule in app.url_map.iter_rules():
            code = world.get(rule.endpoint.split(".")[0], "")
            values = {name: world.get(name, code) for name in rule.arguments}
            address = adapter.build(rule.endpoint, values, method="GET" if "GET" in rule.methods else "POST")
            rows += [(rule.endpoint, method, address) for method in sorted(rule.methods & {"GET", "POST"})]
    # What only shows comes first: an archived product would be gone for the rest.
    return sorted(rows, key=lambda row: row[1])


def access_of(status: int, location: str) -> str:
    """What an answer amounts to."""
    if status == 401 or (status in (302, 303) and location.startswith("/sign-in")):
        return "door"
    return {404: "gone", 410: "over"}.get(status, "in" if status < 500 else f"crash {status}")
