"""Mistakes in what is sold from a pool of codes, and in what is fetched from outside."""

from tests.planted_bugs.bug import Bug, Edit

POOL_BUGS = [
    Bug(
        name="code_reserved_twice",
        breaks="Quotes at once reserve one code: all but one member pay for what another has.",
        edits=(
            Edit(
                "catalog/pools/reserve_code.py", "        .with_for_update(skip_locked=True)\n", ""
            ),
        ),
        tests=("tests/catalog/pools/test_pool_codes.py::test_fifty_quotes_for_ten_codes_get_ten",),
    ),
    Bug(
        name="checked_name_connected_to",
        breaks="A name is checked and then asked for again: its second answer may lead inside.",
        edits=(
            Edit(
                "catalog/suppliers/public_transport.py",
                "request.url = request.url.copy_with(host=addresses[0])",
                "assert addresses",
            ),
        ),
        tests=(
            "tests/catalog/suppliers/test_public_transport.py"
            "::test_the_checked_address_is_connected_to_under_the_name",
        ),
    ),
]
