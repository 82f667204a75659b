import pytest
from graphql import GraphQLError, get_introspection_query, parse

from api.graphql.analyser import DocumentAnalysis, analyse_document
from api.graphql.document_limits import COUNT_CEILING, MEMBER_LIMITS, STAFF_LIMITS, DocumentLimits
from api.graphql.document_refusal import refusal_of
from tests.api.http.small_schema import small_schema

SCHEMA = small_schema()._schema


def analyse(query: str, name: str | None = None, **variables: object) -> DocumentAnalysis:
    return analyse_document(parse(query), operation_name=name, variables=variables, schema=SCHEMA)


def code_of(query: str, limits: DocumentLimits = MEMBER_LIMITS, **variables: object) -> str | None:
    refusal = refusal_of(analyse(query, **variables), limits)
    return refusal.extensions["code"] if refusal and refusal.extensions else None


def doubling(count: int) -> str:
    """Forty fragments that each spread the next one twice: 2^40 fields when written out."""
    inner = "".join(
        f"fragment f{n} on Brand {{ a: parent {{ ...f{n + 1} }} b: parent {{ ...f{n + 1} }} }}"
        for n in range(count)
    )
    return f"{{ brand {{ ...f0 }} }} {inner} fragment f{count} on Brand {{ name }}"


def test_a_plain_document_is_measured_exactly():
    analysis = analyse("{ again: hello @include(if: true) brand { name parent { name } } }")

    assert analysis.measure.depth == 3
    assert analysis.measure.fields == 5
    assert analysis.measure.aliases == 1
    assert analysis.measure.root_fields == 2
    assert analysis.measure.nodes == 0
    assert analysis.cost == 2
    assert analysis.directives == 1


@pytest.mark.parametrize(
    ("query", "variables", "nodes"),
    [
        ("{ brands(first: 7) { name } }", {}, 7),
        ("{ brands(last: 9) { name } }", {}, 9),
        ("{ brands { name } }", {}, 100),
        ("{ brands(first: 5000) { name } }", {}, 100),
        ("{ brands(first: 99999999999999999999) { name } }", {}, 100),
        ("{ brands(first: -3) { name } }", {}, 0),
        ("query($n: Int) { brands(first: $n) { name } }", {"n": 12}, 12),
        ("query($n: Int = 4) { brands(first: $n) { name } }", {}, 4),
        ("query($n: Int) { brands(first: $n) { name } }", {}, 100),
        ("query($n: Int) { brands(first: $n) { name } }", {"n": "12"}, 100),
        ("query($n: Int) { brands(first: $n) { name } }", {"n": True}, 100),
        ('{ named(ids: ["a", "b", "c"]) { name } }', {}, 3),
        ("query($ids: [String!]!) { named(ids: $ids) { name } }", {"ids": ["a"] * 30}, 30),
        ("{ brands(first: 10) { items(first: 20) { brand { name } } } }", {}, 10 + 10 * 20),
    ],
)
def test_nodes_are_pages_times_the_pages_around_them(query, variables, nodes):
    assert analyse(query, **variables).measure.nodes == nodes


def test_ninety_bytes_that_ask_for_a_million_nodes_are_refused_for_every_caller():
    query = "{brands(first:100){items(first:100){brand{items(first:100){name}}}}}"

    assert analyse(query).measure.nodes == 100 + 100 * 100 + 100 * 100 * 100
    assert code_of(query, MEMBER_LIMITS) == "DOCUMENT_TOO_COSTLY"
    assert code_of(query, STAFF_LIMITS) == "DOCUMENT_TOO_COSTLY"
    assert code_of("{brands(first:100){items(first:49){name}}}", MEMBER_LIMITS) is None


def test_forty_doubling_fragments_are_each_looked_at_once():
    query = doubling(40)

    analysis = analyse(query)

    # One field and one spread at the root, four selections in each fragment, one in the last.
    assert analysis.visited == 2 + 4 * 40 + 1
    assert analysis.measure.fields == COUNT_CEILING
    assert code_of(query) == "DOCUMENT_TOO_DEEP"
    shallow = doubling(10)
    assert analyse(shallow).measure.aliases == 2**11 - 2
    assert code_of(shallow) == "DOCUMENT_TOO_MANY_ALIASES"


