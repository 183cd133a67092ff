"""Every file of the product is of one kind, by its name, its place or a word in its docstring, and keeps to it.

| kind       | said by                                | the worst thing in it                                     |
|------------|----------------------------------------|-----------------------------------------------------------|
| pure       | "Pure." or the folder `planning`       | works with its arguments: knows no table, file or network |
| port       | "Port."                                | says what the outside is asked, and asks nothing          |
| foundation | "Foundation."                          | the database itself: raw SQL stands here                  |
| tables     | `models.py`                            | columns                                                   |
| query      | `queries.py`, `..._queries.py`         | reads                                                     |
| mutation   | `mutations.py`, `..._mutations.py`     | writes, and never talks to the network                    |
| action     | `..._actions.py`, folder `reconciler`  | talks to the outside, and writes by way of mutations only |

Each kind imports only kinds that can do no worse, so what holds for a file holds for all that it calls. What the rules
are worth is tried on made-up files below.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = {"models": "tables", "queries": "query", "mutations": "mutation", "actions": "action"}
FOLDERS = {"planning": "pure", "reconciler": "action"}
WORDS = re.compile(r"(?:^|\s)(Pure|Port|Foundation|Query|Mutation|Action)\.(?:\s|$)")
HOW_TO_SAY_IT = "call it by its kind (x_queries.py), or end a sentence of its docstring with a kind: Pure."
_BELOW = {"pure", "foundation", "tables"}
MAY_IMPORT = {
    "pure": {"pure"},
    "port": {"pure", "port"},
    "foundation": _BELOW,
    "tables": _BELOW,
    "query": _BELOW | {"query"},
    "mutation": _BELOW | {"query", "mutation"},
    "action": _BELOW | {"query", "mutation", "action", "port"},
}
DATABASES = {"peewee", "playhouse", "psycopg", "sqlite3"}
OUTSIDE = {"ftplib", "http", "requests", "shutil", "smtplib", "socket", "ssl", "subprocess", "tempfile", "urllib3"}
MAY_USE = {
    "pure": set(),
    "port": set(),
    "foundation": DATABASES | OUTSIDE,
    "tables": DATABASES,
    "query": DATABASES,
    "mutation": DATABASES,
    "action": DATABASES | OUTSIDE,
}
# Methods that change rows: of anything, and of a model (lists and hashes have some of the same name).
WRITES = {"atomic", "delete_instance", "execute", "get_or_create", "on_conflict", "save", "transaction"}
WRITES_OF_MODELS = {"bulk_create", "bulk_update", "create", "delete", "insert", "insert_from", "insert_many", "update"}
CLOCKS = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40
NOT_PRODUCT = {"bench", "migrations", "stubs", "tests"}
# What is longer all the same, and why no cut of it is a good one.
LONG = {
    "coaching/errors.py": "one family: each error with its sentence, to be read beside the others",
}


@dataclass(frozen=True)
class File:
    """A file of ours: where it lies under the root, and its syntax."""

    path: str
    tree: ast.Module

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def said(self) -> set[str]:
        """The kinds that its docstring names."""
        return {word.lower() for word in WORDS.findall(ast.get_docstring(self.tree) or "")}

    @property
    def kind(self) -> str | None:
        """What its place, its name or its docstring says; None where nothing does."""
        named = NAMES.get(Path(self.path).stem.rpartition("_")[2])
        folder = Path(self.path).parent.name
        if folder in FOLDERS:
            return FOLDERS[folder]
        return named or next(iter(self.said), None)


@cache
def files_under(folder: str) -> list[File]:
    """Each file is read once for all tests, which change nothing in it."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [
        File(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()))
        for path in paths
        if path.name != "__init__.py"
    ]


def faults_of(file: File, kinds: Mapping[str, str | None]) -> Iterator[str]:
    """What the file does that its kind must not, a sentence each; `kinds` are those of all modules."""
    kind = file.kind
    if kind is None:
        yield f"{file.path} says of no kind what it is: {HOW_TO_SAY_IT}"
        return
    if file.said - {kind}:
        yield f"{file.path} is a {kind} by its name, and its docstring says otherwise"
    for name, line in imported(file.tree, kinds):
        where = f"{file.path}:{line}, a {kind},"
        known = kinds.get(name)
        if known is not None and known not in MAY_IMPORT[kind]:
            yield f"{where} imports {name}, a {known}"
        if name.split(".")[0] in (DATABASES | OUTSIDE) - MAY_USE[kind]:
            yield f"{where} imports {name}"
    yield from (f"{file.path}:{line}, a {kind}, {deed}" for deed, line in done_in(file.tree, kind))
    yield from (f"{file.path}:{line} takes both clocks apart: together they are one Now" for line in apart(file.tree))


