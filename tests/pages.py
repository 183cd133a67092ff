"""Pages as a browser without scripts reads them: their forms, and what stands in the fields."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """One form: where it goes, and what it would send as it stands. Buttons send nothing of their own here."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.by_id: dict[str, PageForm] = {}
        self._waiting: list[tuple[str, str, str]] = []  # fields that name a form, which may come later
        self._form: PageForm | None = None
        self._target: tuple[str | None, str] | None = None  # form id and name of the textarea or select
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
            self.by_id[given.get("id", "")] = self._form
        elif tag == "input" and "name" in given and given.get("type") not in ("submit", "file"):
            is_choice = given.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in given:
                self._put(given.get("form"), given["name"], given.get("value", "on" if is_choice else ""))
        elif tag in ("textarea", "select") and "name" in given:
            self._target, self._text = (given.get("form"), given["name"]), []
        elif tag == "option" and self._target and "selected" in given:
            self._put(*self._target, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._target:
            self._put(*self._target, "".join(self._text).removeprefix("\r\n").removeprefix("\n"))
        if tag in ("textarea", "select"):
            self._target = None

    def _put(self, form_id: str | None, name: str, value: str) -> None:
        if form_id is not None:
            self._waiting.append((form_id, name, value))
        elif self._form is not None:
            self._form.fields.setdefault(name, value)

    def close(self) -> None:
        super().close()
        for form_id, name, value in self._waiting:
            if form_id in self.by_id:
                self.by_id[form_id].fields.setdefault(name, value)


def forms_of(text: str) -> list[PageForm]:
    """Every form of the page, in the order they stand there."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.forms


def form_to(text: str, action: str) -> PageForm:
    """The one form of the page that goes to this path."""
    forms = [form for form in forms_of(text) if form.action.partition("?")[0] == action]
    assert len(forms) == 1, (action, [form.action for form in forms_of(text)])
    return forms[0]
