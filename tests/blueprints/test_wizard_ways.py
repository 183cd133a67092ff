"""Step 4: whether a call has to be paid or accepted before its time is a student's."""

import pytest

from coaching.catalog.models import Offer, Product
from tests import factories

SENT = {
    "payment": "outside",
    "pay_text": "In cash.",
    "pays_first": "y",
    "hold_minutes": "120",
    "needs_approval": "y",
    "approval_minutes": "240",
    "then": "stay",
}


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"))


def kept(product):
    now = Product.get_by_id(product.id)
    return now.pays_first, now.hold_minutes, now.needs_approval, now.approval_minutes


def test_what_comes_before_a_time_is_a_students_is_kept(product, alice, browser_of):
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    page = coach.get(address).text
    assert "The time is theirs only once they have paid" in page
    assert "I accept or decline each call myself" in page
    for wrong in ({"hold_minutes": "7"}, {"approval_minutes": "soon"}, {"approval_minutes": "99999"}):
        refused = coach.post(address, data=SENT | wrong)
        assert refused.status_code == 422
        assert f'id="{next(iter(wrong))}-note"' in refused.text
        assert 'checked id="pays_first"' in refused.text
    assert coach.post(address, data=SENT).status_code == 303
    assert kept(product) == (True, 120, True, 240)
    page = coach.get(address).text
    assert '<option selected value="120">2 h</option>' in page
    # While nothing costs money it is not asked for, and stays as it was.
    Offer.update(price_cents=0).execute()
    assert 'type="checkbox" value="y"' in (free := coach.get(address).text)
    assert '<input type="hidden" name="pays_first" value="y">' in free
    assert "The time is theirs only once" not in free
    # A form without the boxes unticks them, and leaves the lengths.
    unticked = {name: value for name, value in SENT.items() if "_" not in name or name == "pay_text"}
    assert coach.post(address, data=unticked).status_code == 303
    assert kept(product) == (False, 120, False, 240)
