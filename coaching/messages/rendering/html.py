"""A message as the HTML of a mail. Pure.

Small and by itself: nothing is loaded from elsewhere, no picture, no script. Styles stand at the elements, since some
mail programs drop every style sheet; the one sheet there is changes colours for the dark.
"""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from coaching.messages.blocks import Block, Button, Facts, Links, Message, Paragraph, Quote, Steps, When
from coaching.messages.rendering.foot import Foot

FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
INK, SOFT, LINE, PAGE, SURFACE = "#1f1b17", "#514b45", "#dedad5", "#faf8f5", "#ffffff"
ACCENT, ON_ACCENT = "#0d5537", "#fdfcfa"
SHEET = """
:root { color-scheme: light dark; supported-color-schemes: light dark }
body { margin: 0; padding: 0 }
@media (prefers-color-scheme: dark) {
  body, .page { background: #101319 !important }
  .card { background: #181b22 !important; border-color: #2f333c !important }
  .ink { color: #edeff3 !important }
  .soft { color: #b4b8c1 !important }
  .line { border-color: #2f333c !important }
  .go { background: #8fd9b0 !important; color: #0b1310 !important }
  .link { color: #97dcb6 !important }
}
"""
DOCUMENT = Markup(
    '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
    "<title>{title}</title>\n<style>{sheet}</style>\n</head>\n"
    '<body class="page" style="margin:0;padding:0;background:{page}">\n'
    '<div class="page" style="background:{page};padding:24px 12px">\n'
    '<div style="max-width:560px;margin:0 auto;{font};font-size:16px;line-height:1.5">\n'
    '<p class="soft" style="margin:0 0 12px;padding:0 4px;font-size:14px;color:{soft}">{name}</p>\n'
    '<div class="card" style="background:{surface};border:1px solid {line};border-radius:10px;padding:24px 20px">\n'
    '<h1 class="ink" style="margin:0;font-size:22px;line-height:1.25;font-weight:600;color:{ink};{wrap}">{headline}'
    "</h1>\n"
    "{blocks}</div>\n"
    '<div class="soft" style="padding:16px 4px 0;font-size:14px;color:{soft};{wrap}">\n{foot}</div>\n'
    "</div>\n</div>\n</body>\n</html>\n"
)
WRAP = "overflow-wrap:anywhere;word-break:break-word"
BREAK = Markup("<br>")
BAR = "margin:16px 0 0;padding:2px 0 2px 14px;border-left:3px solid"


def as_html(message: Message, foot: Foot) -> str:
    """The same words as the plain text."""
    return str(
        DOCUMENT.format(
            title=message.subject,
            sheet=Markup(SHEET),
            name=message.from_name or foot.name,
            headline=message.headline,
            blocks=Markup("").join(_html(block) for block in message.blocks),
            foot=_foot(foot),
            page=PAGE,
            font=Markup(FONT),
            soft=SOFT,
            surface=SURFACE,
            line=LINE,
            ink=INK,
            wrap=WRAP,
        )
    )


def _html(block: Block) -> Markup:
    match block:
        case Paragraph(text):
            return _element("p", f"margin:16px 0 0;color:{INK}", _lines(text), "ink")
        case Quote(by, text):
            return Markup('<div class="line" style="{} {}">\n{}{}</div>\n').format(
                BAR,
                LINE,
                _element("p", f"margin:0 0 4px;font-size:14px;color:{SOFT}", by, "soft"),
                _element("p", f"margin:0;color:{INK}", _lines(text), "ink"),
            )
        case When():
            return Markup("").join(_when(block))
        case Facts(rows):
            return _table(rows)
        case Steps(title, lines):
            items = (_element("li", f"margin:6px 0 0;padding-left:4px;color:{INK}", line, "ink") for line in lines)
            return _element("h2", f"margin:24px 0 0;font-size:16px;font-weight:600;color:{INK}", title, "ink") + Markup(
                '<ol class="ink" style="margin:4px 0 0;padding-left:22px;color:{}">\n{}</ol>\n'
            ).format(INK, Markup("").join(items))
        case Button(label, url):
            return Markup(
                '<p style="margin:24px 0 0"><a class="go" href="{}" style="display:inline-block;background:{};color:{};'
                'padding:12px 22px;border-radius:10px;font-weight:600;text-decoration:none;{}">{}</a></p>\n'
            ).format(url, ACCENT, ON_ACCENT, WRAP, label)
        case Links(links, title):
            lead = Markup("{}<br>").format(title) if title else Markup("")
            return _element("p", f"margin:16px 0 0;font-size:15px;color:{SOFT}", lead + _links(links), "soft")


def _when(when: When) -> Iterator[Markup]:
    struck = ";text-decoration:line-through" if when.is_off else ""
    yield _element("p", f"margin:16px 0 0;color:{INK}{struck}", when.day, "ink")
    yield _element(
        "p", f"margin:0;font-size:24px;line-height:1.25;font-weight:600;color:{INK}{struck}", when.time, "ink"
    )
    yield _element("p", f"margin:0;font-size:14px;color:{SOFT}", when.zone, "soft")
    if when.other:
        yield _element("p", f"margin:6px 0 0;font-size:14px;color:{SOFT}", when.other, "soft")


def _table(rows: tuple[tuple[str, str], ...]) -> Markup:
    cells = Markup("").join(
        Markup(
            '<tr><th class="soft" scope="row" style="text-align:left;vertical-align:top;font-weight:400;'
            'padding:3px 16px 3px 0;color:{};white-space:nowrap">{}</th>'
            '<td class="ink" style="vertical-align:top;padding:3px 0;color:{};{}">{}</td></tr>\n'
        ).format(SOFT, label, INK, WRAP, _lines(value))
        for label, value in rows
    )
    return Markup('<table style="margin:16px 0 0;border-collapse:collapse;font-size:16px">\n{}</table>\n').format(cells)


def _foot(foot: Foot) -> Markup:
    links = _links(((foot.name, foot.url), *foot.links))
    answers = _element("p", "margin:0 0 4px", foot.answers) if foot.answers else Markup("")
    return answers + _element("p", "margin:0", links)


def _links(links: Iterable[tuple[str, str]]) -> Markup:
    # High enough for a thumb, and apart without a sign that would begin a line.
    style = f"display:inline-block;margin:0 18px 0 0;padding:6px 0;color:{ACCENT};{WRAP}"
    link = Markup('<a class="link" href="{}" style="{}">{}</a>')
    return Markup("\n").join(link.format(url, style, label) for label, url in links)


def _element(name: str, style: str, content: str, kind: str = "") -> Markup:
    of_kind = Markup(' class="{}"').format(kind) if kind else ""
    return Markup('<{0}{1} style="{2};{3}">{4}</{0}>\n').format(Markup(name), of_kind, style, WRAP, content)


def _lines(text: str) -> Markup:
    return BREAK.join(text.splitlines())
