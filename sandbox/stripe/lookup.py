"""Finding objects as a key sees them, those of its account and mode: one, a page, or inside another's answer."""

from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.state import State
from sandbox.stripe import answers, payment_answers
from sandbox.stripe.errors import BadParam, Missing
from sandbox.stripe.event_records import Endpoint, Event
from sandbox.stripe.forms import Params
from sandbox.stripe.ids import mode
from sandbox.stripe.middleware import require_right
from sandbox.stripe.records import ApiKey, Charge, Dispute, Intent, Json, Owned, Refund, Session

Kind = TypeVar("Kind", bound=Owned)

NAMES: dict[type, str] = {
    Session: "checkout.session",
    Intent: "payment_intent",
    Charge: "charge",
    Refund: "refund",
    Dispute: "dispute",
    Event: "event",
    Endpoint: "webhook endpoint",
}
# What an id in an answer can be expanded to, and the right that takes.
EXPANDABLE: dict[str, tuple[type, str]] = {
    "payment_intent": (Intent, "payment_intent_read"),
    "latest_charge": (Charge, "charge_read"),
    "charge": (Charge, "charge_read"),
}


def get(state: State, key: ApiKey, kind: type[Kind], object_id: str, param: str = "id") -> Kind:
    """The object, or Missing: another account's is as if it were not there."""
    record = state.find(kind, object_id)
    if record is None or record.account_id != key.account_id:
        raise Missing(NAMES[kind], object_id, param)
    if record.livemode != key.livemode:
        raise Missing(NAMES[kind], object_id, param, mode(record.livemode))
    return record


def page(
    state: State,
    key: ApiKey,
    kind: type[Kind],
    params: Params,
    url: str,
    matches: Callable[[Kind], bool] = lambda _: True,
) -> Json:
    """A page of the objects that match, the newest first, with what was asked to be expanded."""
    limit = params.whole("limit", least=1, most=100) or 10
    after, before = params.text("starting_after"), params.text("ending_before")
    in_span = _span(params)
    expand = params.texts("expand")
    params.finish()
    # A cursor holds its place though its object may not match any more.
    records = list(reversed(state.every(kind, account_id=key.account_id, livemode=key.livemode)))
    if after:
        records = records[_place(state, key, kind, records, after, "starting_after") + 1 :]
    elif before:
        records = records[: _place(state, key, kind, records, before, "ending_before")]
    records = [record for record in records if in_span(record.created) and matches(record)]
    listed = records[-limit:] if before else records[:limit]
    answer: Json = {
        "object": "list",
        "data": [answers.as_json(state, record) for record in listed],
        "has_more": len(records) > limit,
        "url": url,
    }
    for path in expand:
        expand_one(state, key, answer, path)
    return answer


def expanded(state: State, key: ApiKey, record: Any, params: Params) -> Json:
    """The record's JSON with what was asked to be expanded; nothing else may have been asked."""
    paths = params.texts("expand")
    params.finish()
    answer = answers.as_json(state, record)
    for path in paths:
        expand_one(state, key, answer, path)
    return answer


def expand_one(state: State, key: ApiKey, answer: Json, path: str) -> None:
    """What the path leads to stands in the answer, in place of its id."""
    _expand(state, key, answer, path.split("."), path)


def _expand(state: State, key: ApiKey, answer: Json, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if name == "data" and answer.get("object") == "list":
        for entry in answer["data"]:
            _expand(state, key, entry, rest, path)
        return
    if name == "line_items" and answer.get("object") == "checkout.session":
        answer[name] = line_items(get(state, key, Session, answer["id"]))
    elif name == "refunds" and answer.get("object") == "charge":
        require_right(key, "refund_read")
        answer[name] = refunds_of(state, get(state, key, Charge, answer["id"]))
    elif name in EXPANDABLE and name in answer:
        kind, right = EXPANDABLE[name]
        require_right(key, right)
        if isinstance(answer[name], str):
            answer[name] = answers.as_json(state, state.find(kind, answer[name]))
    elif name not in answer or name in ("id", "object"):
        raise BadParam("expand", f"This property cannot be expanded ({path}).")
    if rest and isinstance(answer[name], dict):
        _expand(state, key, answer[name], rest, path)


def line_items(session: Session) -> Json:
    """The lines of a session as a list, the first ten as Stripe does."""
    return {
        "object": "list",
        "data": list(session.line_items[:10]),
        "has_more": len(session.line_items) > 10,
        "url": f"/v1/checkout/sessions/{session.id}/line_items",
    }


def refunds_of(state: State, charge: Charge) -> Json:
    """The refunds of a charge as a list, the newest first."""
    refunds = [state.find(Refund, refund_id) for refund_id in reversed(charge.refund_ids)]
    return {
        "object": "list",
        "data": [payment_answers.refund(state, refund) for refund in refunds[:10] if refund],
        "has_more": len(refunds) > 10,
        "url": f"/v1/charges/{charge.id}/refunds",
    }


def _span(params: Params) -> Callable[[int], bool]:
    """Whether a moment lies in what `created` asks for."""
    if params.has("created") and not params.is_nested("created"):
        exact = params.whole("created")
        return lambda created: created == exact
    part = params.part("created")
    if part is None:
        return lambda _: True
    least, most = part.whole("gte"), part.whole("lte")
    above, below = part.whole("gt"), part.whole("lt")
    return lambda created: (
        (least is None or created >= least)
        and (most is None or created <= most)
        and (above is None or created > above)
        and (below is None or created < below)
    )


def _place(state: State, key: ApiKey, kind: type[Kind], records: list[Kind], object_id: str, param: str) -> int:
    return records.index(get(state, key, kind, object_id, param))
