"""Events to be read, and the endpoints they are sent to."""

from urllib.parse import urlsplit

from sandbox.stripe import answers, clock, lookup
from sandbox.stripe.context import here
from sandbox.stripe.delivery import is_loopback
from sandbox.stripe.errors import BadParam
from sandbox.stripe.event_records import Delivery, Endpoint, Event
from sandbox.stripe.forms import Params
from sandbox.stripe.ids import new_id, new_signing_secret
from sandbox.stripe.middleware import api_call
from sandbox.stripe.records import ApiKey, Json
from sandbox.stripe.rest import v1

MOST_ENDPOINTS = 16


@v1.get("/events/<event_id>")
@api_call("event_read")
def retrieve_event(key: ApiKey, params: Params, event_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Event, event_id), params)


@v1.get("/events")
@api_call("event_read")
def list_events(key: ApiKey, params: Params) -> Json:
    """The events; a type may end in `.*`. `delivery_success` false: those an endpoint has not taken yet."""
    types = (*params.texts("types", most=20), *filter(None, [params.text("type")]))
    was_taken = params.flag("delivery_success")

    def matches(event: Event) -> bool:
        is_meant = not types or any(
            event.type == wanted or (wanted.endswith(".*") and event.type.startswith(wanted[:-1])) for wanted in types
        )
        return is_meant and was_taken in (None, event.pending == 0)

    return lookup.page(here().state, key, Event, params, "/v1/events", matches)


@v1.post("/webhook_endpoints")
@api_call("webhook_write")
def create_endpoint(key: ApiKey, params: Params) -> Json:
    state, url = here().state, params.needed("url")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise BadParam("url", "Invalid URL: An explicit scheme (such as https) must be provided.", "url_invalid")
    if not is_loopback(url):
        raise BadParam("url", "Invalid URL: the sandbox sends events to this machine only.", "url_invalid")
    made = Endpoint(
        new_id("we"),
        key.account_id,
        key.livemode,
        clock.stamp(state),
        url,
        new_signing_secret(),
        params.texts("enabled_events", required=True),
        params.text("description"),
        params.metadata(),
    )
    params.text("api_version")
    params.finish()
    if len(state.every(Endpoint, account_id=key.account_id, livemode=key.livemode)) >= MOST_ENDPOINTS:
        raise BadParam("url", f"You have reached the maximum of {MOST_ENDPOINTS} webhook endpoints.")
    return answers.endpoint(state.put(made), with_secret=True)


@v1.get("/webhook_endpoints/<endpoint_id>")
@api_call("webhook_read")
def retrieve_endpoint(key: ApiKey, params: Params, endpoint_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Endpoint, endpoint_id, "webhook_endpoint"), params)


@v1.get("/webhook_endpoints")
@api_call("webhook_read")
def list_endpoints(key: ApiKey, params: Params) -> Json:
    return lookup.page(here().state, key, Endpoint, params, "/v1/webhook_endpoints")


@v1.delete("/webhook_endpoints/<endpoint_id>")
@api_call("webhook_write")
def delete_endpoint(key: ApiKey, params: Params, endpoint_id: str) -> Json:
    state = here().state
    params.finish()
    endpoint = lookup.get(state, key, Endpoint, endpoint_id, "webhook_endpoint")
    state.remove(endpoint, *state.every(Delivery, endpoint_id=endpoint.id))
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}
