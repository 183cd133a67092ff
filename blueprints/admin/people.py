"""The admin's pages of people: all of them, and one with everything that helps to help them."""

from flask import Response, request

from blueprints import web
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint, searched
from blueprints.signed_in import signed_in
from coaching.accounts.event_kinds import kind_of
from coaching.people.coming_queries import undecided_of_suspended
from coaching.people.queries import GROUPS, Group, get_person, people_page

GROUP_LABELS: dict[Group, str] = {
    "all": "Everybody",
    "admins": "Admins",
    "coaches": "Coaches",
    "suspended": "Suspended",
}


@blueprint.get("/admin/people")
def people_list() -> Response:
    """People by name, address, Discord account or number, page by page."""
    page, words, group = web.asked_page(), searched(), asked_group()
    listed, has_more = people_page(words, group, page, PAGE_SIZE)
    return web.render(
        "admin/people.html",
        listed=listed,
        undecided=undecided_of_suspended(web.now()),
        words=words,
        group=group,
        groups=GROUP_LABELS,
        number=page,
        has_more=has_more,
    )


@blueprint.get(f"/admin/people/<{NUMBER}:person_id>")
def person(person_id: int) -> Response:
    """One person: roles, stores, sign-ins, what happened around the account, and what an admin can do."""
    return web.render(
        "admin/person.html",
        person_view=get_person(person_id, web.both_clocks()),
        is_own=person_id == signed_in().person.id,
        kind_of=kind_of,
    )


def asked_group() -> Group:
    """Which people are asked for; all of them where that makes no sense."""
    asked = request.args.get("show", "all")
    return asked if asked in GROUPS else "all"
