"""The rules of the house that a program can see in one file; each yields what it found wrong."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

HOUSES = ("api", "catalog", "partners", "payouts")
DOMAIN = HOUSES[1:]
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
NOUNS = frozenset({"__init__", "model", "tables", "queries", "errors", "port"})
# Words that say where something was put, not what it is.
BANNED_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "common", "misc", "core", "base", "shared", "kit"}
    | {"lib", "tools", "service", "services", "manager", "managers", "handlers", "processor"}
)
Function = ast.FunctionDef | ast.AsyncFunctionDef

SQL_BANNED = {
    r"\bselect\s+\*": "names its columns instead of SELECT *",
    r"\bset_config\s*\(": "SET LOCAL reaches every node; set_config does not",
    r"\bmerge\s+into\b": "INSERT … ON CONFLICT instead of MERGE",
    r"\badvisory_(xact_)?lock": "row locks; advisory locks do not survive poolers and shards",
    r"\bcreate\s+(or\s+replace\s+)?(constraint\s+)?trigger\b": "no triggers: functions are called",
    r"\A\s*set\s+(session\s+)?(?!local\b)[a-z_.]+\s*(=|to\b)": "SET only LOCAL",
}
CLOCK_CALLS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
)
# In the domain an id is made from `now`, so that ids and times order alike.
ID_CALLS = frozenset({"uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4"})
TRANSACTION_CALLS = frozenset({"begin", "begin_nested", "commit", "rollback"})


@dataclass(frozen=True)
class Source:
    """One Python file: where it is and what it says."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def house(self) -> str:
        return self.path.parts[0]

    @property
    def room(self) -> tuple[str, ...]:
        return self.path.with_suffix("").parts[:2]

    @property
    def is_domain(self) -> bool:
        return self.house in DOMAIN

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.parts

    def imports(self) -> Iterator[str]:
        """Every module this file may be importing, `from a import b` being both a and a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


Rule = Callable[[Source], Iterator[str]]


def is_small(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > LINES_MAX:
        yield f"has {lines} lines, more than {LINES_MAX}"
    if source.house == "tests" or source.is_migration:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.name} has {length} lines, more than {FUNCTION_LINES_MAX}"


def is_well_named(source: Source) -> Iterator[str]:
    for word in {*source.path.parts[:-1], source.path.stem} & BANNED_NAMES:
        yield f"is called {word!r}, which says nothing"


def is_shallow(source: Source) -> Iterator[str]:
    if source.is_domain and len(source.path.parts) > 3:
        yield "is on a third level; a room has no rooms"


def is_one_documented_verb(source: Source) -> Iterator[str]:
    stem = source.path.stem
    if not source.is_domain or len(source.path.parts) != 3 or stem in NOUNS:
        return
    public = [n for n in source.tree.body if isinstance(n, Function) and not n.name.startswith("_")]
    verbs = [n for n in public if n.name == stem or first_argument(n) == "db"]
    if not verbs:
        return
    if [n.name for n in public] != [stem]:
        yield f"has the public functions {[n.name for n in public]}, not just {stem}"
    for verb in verbs:
        if not ast.get_docstring(verb):
            yield f"{verb.name} does not say what changes in the world"
        if isinstance(verb, ast.AsyncFunctionDef) != (first_argument(verb) == "db"):
            yield f"{verb.name} is async if and only if its first parameter is db"
        if first_argument(verb) == "db" and len(verb.args.posonlyargs + verb.args.args) > 1:
            yield f"{verb.name} takes more than db by position"


def keeps_tables_private(source: Source) -> Iterator[str]:
    if source.path.parts[:2] == ("api", "database"):
        return  # it makes the schema out of everybody's tables
    for module in source.imports():
        parts = module.split(".")
        if parts[0] in DOMAIN and parts[2:3] == ["tables"] and tuple(parts[:2]) != source.room:
            yield f"imports {module}: tables are private to their room"


def uses_front_doors(source: Source) -> Iterator[str]:
    for module in source.imports():
        parts = module.split(".")
        if parts[0] in DOMAIN and parts[2:3] == ["queries"] and tuple(parts[:2]) != source.room:
            yield f"imports {module}: what others may read is at the room's front door"


def is_told_the_time(source: Source) -> Iterator[str]:
    # The doubles are the outside world, which makes up ids and moments of its own.
    exempt = {("api", "clock.py"), ("api", "doubles")}
    if source.house not in HOUSES or source.path.parts[:2] in exempt:
        return
    asking = CLOCK_CALLS | ID_CALLS if source.is_domain else CLOCK_CALLS
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ".".join(dotted(node.func)[-2:]) in asking:
            yield f"line {node.lineno} asks the machine, not the one clock: {ast.unparse(node)}"


def leaves_transactions_to_the_door(source: Source) -> Iterator[str]:
    if not source.is_domain:
        return
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in TRANSACTION_CALLS and dotted(node.func)[0] in {"db", "connection"}:
            yield f"line {node.lineno} calls {node.func.attr}: the door owns the transaction"


def has_no_floats(source: Source) -> Iterator[str]:
    if not source.is_domain:
        return
    allowed = set[int]()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.arg) and node.arg.endswith("_seconds") and node.annotation:
            allowed |= {id(part) for part in ast.walk(node.annotation)}
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target).endswith("_seconds"):
            allowed |= {id(part) for part in ast.walk(node.annotation)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in allowed:
            yield f"line {node.lineno} says float; only bounds named …_seconds may"


def speaks_plain_sql(source: Source) -> Iterator[str]:
    if source.house not in HOUSES:
        return
    docstrings = {id(text) for text in docstring_nodes(source.tree)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docstrings:
                continue
            for pattern, reason in SQL_BANNED.items():
                if re.search(pattern, node.value, re.IGNORECASE | re.MULTILINE):
                    yield f"line {node.lineno}: {reason}"


def leaves_stripe_to_its_rail(source: Source) -> Iterator[str]:
    parts = source.path.parts
    if parts[:2] == ("payouts", "rails") and source.path.name.startswith("stripe_"):
        return
    if source.house in HOUSES and any(m.split(".")[0] == "stripe" for m in source.imports()):
        yield "imports stripe, which only payouts/rails/stripe_*.py speaks"


def leaves_doubles_to_cli_and_tests(source: Source) -> Iterator[str]:
    if source.path.parts[:2] in {("api", "doubles"), ("api", "cli")} or source.house == "tests":
        return
    for module in source.imports():
        if module == "api.doubles" or module.startswith("api.doubles."):
            yield f"imports {module}: a double stands in for nothing in production"


def documents_its_refusals(source: Source) -> Iterator[str]:
    if source.is_domain and source.path.name == "errors.py":
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not ast.get_docstring(node):
                yield f"{node.name} has no docstring, which is its message"


def stands_alone(source: Source) -> Iterator[str]:
    if re.search(r"\.\./shared\b|/(?:work|root)/", source.text):
        yield "names a place outside the project"


RULES: tuple[Rule, ...] = (
    is_small,
    is_well_named,
    is_shallow,
    is_one_documented_verb,
    keeps_tables_private,
    uses_front_doors,
    is_told_the_time,
    leaves_transactions_to_the_door,
    has_no_floats,
    speaks_plain_sql,
    leaves_stripe_to_its_rail,
    leaves_doubles_to_cli_and_tests,
    documents_its_refusals,
    stands_alone,
)


def first_argument(function: Function) -> str | None:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else None


def dotted(node: ast.expr) -> list[str]:
    """`a.b.c` as its names; a call or anything else in front of the dots is left out."""
    if isinstance(node, ast.Attribute):
        return [*dotted(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else [""]


def docstring_nodes(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value
