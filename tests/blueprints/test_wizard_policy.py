"""The policy in the wizard: presets, own steps, and what is wrong beside its field; a silent page changes none."""

import pytest

from coaching.booking.refund_tiers import PRESETS
from coaching.catalog.models import Product
from tests import factories
from tests.blueprints.test_wizard import AVAILABILITY

# What is typed and what stands beside it; nothing asks the database for more than a row.
pytestmark = pytest.mark.one_database

ADDRESS = "/products/draft/availability"


@pytest.fixture
def coach(browser_of, alice):
    factories.make_product(factories.make_store(alice), code="draft", state="draft")
    return browser_of(alice)


def own(*steps):
    """What is sent for own steps, each a percent and hours."""
    rows: dict[str, str] = {}
    for number, (percent, hours) in enumerate(steps, 1):
        rows |= {f"tier_{number}_percent": percent, f"tier_{number}_hours": hours}
    return AVAILABILITY | {"policy": "own"} | rows


def kept():
    return Product.get().refund_tiers, Product.get().absent_percent


def test_presets_and_own_steps_are_kept_and_shown_again(coach):
    for name, text in PRESETS.items():
        # What stands in the rows of a preset does not count.
        sent = AVAILABILITY | {"policy": name, "tier_1_percent": "soon", "absent_percent": "25"}
        assert coach.post(ADDRESS, data=sent).status_code == 303
        assert kept() == (text, 25)
    for steps, text in (
        ([("100", "48"), ("", ""), ("50", "2"), ("10", "0")], "2880:100 120:50 0:10"),
        ([("30", "1"), ("80", "24")], "1440:80 60:30"),
        ([("", "")], ""),
    ):
        assert coach.post(ADDRESS, data=own(*steps)).status_code == 303
        assert kept()[0] == text
    coach.post(ADDRESS, data=own(("80", "24"), ("30", "1")) | {"absent_percent": "25"})
    page = coach.get(ADDRESS).text
    assert "80 % of it goes back until 24 h before the start, 30 % of it until 1 h before, nothing after; 25" in page
    assert 'name="tier_1_percent" type="text" value="80"' in page


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(coach):
    before = kept()
    for steps, said in (
        ([("101", "1")], "Choose a number from 1 to 100."),
        ([("half", "1")], "Type a whole number, like 30."),
        ([("50", "")], "Type a number, or leave both empty."),
        ([("50", "721")], "Choose a number from 0 to 720."),
        ([("50", "24"), ("60", "2")], "Earlier has to give more back than later."),
    ):
        answer = coach.post(ADDRESS, data=own(*steps))
        assert (answer.status_code, kept()) == (422, before)
        assert said in answer.text
        assert f'value="{steps[0][0]}"' in answer.text
    assert coach.post(ADDRESS, data=AVAILABILITY | {"policy": "generous"}).status_code == 422
    assert coach.post(ADDRESS, data=AVAILABILITY | {"absent_percent": "101"}).status_code == 422


def test_a_page_that_says_nothing_of_it_changes_nothing(coach):
    Product.update(refund_tiers="90:40", absent_percent=7).execute()
    silent = {name: value for name, value in AVAILABILITY.items() if name not in ("policy", "absent_percent")}
    assert coach.post(ADDRESS, data=silent).status_code == 303
    assert kept() == ("90:40", 7)
    # Half hours that no field can show stay, too, as long as nobody types others.
    assert coach.post(ADDRESS, data=own(("40", "1")) | {"absent_percent": "7"}).status_code == 303
    assert kept() == ("90:40", 7)
    coach.post(ADDRESS, data=own(("41", "1")))
    assert kept()[0] == "60:41"