def test_looking_grows_with_the_length_of_the_document_only():
    assert [analyse(doubling(n)).visited for n in (10, 20, 40, 80)] == [43, 83, 163, 323]


def test_a_chain_of_hundreds_of_fragments_is_followed_without_recursion():
    chain = "".join(f"fragment f{n} on Brand {{ ...f{n + 1} }} " for n in range(900))

    analysis = analyse(f"{{ brand {{ ...f0 }} }} {chain} fragment f900 on Brand {{ name }}")

    assert analysis.measure.depth == 2
    assert analysis.visited == 903


def test_cyclic_fragments_end():
    analysis = analyse(
        "{ brand { ...a } } fragment a on Brand { parent { ...b } }"
        " fragment b on Brand { parent { ...a ...b } }"
    )

    assert analysis.visited == 7


def test_a_fragment_spread_again_in_the_same_braces_counts_once_as_in_the_executor():
    assert analyse("{ brand { ...f ...f } } fragment f on Brand { name }").measure.fields == 2


def test_unknown_fields_types_and_fragments_are_measured_as_leaves():
    analysis = analyse("{ nothing { at { all } } ... on Ghost { x } ...missing }")

    assert analysis.measure.depth == 3
    assert analysis.measure.nodes == 0


def test_the_standard_introspection_query_passes():
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    assert code_of(query) is None
    assert analyse(query).measure.nodes == 0


def test_circular_introspection_is_refused():
    query = "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}"

    assert code_of(query) == "DOCUMENT_TOO_DEEP"
    assert code_of('{__type(name:"X"){' + "ofType{" * 20 + "name" + "}" * 21 + "}") == (
        "DOCUMENT_TOO_DEEP"
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ brand {" + "parent {" * 12 + "name" + "}" * 14, None),
        ("{ brand {" + "parent {" * 13 + "name" + "}" * 15, "DOCUMENT_TOO_DEEP"),
        ("{" + " ".join(f"a{n}: hello" for n in range(10)) + "}", None),
        ("{" + " ".join(f"a{n}: hello" for n in range(11)) + "}", "DOCUMENT_TOO_WIDE"),
        (
            "{ brand {" + " ".join(f"a{n}: name" for n in range(65)) + "} }",
            "DOCUMENT_TOO_MANY_ALIASES",
        ),
        ("{ brand {" + " name" * 52 + "} }", "DOCUMENT_TOO_WIDE"),
        ("{ hello" + " @skip(if: false)" * 51 + "}", "DOCUMENT_TOO_MANY_DIRECTIVES"),
        ("mutation { touch }", None),
        ("mutation { touch b: touch }", "DOCUMENT_TOO_MANY_MUTATIONS"),
        (
            "mutation { ...m } fragment m on Mutation { touch b: touch }",
            "DOCUMENT_TOO_MANY_MUTATIONS",
        ),
    ],
)
def test_each_limit_refuses_just_beyond_itself(query, code):
    assert code_of(query) == code


def test_objects_without_lists_are_bounded_as_well():
    limits = DocumentLimits(nodes_max=1, depth_max=50)

    assert code_of("{ brand {" + "parent {" * 9 + "name" + "}" * 11, limits) is None
    assert code_of("{ brand {" + "parent {" * 10 + "name" + "}" * 12, limits) == (
        "DOCUMENT_TOO_COSTLY"
    )


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("query a { hello } mutation b { touch }", None, "OPERATION_AMBIGUOUS"),
        ("query a { hello } query a { hello }", "a", "OPERATION_AMBIGUOUS"),
        ("query a { hello }", "b", "OPERATION_NOT_FOUND"),
        ("fragment f on Brand { name }", None, "OPERATION_NOT_FOUND"),
    ],
)
def test_an_operation_that_cannot_be_told_is_refused(query, name, code):
    with pytest.raises(GraphQLError) as refused:
        analyse(query, name)

    assert refused.value.extensions == {"code": code}


def test_only_the_named_operation_is_measured():
    query = "query small { hello } query large { brands { items { name } } }"

    assert analyse(query, "small").cost == 0
    assert analyse(query, "large").measure.nodes == 100 + 100 * 100
