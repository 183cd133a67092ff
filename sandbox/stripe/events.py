"""Telling what happened: an event, and a delivery for each endpoint that wants it, straight or as ordered."""

from flask import g, has_request_context

from sandbox.faults import Fault, Faults
from sandbox.state import State
from sandbox.stripe import answers, clock
from sandbox.stripe.event_records import Delivery, Endpoint, Event
from sandbox.stripe.ids import new_id
from sandbox.stripe.records import Json, Owned

# The method under which faults of events are ordered; their route is "/" and the type.
METHOD = "EVENT"
# An event that waits to be overtaken is sent after this long all the same.
LONGEST_WAIT = 30


def emit(state: State, faults: Faults, record: Owned, *types: str, previous: Json | None = None) -> None:
    """The event is listed, and its deliveries wait; one event a type, with the object as it is now."""
    answer = answers.as_json(state, record)
    for event_type in types:
        _emit(state, faults, record, event_type, answer, previous)


def _emit(state: State, faults: Faults, record: Owned, event_type: str, answer: Json, previous: Json | None) -> None:
    account_id, livemode = record.account_id, record.livemode
    endpoints = [
        endpoint
        for endpoint in state.every(Endpoint, account_id=account_id, livemode=livemode)
        if endpoint.wants(event_type)
    ]
    event = Event(
        new_id("evt"),
        account_id,
        livemode,
        clock.stamp(state),
        event_type,
        answer,
        previous,
        g.get("request_id") if has_request_context() else None,
        g.get("idempotency_key") if has_request_context() else None,
        len(endpoints),
    )
    state.put(event)
    fault = faults.take(METHOD, f"/{event_type}")
    for endpoint in endpoints:
        _plan(state, event, endpoint, fault)


def _plan(state: State, event: Event, endpoint: Endpoint, fault: Fault | None) -> None:
    kind, due_at = fault.kind if fault else "", clock.now(state)
    if kind == "event_never":
        return
    if fault and kind == "event_late":
        due_at += fault.seconds
    waits = kind == "event_out_of_order"
    if waits:
        due_at += LONGEST_WAIT
    for _ in range(2 if kind == "event_twice" else 1):
        state.put(Delivery(new_id("dlv"), event.id, endpoint.id, due_at, waits_for_next=waits))