def imported(tree: ast.Module, kinds: Mapping[str, str | None]) -> Iterator[tuple[str, int]]:
    """Every module that is imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in kinds else node.module), node.lineno


def done_in(tree: ast.Module, kind: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        owner, method = parts_of(node.func)
        called = f"{owner}.{method}" if owner else method
        if called in CLOCKS:
            yield f"asks what time it is: {called}", node.lineno
        if called == "open" and kind not in ("foundation", "action"):
            yield "opens a file", node.lineno
        if method == "execute_sql" and kind != "foundation":
            yield "has SQL of its own", node.lineno
        is_write = method in WRITES or (method in WRITES_OF_MODELS and owner[:1].isupper())
        if is_write and kind in ("query", "action"):
            yield f"writes: {called}", node.lineno


def apart(tree: ast.Module) -> Iterator[int]:
    """Where a function or a dataclass takes `now` and `machine_now`: mixed up, nothing would notice."""
    for node in ast.walk(tree):
        taken: set[str] = set()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            taken = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        elif isinstance(node, ast.ClassDef):
            fields = [statement.target for statement in node.body if isinstance(statement, ast.AnnAssign)]
            taken = {field.id for field in fields if isinstance(field, ast.Name)}
        if taken >= {"now", "machine_now"}:
            yield node.lineno


def long_in(file: File, lines: int) -> Iterator[str]:
    """What is longer than it may be: the file of so many lines itself, and functions in it, docstrings included."""
    if lines > MOST_LINES:
        yield file.path
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield f"{file.path}:{node.name}"


def parts_of(function: ast.expr) -> tuple[str, str]:
    """On what is called and what: "Price", "select". Of a longer chain only that there is one."""
    if isinstance(function, ast.Name):
        return "", function.id
    if not isinstance(function, ast.Attribute):
        return "", ""
    return function.value.id if isinstance(function.value, ast.Name) else "(...)", function.attr


def kinds_of(files: list[File]) -> dict[str, str | None]:
    return {file.module: file.kind for file in files}


def test_every_file_keeps_to_its_kind() -> None:
    files = files_under("coaching")
    kinds = kinds_of(files)
    assert len(files) > 100
    faults = [fault for file in files for fault in faults_of(file, kinds)]
    assert not faults, "\n".join(faults)


def test_what_calls_itself_pure_elsewhere_is() -> None:
    product = files_under("coaching")
    others = [file for folder in ("blueprints", "commands", "gateways") for file in files_under(folder)]
    pure = [file for file in others if "pure" in file.said]
    kinds = kinds_of(product) | {file.module: "pure" if file in pure else "page" for file in others}
    kinds |= dict.fromkeys(("flask", "flask_login"), "page")
    assert pure
    faults = [fault for file in pure for fault in faults_of(file, kinds)]
    assert not faults, "\n".join(faults)


def test_only_the_clock_says_what_both_clocks_say() -> None:
    files = [file for folder in ("blueprints", "coaching", "commands", "gateways") for file in files_under(folder)]
    files += [File(path.name, ast.parse(path.read_text())) for path in ROOT.glob("*.py")]
    called = {
        file.path: [parts_of(node.func) for node in ast.walk(file.tree) if isinstance(node, ast.Call)] for file in files
    }
    assert {path for path, calls in called.items() if ("", "Now") in calls} == {"clock.py", "coaching/now.py"}


def test_no_file_and_no_function_is_too_long() -> None:
    folders = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    files = [file for folder in folders if folder not in NOT_PRODUCT for file in files_under(folder)]
    files += [File(path.name, ast.parse(path.read_text())) for path in ROOT.glob("*.py")]
    assert {"app.py", "sandbox/app.py", "scripts/run.py"} < {file.path for file in files}
    lengths = {file.path: len((ROOT / file.path).read_text().splitlines()) for file in files}
    # An exception that is one no more goes, too.
    assert {place for file in files for place in long_in(file, lengths[file.path])} == set(LONG)


def test_packages_hide_nothing() -> None:
    for path in (ROOT / "coaching").rglob("__init__.py"):
        assert not [node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.Expr)], path


def test_the_map_in_the_readme_omits_nothing() -> None:
    said = (ROOT / "README.md").read_text().split("### The map")[1].split("\n### ")[0]
    folders = [path.parent for path in ROOT.glob("*/*.py")] + [path.parent for path in ROOT.glob("coaching/*/*.py")]
    places = {f"{folder.name}/" for folder in folders} | {path.name for path in ROOT.glob("*.py")}
    places |= {path.name for path in (ROOT / "coaching").glob("*.py")} - {"__init__.py"}
    places |= {"deploy/", "docs/", "static/", "templates/"}
    assert not sorted(place for place in places if place not in said)


KINDS: dict[str, str | None] = {
    "coaching.db": "foundation",
    "coaching.host": "port",
    "coaching.shop.models": "tables",
    "coaching.shop.queries": "query",
    "coaching.shop.mutations": "mutation",
    "coaching.shop.actions": "action",
}


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("coaching/shop/prices.py", '"""What it costs."""', "says of no kind"),
        ("coaching/shop/queries.py", '"""Prices. Pure."""', "its docstring says otherwise"),
        (
            "coaching/shop/prices.py",
            '"""Pure."""\nfrom coaching.shop.models import Price',
            "imports coaching.shop.models",
        ),
        ("coaching/rooms/planning/x.py", "from coaching.shop import queries", "imports coaching.shop.queries"),
        ("coaching/shop/prices.py", '"""Pure."""\nimport peewee', "imports peewee"),
        ("coaching/shop/prices.py", '"""Pure."""\ndef f():\n    return open("x")', "opens a file"),
        ("coaching/shop/prices.py", '"""Pure."""\nthen = datetime.now(UTC)', "asks what time it is"),
        ("coaching/shop/price_queries.py", "def f():\n    from coaching.shop.mutations import g", "a mutation"),
        ("coaching/shop/queries.py", "Price.update(cents=1).where(x).execute()", "writes: Price.update"),
        ("coaching/shop/queries.py", "def f(row):\n    row.save()", "writes: row.save"),
        ("coaching/shop/queries.py", "database.execute_sql('DELETE')", "has SQL of its own"),
        ("coaching/shop/mutations.py", "from coaching.host import Host", "imports coaching.host, a port"),
        ("coaching/shop/mutations.py", "from coaching.shop.actions import ask", "an action"),
        ("coaching/shop/mutations.py", "import urllib3", "imports urllib3"),
        ("coaching/shop/actions.py", "with database.atomic():\n    host.get_guild('1')", "writes: database.atomic"),
        ("coaching/shop/ask_actions.py", "Price.create(cents=1)", "writes: Price.create"),
        ("coaching/shop/models.py", "from coaching.shop.queries import prices", "a query"),
        ("coaching/shop/queries.py", "def f(now, *, machine_now): ...", "takes both clocks apart"),
        (
            "coaching/shop/queries.py",
            "class A:\n    now: datetime\n    machine_now: datetime",
            "takes both clocks apart",
        ),
    ],
)
def test_each_rule_finds_what_it_is_for(path: str, source: str, fault: str) -> None:
    faults = list(faults_of(File(path, ast.parse(source)), KINDS))
    assert any(fault.replace("an action", "a action") in sentence for sentence in faults), faults


def test_lengths_are_counted_with_the_docstring_and_inside_of_classes() -> None:
    for lines, places in ((38, []), (39, ["x.py:f"])):
        method = "class A:\n    def f(self):\n" + '        """Says so."""\n' + "        x = 1\n" * lines
        assert list(long_in(File("x.py", ast.parse(method)), 300)) == places
        assert list(long_in(File("x.py", ast.parse(method)), 301)) == ["x.py", *places]


def test_what_each_kind_is_for_is_let_be() -> None:
    for path, source in (
        ("coaching/shop/prices.py", '"""What it costs. Pure."""\nfound.update({1})\nsmaller.save("x")'),
        ("coaching/shop/queries.py", "from coaching.db import rows\nlist(Price.select().where(x))"),
        ("coaching/shop/mutations.py", "from coaching.db import database\nwith database.atomic():\n    Price.create()"),
        ("coaching/shop/actions.py", "from coaching.host import Host\nimport subprocess\nseen.update({1})"),
        ("coaching/shop/copies.py", '"""Copies. Foundation."""\ndatabase.execute_sql("VACUUM")'),
    ):
        assert list(faults_of(File(path, ast.parse(source)), KINDS)) == [], path
