"""The house keeps its rules, and the rules notice when it does not."""

from pathlib import Path, PurePosixPath

import pytest

from tests.architecture.house_rules import HOUSES, RULES, Rule, Source

ROOT = Path(__file__).parents[2]
HERE = PurePosixPath("tests/architecture")


def sources() -> list[Source]:
    return [
        Source(PurePosixPath(path.relative_to(ROOT).as_posix()), path.read_text("utf-8"))
        for top in (*HOUSES, "tests")
        for path in sorted((ROOT / top).rglob("*.py"))
        if "node_modules" not in path.parts
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file(rule: Rule) -> None:
    # This folder holds the forbidden things as examples.
    checked = [source for source in sources() if not source.path.is_relative_to(HERE)]
    broken = [f"{source.path} {words}" for source in checked for words in rule(source)]

    assert checked
    assert broken == []


# One breach for each rule, and beside it the nearest thing that is allowed.
PLANTED = [
    ("is_small", "payouts/ledger/model.py", "x = 1\n" * 401, "x = 1\n" * 400),
    (
        "is_small",
        "payouts/ledger/model.py",
        "def f():\n" + "    x = 1\n" * 60,
        "def f():\n" + "    x = 1\n" * 59,
    ),
    ("is_one_documented_verb", "payouts/fx/publish_rate.py", "async def publish_rate(db): ...", ""),
    (
        "is_one_documented_verb",
        "payouts/fx/publish_rate.py",
        'async def publish_rate(db):\n    "A."\n\n\ndef other(): ...',
        'async def publish_rate(db, *, now):\n    "A."\n\n\ndef _other(): ...',
    ),
    (
        "is_one_documented_verb",
        "payouts/fx/publish_rate.py",
        'def publish_rate(db):\n    "A."',
        'def publish_rate(rates):\n    "A."',
    ),
    (
        "is_one_documented_verb",
        "payouts/fx/publish_rate.py",
        'async def publish_rate(db, rate):\n    "A."',
        'async def publish_rate(db, *, rate):\n    "A."',
    ),
    (
        "keeps_tables_private",
        "payouts/settlement/model.py",
        "from payouts.ledger.tables import journals",
        "from payouts.settlement.tables import cycles",
    ),
    (
        "keeps_tables_private",
        "api/cli/main.py",
        "from payouts.ledger import tables",
        "from payouts.ledger import model",
    ),
    (
        "uses_front_doors",
        "partners/accruals/post_accrual.py",
        "import payouts.ledger.queries",
        "import payouts.ledger",
    ),
    ("is_told_the_time", "payouts/due/model.py", "datetime.now(UTC)", "datetime(2026, 1, 1)"),
    ("is_told_the_time", "api/auth/issue.py", "x = time.time()", "x = time.monotonic()"),
    ("is_told_the_time", "catalog/rewards/model.py", "uuid.uuid4()", "new_id(now)"),
    ("leaves_transactions_to_the_door", "payouts/fx/queries.py", "db.commit()", "db.execute(x)"),
    ("has_no_floats", "payouts/money/model.py", "x = float('1')", "x = Decimal('1')"),
    ("has_no_floats", "payouts/fx/model.py", "rate: float = 1", "timeout_seconds: float = 1"),
    ("speaks_plain_sql", "payouts/fx/queries.py", "x = 'SELECT * FROM t'", '"SELECT * FROM t"'),
    ("speaks_plain_sql", "api/app.py", "x = 'set search_path = a'", "x = 'set local a = 1'"),
    ("speaks_plain_sql", "api/app.py", "x = 'create trigger t'", "x = 'create table trigger_t'"),
    ("speaks_plain_sql", "api/app.py", "x = 'select set_config(1)'", "x = 'count(*)'"),
    ("leaves_stripe_to_its_rail", "payouts/rails/port.py", "import stripe", "import striped"),
    (
        "leaves_doubles_to_cli_and_tests",
        "api/app.py",
        "from api.doubles import stripe_server",
        "from api import clock",
    ),
    ("documents_its_refusals", "payouts/fx/errors.py", "class A(B): ...", 'class A(B):\n    "A."'),
    ("stands_alone", "tests/payouts/test_x.py", "open('../shared/x')", "open('../shares/x')"),
]


@pytest.mark.parametrize(
    ("name", "path", "breach", "allowed"),
    PLANTED,
    ids=[f"{p[0]}-{i}" for i, p in enumerate(PLANTED)],
)
def test_a_planted_breach_is_seen_by_its_rule_alone(
    name: str, path: str, breach: str, allowed: str
) -> None:
    planted = Source(PurePosixPath(path), breach)
    seen = {rule.__name__ for rule in RULES for _ in rule(planted)}

    assert seen == {name}
    assert [words for rule in RULES for words in rule(Source(planted.path, allowed))] == []


@pytest.mark.parametrize(
    ("name", "path", "allowed"),
    [
        ("is_well_named", "api/http/utils.py", "api/http/health.py"),
        ("is_well_named", "payouts/core/model.py", "payouts/money/model.py"),
        ("is_shallow", "catalog/rewards/filters/model.py", "catalog/rewards/model.py"),
    ],
)
def test_a_wrong_place_is_seen_by_its_rule_alone(name: str, path: str, allowed: str) -> None:
    assert {rule.__name__ for rule in RULES for _ in rule(Source(PurePosixPath(path), ""))} == {
        name
    }
    assert [w for rule in RULES for w in rule(Source(PurePosixPath(allowed), ""))] == []


def test_every_rule_is_tried_on_a_breach() -> None:
    tried = {name for name, *_ in PLANTED} | {"is_well_named", "is_shallow"}
    assert tried == {rule.__name__ for rule in RULES}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [str(f) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


def test_tests_mirror_the_rooms() -> None:
    rooms = [p for house in HOUSES for p in (ROOT / "tests" / house).glob("*/__init__.py")]
    places = [path.parent.relative_to(ROOT / "tests") for path in rooms]

    assert [str(place) for place in places if not (ROOT / place).is_dir()] == []
