"""Mistakes in how much there is of rewards."""

from tests.planted_bugs.bug import Bug, Edit

AVAILABILITY_BUGS = [
    Bug(
        name="late_word_counts",
        breaks="A message that comes late takes off sale what is there, or sells what is not.",
        edits=(
            Edit(
                "catalog/availability/save_availability.py",
                "if one.order > known[key].order",
                "if one.order",
            ),
        ),
        tests=(
            "tests/catalog/availability/test_save_availability.py"
            "::test_what_is_as_old_or_older_changes_nothing",
        ),
    ),
    Bug(
        name="out_and_yet_quoted",
        breaks="Members' value is held for cards that no supplier has.",
        edits=(
            Edit(
                "catalog/redemptions/consider_sources.py",
                "if first.excluded_because is Exclusion.OUT_OF_STOCK:",
                "if first.supplier_sku is None:",
            ),
        ),
        tests=(
            "tests/catalog/redemptions/test_out_of_stock.py"
            "::test_a_refused_order_makes_its_item_out_until_the_next_import_lists_it",
        ),
    ),
    Bug(
        name="one_source_hides_all",
        breaks="What one of two suppliers has none of is no longer listed, though the other sells it.",
        edits=(
            Edit(
                "catalog/redemptions/list_unavailable.py",
                "if out.issuperset(some)",
                "if not out.isdisjoint(some)",
            ),
        ),
        tests=(
            "tests/catalog/redemptions/test_out_of_stock.py"
            "::test_what_is_out_at_one_supplier_is_quoted_from_the_other",
        ),
    ),
]
