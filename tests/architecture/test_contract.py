"""The public contract: the printed schema is the schema, every field and refusal is accounted for."""

import importlib
from pathlib import Path

from api.graphql.permissions import DECLARATIONS
from api.graphql.problems import rule_named
from api.graphql.schema import build_schema, print_schema
from payouts.refusal import Refusal

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_the_schema_of_the_code() -> None:
    assert (ROOT / "schema.graphql").read_text() == print_schema()


def test_every_root_field_declares_who_may_use_it() -> None:
    schema = build_schema()._schema
    fields = {
        f"{kind.name}.{name}"
        for kind in (schema.query_type, schema.mutation_type, schema.subscription_type)
        if kind is not None
        for name in kind.fields
        if not name.startswith("_")  # of federation, guarded by the nodes themselves
    }

    assert fields == set(DECLARATIONS)


def test_every_refusal_is_shown_as_a_problem() -> None:
    for path in sorted(ROOT.glob("[cp]*/*/errors.py")):
        if path.parts[-3] in ("catalog", "partners", "payouts"):
            importlib.import_module(".".join(path.with_suffix("").parts[-3:]))
    build_schema()

    assert [one.__name__ for one in _refusals() if not _has_rule(one)] == []


def _refusals() -> list[type[Refusal]]:
    found: dict[str, type[Refusal]] = {}
    waiting = [Refusal]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            # A class that others derive from is never raised itself.
            if one.__module__.split(".")[0] != "tests" and not one.__subclasses__():
                found[f"{one.__module__}.{one.__name__}"] = one
    return [found[name] for name in sorted(found)]


def _has_rule(refusal: type[Refusal]) -> bool:
    try:
        return rule_named(refusal.__name__).refusal is refusal
    except KeyError:
        return False
