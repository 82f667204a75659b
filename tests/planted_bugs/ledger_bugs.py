"""Mistakes in the functions that write the ledger, in sealing and in reading balances."""

from tests.planted_bugs.bug import Bug, Edit

_STEPS = "api/database/migrations/posting_steps.py"
_POSTING = "api/database/migrations/posting_function.py"
_LOTS = "api/database/migrations/lot_functions.py"
_HOLDS = "api/database/migrations/ledger_functions.py"
_SEALING = "api/database/migrations/sealing_function.py"
_TESTS = "tests/payouts/ledger"

LEDGER_BUGS = [
    Bug(
        name="floor_dropped",
        breaks="A balance that must not fall below zero does: the network pays what nobody has.",
        edits=(Edit(_STEPS, "v_fault := 'MZ007';", "v_fault := NULL;"),),
        tests=("tests/payouts/events/test_bad_input.py::test_more_than_a_card_has_is_refused",),
    ),
    Bug(
        name="held_value_is_free",
        breaks="Value that is set aside for a payout can be spent a second time.",
        edits=(Edit(_STEPS, "* v_normals[v_rank] < v_held[v_rank]", "* v_normals[v_rank] < 0"),),
        tests=(f"{_TESTS}/test_holds.py::test_posting_cannot_use_what_is_held",),
    ),
    Bug(
        name="limit_not_kept",
        breaks="A supplier draws more than it was paid and than anybody agreed to.",
        edits=(
            Edit(_STEPS, "t.floor <> 'none' AS is_floored", "t.floor = 'nonneg' AS is_floored"),
        ),
        tests=(f"{_TESTS}/test_floor_limits.py::test_down_to_the_limit_and_not_a_unit_below",),
    ),
    Bug(
        name="limit_agreed_beside_a_draw",
        breaks="A limit is lowered while a draw goes past it: the account stands below what was agreed.",
        edits=(
            Edit(
                "api/database/migrations/limit_function.py",
                "AND b.account_id = p_account\n    FOR NO KEY UPDATE;",
                "AND b.account_id = p_account;",
            ),
        ),
        tests=(
            # The other order is no proof: there the row that is made if need be waits as well.
            f"{_TESTS}/test_floor_limits.py"
            "::test_a_draw_that_waits_while_the_limit_is_lowered_is_judged_by_the_new_one",
        ),
    ),
    Bug(
        name="points_on_any_account",
        breaks="Points stand where money is owed: a partner pays points, a member is paid out in them.",
        edits=(
            Edit(
                _STEPS,
                "CASE WHEN y.unit_kind = ANY (t.unit_kinds) THEN y.unit::text ELSE '' END AS unit",
                "y.unit::text AS unit",
            ),
        ),
        tests=(f"{_TESTS}/test_points.py::test_the_database_refuses_points_on_accounts_of_money",),
    ),
    Bug(
        name="period_checked_before_key",
        breaks="What was booked before its month was closed cannot be told again: it is refused.",
        edits=(
            Edit(
                _STEPS,
                "    IF v_found_hashes[v_item] IS NOT NULL THEN",
                "    IF v_found_hashes[v_item] IS NOT NULL AND"
                " v_landings[array_position(v_months_entered, v_months[v_item])]"
                " IS DISTINCT FROM v_months[v_item] THEN v_outcomes[v_item] := 'MZ006';\n"
                "    ELSIF v_found_hashes[v_item] IS NOT NULL THEN",
            ),
        ),
        seen_as="PeriodClosed",
        tests=(f"{_TESTS}/test_periods.py::test_a_replay_after_a_close_returns_the_original",),
    ),
    Bug(
        name="key_looked_up_after_money",
        breaks="A spend that is told again is refused for a balance that it emptied itself.",
        edits=(
            Edit(
                _STEPS,
                "    IF v_found_hashes[v_item] IS NOT NULL THEN",
                "    IF v_found_hashes[v_item] IS NOT NULL AND NOT EXISTS (SELECT 1"
                " FROM generate_series(v_first, v_at - 1) AS k"
                " WHERE v_are_floored[v_move_ranks[k]]"
                " AND (v_debits[v_move_ranks[k]] + v_move_debits[k] - v_credits[v_move_ranks[k]]"
                " - v_move_credits[k]) * v_normals[v_move_ranks[k]]"
                " < v_held[v_move_ranks[k]]) THEN",
            ),
        ),
        tests=(
            f"{_TESTS}/test_post_journals.py::test_a_spend_that_emptied_its_balance_is_answered_again",
        ),
    ),
    Bug(
        name="lock_order_left_to_chance",
        breaks="Two batches wait for each other's balances: one is thrown away and its money late.",
        edits=(
            Edit(
                _STEPS,
                "WINDOW by_account AS (ORDER BY u.account_id)",
                "WINDOW by_account AS (ORDER BY md5(u.account_id::text || p_journals[1]::text))",
            ),
        ),
        tests=(f"{_TESTS}/test_post_journals.py::test_crossing_batches_neither_block_nor_lose",),
        seen_as="deadlock detected",
    ),
    Bug(
        name="duplicate_in_a_batch_counts_twice",
        breaks="The same journal twice in a batch moves the balances twice and is written once.",
        edits=(
            Edit(_STEPS, "ELSIF v_winner IS NOT NULL THEN", "ELSIF false THEN"),
            Edit(_POSTING, "IF v_lost.item = ANY (v_move_items) OR p_reverses", "IF p_reverses"),
            Edit(_POSTING, "\n          OR v_has_doubles THEN", " THEN"),
        ),
        tests=(
            f"{_TESTS}/test_post_journals.py::test_key_twice_in_a_batch_is_a_replay_or_refused",
        ),
    ),
    Bug(
        name="key_of_another_is_a_replay",
        breaks="Another journal under a used key in the same batch is told to be booked, and is not.",
        edits=(
            Edit(
                _STEPS,
                "CASE WHEN v_hashes[v_winner] = v_hashes[v_item] THEN",
                "CASE WHEN true THEN",
            ),
        ),
        tests=(
            f"{_TESTS}/test_post_journals.py::test_key_twice_in_a_batch_is_a_replay_or_refused",
        ),
    ),
    Bug(
        name="more_reversed_than_posted",
        breaks="A journal is taken back again and again: each time the value is given once more.",
        edits=(
            Edit(_LOTS, "WHERE r.reversed + excluded.reversed <= r.posted;", ";"),
            Edit(
                "api/database/migrations/versions/0009_pre_lots.py",
                "CHECK (reversed >= 0 AND reversed <= posted)",
                "CHECK (reversed >= 0)",
            ),
        ),
        tests=(
            "tests/payouts/ledger/test_posting_bounds.py"
            "::test_a_journal_is_reversed_in_parts_but_never_beyond_what_was_posted",
        ),
    ),
    Bug(
        name="lot_order_reversed",
        breaks="What lapses last is used first, so that members lose value they could have spent.",
        edits=(
            Edit(
                _LOTS,
                "l.account_id = v_account AND l.remaining > 0\n          ORDER BY l.expires_at,",
                "l.account_id = v_account AND l.remaining > 0\n          ORDER BY l.expires_at DESC,",
            ),
        ),
        tests=(f"{_TESTS}/test_lots.py::test_what_lapses_soonest_is_used_first",),
    ),
    Bug(
        name="restored_to_another_lot",
        breaks="What comes back goes to lots in the wrong order: it lapses too early or too late.",
        edits=(
            Edit(
                _LOTS, "GROUP BY u.lot_id ORDER BY number DESC", "GROUP BY u.lot_id ORDER BY number"
            ),
        ),
        tests=(
            f"{_TESTS}/test_lots.py::test_parts_are_restored_to_the_same_lots_the_last_used_first",
        ),
    ),
    Bug(
        name="end_lost_in_a_transfer",
        breaks="Value that is passed on never lapses: what its funder should get back stays owed.",
        edits=(
            Edit(
                _LOTS,
                "l.earned_at, l.expires_at, l.lapses_to, v_journal",
                "l.earned_at, NULL, l.lapses_to, v_journal",
            ),
        ),
        tests=(f"{_TESTS}/test_lots.py::test_a_transfer_to_another_member_keeps_the_ends",),
    ),
    Bug(
        name="hold_released_twice",
        breaks="A release that is told again frees other holds of the account: they are spent.",
        edits=(
            Edit(
                _HOLDS,
                "    RETURN QUERY SELECT v_found.resolution_id, v_hold.rest, true;",
                "    UPDATE payouts.balance b SET held = b.held - p_amount"
                " WHERE b.book_id = p_book AND b.account_id = v_hold.account_id;\n"
                "    RETURN QUERY SELECT v_found.resolution_id, v_hold.rest, true;",
            ),
        ),
        tests=(
            f"{_TESTS}/test_holds_at_once.py"
            "::test_an_expired_hold_frees_what_was_not_captured_and_takes_nothing_more",
        ),
    ),
    Bug(
        name="capture_above_the_hold",
        breaks="More is captured than was set aside: other holds of the account lose their cover.",
        edits=(
            Edit(
                _HOLDS,
                "IF p_amount IS NULL OR p_amount <= 0 OR p_amount > v_hold.rest THEN",
                "IF p_amount IS NULL OR p_amount <= 0 THEN",
            ),
            Edit(
                "api/database/migrations/versions/0002_pre_ledger.py",
                "CHECK (captured + released <= amount)",
                "CHECK (captured >= 0)",
            ),
        ),
        tests=(f"{_TESTS}/test_holds_at_once.py::test_a_capture_above_the_hold_changes_nothing",),
    ),
    Bug(
        name="slow_commit_never_sealed",
        breaks="A journal that commits late is in no statement and no block: nobody settles it.",
        edits=(
            Edit(
                _SEALING,
                "v_hint := pg_snapshot_xmin(pg_current_snapshot());",
                "v_hint := pg_snapshot_xmax(pg_current_snapshot());",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_close_settlement_cycle.py"
            "::test_what_commits_after_a_close_is_in_the_next_cycle",
        ),
        seen_as="NothingToSettle",
    ),
    Bug(
        name="snapshot_tail_forgets_the_unsealed",
        breaks="What a partner owes is told without the newest journals: it is settled short.",
        edits=(
            Edit(
                "api/database/migrations/appended_function.py",
                "WHERE j.book_id = p_book AND j.xid >= v_stand.hint AND j.xid <= v_stand.top;",
                "WHERE false;",
            ),
        ),
        tests=(
            f"{_TESTS}/test_append_balances.py::test_a_balance_is_its_snapshot_and_what_is_beyond_it",
            f"{_TESTS}/test_append_balances.py::test_what_this_transaction_posted_is_in_its_own_reads",
        ),
    ),
    Bug(
        name="trial_balance_forgets_the_unsealed",
        breaks="The trial balance lacks the newest journals of some accounts and does not balance.",
        edits=(
            Edit(
                "payouts/ledger/appended.py",
                "WHERE j.book_id = :book AND j.xid >= stand.hint",
                "WHERE false AND j.book_id = :book AND j.xid >= stand.hint",
            ),
        ),
        tests=(
            f"{_TESTS}/test_append_balances.py"
            "::test_the_trial_balance_is_the_same_before_and_after_folding",
        ),
    ),
    Bug(
        name="folded_twice",
        breaks="The last journal of a fold is counted again by the next: partners owe it twice.",
        edits=(
            Edit(
                "api/database/migrations/versions/0011_pre_snapshots.py",
                "k.seq > v_sealer.folded_seq AND k.seq <= v_to",
                "k.seq >= v_sealer.folded_seq AND k.seq <= v_to",
            ),
        ),
        tests=(
            f"{_TESTS}/test_append_balances.py::test_a_balance_is_its_snapshot_and_what_is_beyond_it",
        ),
    ),
    Bug(
        name="chain_not_linked",
        breaks="Blocks do not follow from each other: a stretch of the books can be replaced.",
        edits=(
            Edit(
                "payouts/seals/append_block.py",
                "previous=NO_HASH if last is None else last.digest,",
                "previous=NO_HASH,",
            ),
            Edit(
                "api/database/migrations/versions/0010_pre_blocks.py",
                "OR p_previous IS DISTINCT FROM coalesce(v_last.digest,"
                " decode(repeat('00', 32), 'hex')) THEN",
                "THEN",
            ),
        ),
        tests=(
            "tests/payouts/seals/test_verify_books.py::test_a_book_that_nobody_touched_is_sound",
        ),
    ),
]
