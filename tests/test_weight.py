"""What a first look at a storefront costs: compressed bytes, requests, and nothing from elsewhere."""

import re
from datetime import UTC, datetime

import pytest

from coaching.catalog.models import Question
from scripts import compress_static
from tests import factories

MOST_BYTES = 40 * 1024
MOST_REQUESTS = 5
LINKED = re.compile(r'<(?:script[^>]+src|link rel="stylesheet"[^>]*href)="([^"]+)"')


@pytest.fixture
def storefront(alice, set_clock):
    """The page of a product as busy as they come: long text, three lengths, a month of 15-minute starts."""
    set_clock(datetime(2027, 3, 1, 6, 0, tzinfo=UTC))
    compress_static.main()
    words = " ".join(f"word{number}" for number in range(400))
    product = factories.make_product(
        factories.make_store(alice, slug="nova"),
        slug="mixing-call",
        offers=((30, 2900), (60, 4900), (90, 6900)),
        description_html=f"<p>{words}</p>",
    )
    for position, kind in enumerate(("text", "long", "choice")):
        Question.create(
            product=product, kind=kind, label=f"A question {position}?", choices="A\nB\nC", position=position
        )
    return "/s/nova/mixing-call"


def test_the_first_view_is_light(client, storefront):
    def fetch(address):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", address
        return answer

    page = fetch(storefront)
    linked = LINKED.findall(client.get(storefront).text)
    # A visitor from elsewhere lets the slots be drawn once more, in their own zone.
    again = client.get(storefront + "?zone=America/New_York", headers={"Accept-Encoding": "gzip", "HX-Request": "true"})
    sizes = {address: len(fetch(address).data) for address in linked}
    sizes |= {"page": len(page.data), "slots in another zone": len(again.data)}
    assert len(sizes) <= MOST_REQUESTS, sizes
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_nothing_comes_from_another_host(client, storefront):
    # Its own address stands there in full, for those who show a link to it.
    page = re.sub(r'<link rel="canonical" href="http://localhost:8000/[^"]*">', "", client.get(storefront).text)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
