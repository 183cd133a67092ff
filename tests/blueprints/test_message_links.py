"""Every address in every message is a page that there is."""

import re

from flask import Flask

from coaching.messages.rendering.text import as_text
from scripts.message_cases import SENDER
from scripts.show_messages import examples

ADDRESS = re.compile(re.escape(SENDER.url) + r"(/[^\s>)]*)")


def test_every_address_in_a_message_is_one_of_a_page(app: Flask) -> None:
    adapter = app.url_map.bind("calls.example")
    texts = [as_text(message) for message in examples().values()]
    asked = {
        path for text in (*texts, SENDER.off_url(1, "reminder"), SENDER.choices_url) for path in ADDRESS.findall(text)
    }
    assert len(asked) > 10
    for path in asked:
        assert adapter.match(path.partition("?")[0].partition("#")[0], method="GET"), path
