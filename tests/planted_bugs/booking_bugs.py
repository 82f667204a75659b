"""Mistakes in what is asked before a purchase is booked."""

from tests.planted_bugs.bug import Bug, Edit

_TESTS = "tests/api/test_known_terms.py"

BOOKING_BUGS = [
    Bug(
        name="known_terms_believed",
        breaks="Purchases go on earning by terms that were replaced, and by other members' rules.",
        edits=(
            Edit(
                "partners/purchases/record_purchases.py",
                "guessed_after, in_force([one.resolved for one in ordered])",
                "(guessed_after,)",
            ),
        ),
        tests=(
            f"{_TESTS}::test_new_terms_count_from_their_publication",
            f"{_TESTS}::test_each_member_earns_by_its_own_activation",
            "tests/api/test_guessed_lives.py"
            "::test_with_what_is_known_and_without_it_the_books_are_the_same[0]",
        ),
    ),
    Bug(
        name="booked_under_a_used_key",
        breaks="A request under a key that stands for another one is booked beside it.",
        edits=(
            Edit(
                "payouts/statement.py",
                '"true" if before is None else _IF_WHOLE % before.name',
                '"true"',
            ),
        ),
        tests=(f"{_TESTS}::test_keys_and_ids_that_were_used_are_answered_as_ever",),
    ),
]
