"""Every form says for whom it was drawn; a form of somebody else's acts on nothing."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORM = re.compile(r"<form\b(?:\{\{.*?\}\}|\{%.*?%\}|[^>])*>.*?</form>", re.DOTALL)
# Their forms name their person themselves (an address with its password, a link's token, the mark of half a sign-in),
# or concern nobody: the demo's clock, and signing out whoever is signed in.
WITHOUT = {
    "_clock_bar.html": "operation.set_clock",
    "_person_nav.html": "accounts.sign_out",
    "accounts/code.html": "accounts.send_code",
    "accounts/data_link.html": "accounts.use_data_link",
    "accounts/data_link_asked.html": "accounts.send_data_link",
    "accounts/forgotten.html": "accounts.send_reset",
    "accounts/messages_off.html": "accounts.turn_off_messages",  # for whoever holds the link
    "accounts/reset.html": "accounts.choose_password",
    "accounts/sign_in.html": "accounts.enter",
    "accounts/sign_up.html": "accounts.create_account",
    "errors/busy.html": "",
    "errors/unavailable.html": "",  # the stamp is among the fields that were sent
}


def test_every_form_that_changes_something_says_for_whom_it_was_drawn() -> None:
    without, count = {}, 0
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        forms = [form for form in FORM.findall(text) if 'method="post"' in form]
        assert len(forms) == text.count('method="post"'), path
        count += len(forms)
        for form in forms:
            if "drawn_for()" not in form:
                without[str(path.relative_to(TEMPLATES))] = "".join(re.findall(r"url_for\('(.*?)'", form)[:1])
    assert without == WITHOUT
    assert count > 20
