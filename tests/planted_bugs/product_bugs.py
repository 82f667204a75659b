"""Mistakes in what stands on the ledger: earning, returns, budgets, settlement and payouts."""

from tests.planted_bugs.bug import Bug, Edit

_ACCRUALS = "partners/accruals"
_RETURNS = "tests/partners/purchases/test_record_return.py"
_DEBTS = "tests/partners/debts/test_write_off_debts.py"
_EXPIRY = "tests/partners/accruals/test_expire_due_lots.py"

PRODUCT_BUGS = [
    Bug(
        name="rounding_remainder_lost",
        breaks="Funders pay less together than the member gets: the odd unit is nobody's.",
        edits=(
            Edit(
                "payouts/money/model.py",
                "in by_remainder[: size - sum(parts)]:",
                "in by_remainder[:0]:",
            ),
        ),
        tests=(
            "tests/payouts/money/test_money.py::test_earlier_part_gets_the_odd_unit",
            "tests/partners/accruals/test_lots.py"
            "::test_odd_amounts_come_back_exactly_however_they_are_split",
        ),
    ),
    Bug(
        name="halves_always_up",
        breaks="Every half unit goes to one side: over many purchases fees and cashback grow.",
        edits=(Edit("payouts/money/model.py", "return floor + (floor % 2)", "return floor + 1"),),
        tests=("tests/payouts/money/test_money.py::test_rounding_is_what_its_name_says",),
    ),
    Bug(
        name="fee_reversed_as_if_cashback",
        breaks="A return gives the merchant back another fee than it paid for what came back.",
        edits=(
            Edit(
                f"{_ACCRUALS}/model.py",
                "fee=so_far(accrual.fee) - accrual.fee_reversed,",
                "fee=cashback - accrual.cashback_reversed,",
            ),
        ),
        tests=(f"{_RETURNS}::test_return_after_confirmation_takes_from_the_balance",),
    ),
    Bug(
        name="debt_not_offset",
        breaks="A member that spent what it had to give back earns anew and never pays.",
        edits=(
            Edit(
                f"{_ACCRUALS}/confirm_due_accruals.py",
                "offset = min(max(debts[debt], Money.zero(debt.unit)), accrual.remaining)",
                "offset = Money.zero(debt.unit)",
            ),
        ),
        tests=(f"{_RETURNS}::test_debt_is_paid_by_several_small_accruals_in_turn",),
    ),
    Bug(
        name="debt_offset_by_each_alike",
        breaks="Of accruals confirmed together each pays the whole debt: the member loses value.",
        edits=(
            Edit(f"{_ACCRUALS}/confirm_due_accruals.py", "        debts[debt] -= offset\n", ""),
        ),
        tests=(f"{_RETURNS}::test_debt_is_paid_by_several_small_accruals_in_turn",),
    ),
    Bug(
        name="debt_ended_beside_earning",
        breaks="A debt is given up while earning pays it: the member is owed by what it owed.",
        edits=(
            Edit(
                "partners/debts/write_off_debts.py",
                "    await lock_members(db, network_id=network_id, member_ids=members)\n",
                "",
            ),
        ),
        tests=(f"{_DEBTS}::test_a_debt_that_earning_pays_meanwhile_is_not_given_up",),
    ),
    Bug(
        name="newest_debt_paid_first",
        breaks="What earning paid counts on the newest debt: more is given up than was overdue.",
        edits=(
            Edit(
                "partners/debts/model.py",
                "key=lambda one: (one.since, one.return_id), reverse=True",
                "key=lambda one: (one.since, one.return_id)",
            ),
        ),
        tests=(f"{_DEBTS}::test_later_earning_paid_the_oldest_debt_first",),
    ),
    Bug(
        name="return_key_looked_up_after_money",
        breaks="A return that is told again is refused: the shop believes it was never booked.",
        edits=(
            Edit(
                "partners/purchases/record_return.py",
                "    if earlier is not None:\n",
                "    if earlier is not None and purchase.returned + amount <= purchase.amount:\n",
            ),
        ),
        tests=(f"{_RETURNS}::test_same_return_again_is_the_same_return",),
        seen_as="ReturnExceedsPurchase",
    ),
    Bug(
        name="lapsed_value_taken_again",
        breaks="A return takes value from the member that lapsed before: it is taken twice.",
        edits=(
            Edit(
                f"{_ACCRUALS}/model.py",
                "min(part, share.expired) for part",
                "part - part for part",
            ),
        ),
        tests=(f"{_EXPIRY}::test_a_return_takes_what_lapsed_from_whom_it_lapsed_to",),
        seen_as="accrual_expired",
    ),
    Bug(
        name="expiry_takes_what_is_held",
        breaks="Value set aside for a payout lapses, and the payout has nothing to pay from.",
        edits=(
            Edit(
                f"{_ACCRUALS}/lapsing.py",
                "account: balance.available for",
                "account: balance.posted for",
            ),
        ),
        tests=(f"{_EXPIRY}::test_what_is_set_aside_was_used_in_time_or_lapses_once_it_comes_back",),
        seen_as="BalanceTooLow",
    ),
    Bug(
        name="purchases_booked_in_any_order",
        breaks="Two batches of one shop wait for each other: one is thrown away.",
        edits=(
            Edit(
                "partners/purchases/record_purchases.py",
                "ordered = sorted(new, key=lambda one: one.name)",
                "ordered = list(new)",
            ),
        ),
        tests=(
            "tests/partners/purchases/test_record_purchases.py"
            "::test_batches_that_meet_in_the_middle_never_wait_crosswise",
        ),
        seen_as="deadlock detected",
    ),
    Bug(
        name="segments_of_one_network",
        breaks="Of a transaction shared by networks, all is booked in the books of the first.",
        edits=(
            Edit(
                "api/group_commit.py",
                "await batch.enter(network_id)",
                "await batch.enter(segments[0][0])",
            ),
        ),
        tests=(
            "tests/api/test_group_commit.py"
            "::test_networks_share_transactions_when_more_wait_than_may_run",
        ),
    ),
    Bug(
        name="cap_granted_again",
        breaks="Raising a cap grants all of it once more: a campaign spends above what it may.",
        edits=(Edit("payouts/budgets/grant_budget.py", "return cap - terms.cap", "return cap"),),
        tests=("tests/payouts/budgets/test_budgets.py::test_every_verb_is_done_once",),
    ),
    Bug(
        name="budget_keeps_returns",
        breaks="What a return takes back is not given back to the budget that paid it.",
        edits=(
            Edit(
                "partners/accruals/reverse_accrual.py",
                "cashback=reversal.cashback,",
                "cashback=Money.zero(amount.currency),",
            ),
        ),
        tests=(
            "tests/partners/purchases/test_rule_budgets.py"
            "::test_returns_give_back_what_the_budget_paid_before_and_after_confirmation",
        ),
    ),
    Bug(
        name="carried_amount_lost",
        breaks="What was too small to settle is forgotten: the partner never pays it.",
        edits=(
            Edit(
                "payouts/settlement/model.py",
                "opening=openings.get(partner_id, Sides.zero(currency)),",
                "opening=Sides.zero(currency),",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_close_settlement_cycle.py"
            "::test_net_below_the_minimum_is_carried_into_the_next_statement",
        ),
    ),
    Bug(
        name="cycle_settles_again",
        breaks="What one cycle settled is in the next one too: partners pay it twice.",
        edits=(
            Edit(
                "payouts/settlement/close_settlement_cycle.py",
                "before=before,\n        from_seq=stretch.from_seq,",
                "before=None,\n        from_seq=0,",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_close_settlement_cycle.py"
            "::test_what_commits_after_a_close_is_in_the_next_cycle",
        ),
    ),
    Bug(
        name="altered_statement_is_paid",
        breaks="A statement that its postings do not bear out is paid all the same.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if again is None or content_hash != one.content_hash:",
                "if again is None or not content_hash:",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_post_settlement_cycle.py"
            "::test_altered_posting_stops_the_approval",
        ),
    ),
    Bug(
        name="remainder_lost",
        breaks="What cannot be paid of a net is set off all the same: the partner never gets it.",
        edits=(
            Edit(
                "payouts/settlement/journals.py",
                "return Sides(closing.receivable, closing.payable + stays)",
                "return closing",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_payout_multiples.py"
            "::test_the_digit_that_cannot_be_paid_opens_the_next_statement",
        ),
    ),
    Bug(
        name="reserve_paid_too",
        breaks="A share is set aside against a partner's risk, and paid to it all the same.",
        edits=(
            Edit(
                "payouts/disbursement/approve_settlement_cycle.py",
                "-one.to_settle - withheld.get(one.partner_id, Money.zero(one.currency))",
                "-one.to_settle",
            ),
        ),
        tests=(
            "tests/payouts/reserves/test_reserves.py"
            "::test_a_share_of_what_is_paid_is_held_back_and_the_rest_is_paid",
        ),
    ),
    Bug(
        name="reserve_released_early",
        breaks="What is held back against a partner's risk is given back while the risk stands.",
        edits=(
            Edit(
                "payouts/reserves/release_reserve.py",
                "one.released_at is None and now < one.release_at:",
                "one.released_at is None and now < one.withheld_at:",
            ),
        ),
        tests=(
            "tests/payouts/reserves/test_reserves.py"
            "::test_a_reserve_is_not_released_before_its_time_nor_twice",
        ),
        seen_as="reserve_in_time",
    ),
    Bug(
        name="halt_ignored_by_payouts",
        breaks="Books that do not add up are paid out of while somebody still looks for the cause.",
        edits=(
            Edit(
                "payouts/disbursement/prepare_payout.py",
                "if await is_halted(db, network_id=network_id):",
                "if not network_id:",
            ),
        ),
        tests=(
            "tests/payouts/halts/test_standing_still.py"
            "::test_a_breach_stops_the_payout_until_it_is_mended_and_lifted",
        ),
    ),
    Bug(
        name="paid_to_a_destination_on_notice",
        breaks="Whoever takes over an account at the provider is paid before anybody looked.",
        edits=(
            Edit(
                "payouts/disbursement/screen_payout.py",
                "if payee.is_changing:",
                "if not payee.payee_id:",
            ),
        ),
        tests=(
            "tests/payouts/disbursement/test_destination_changes.py"
            "::test_payout_is_held_until_approval_and_clock_release_it",
        ),
    ),
    Bug(
        name="another_bank_file_released",
        breaks="A file that was made anew goes to the bank by the approval of the one before.",
        edits=(
            Edit(
                "payouts/bank_files/release_bank_file.py",
                "== file.content_hash == content_hash:",
                "== file.content_hash:",
            ),
        ),
        tests=(
            "tests/payouts/bank_files/test_bank_files.py"
            "::test_a_file_made_anew_needs_a_new_approval",
        ),
    ),
    Bug(
        name="sent_again_under_a_new_key",
        breaks="A payout that was never answered is sent again as another one: it is paid twice.",
        edits=(
            Edit(
                "payouts/disbursement/orders.py",
                "key=attempt.key,",
                'key=f"{attempt.key}:{attempt.sends}",',
            ),
        ),
        tests=(
            "tests/payouts/disbursement/test_cashback_payout.py::test_crash_at_any_point_pays_once",
        ),
    ),
    Bug(
        name="returned_without_its_end",
        breaks="A payout that comes back never lapses any more: its funder gets nothing back.",
        edits=(
            Edit(
                "payouts/disbursement/return_payout.py",
                "draft = replace(draft, restores=taken)",
                "draft = replace(draft, restores=None)",
            ),
        ),
        tests=(
            "tests/payouts/disbursement/test_cashback_lots.py"
            "::test_value_sent_back_twice_has_its_lots_and_end_again",
        ),
    ),
    Bug(
        name="sign_flipped_on_reversal",
        breaks="A transfer that failed is booked as paid once more: the partner is never paid.",
        edits=(
            Edit(
                "payouts/events/settling.py",
                'debit(owned("transfer_clearing", partner_id, amount.currency), amount),\n'
                '        credit(owned("settle_payable", partner_id, amount.currency), amount),',
                'credit(owned("transfer_clearing", partner_id, amount.currency), amount),\n'
                '        debit(owned("settle_payable", partner_id, amount.currency), amount),',
            ),
        ),
        tests=(
            "tests/payouts/events/test_events.py"
            "::test_an_event_writes_the_lines_that_its_example_states_and_no_others",
        ),
    ),
    Bug(
        name="retried_under_the_old_key",
        breaks="A payout tried again is sent, but its value is not taken again: it is paid for free.",
        edits=(
            Edit(
                "payouts/disbursement/retry_payout.py",
                "round_ = payout.round + 1",
                "round_ = payout.round",
            ),
        ),
        tests=(
            "tests/payouts/disbursement/test_settlement_orders.py"
            "::test_refused_transfer_owes_the_partner_again_and_can_be_retried",
        ),
    ),
    Bug(
        name="maker_approves",
        breaks="Who closed a settlement cycle can also release its money: nobody else looked at it.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if cycle.closed_by == actor:",
                "if not actor:",
            ),
        ),
        tests=(
            "tests/payouts/settlement/test_post_settlement_cycle.py::test_maker_may_not_approve",
        ),
        seen_as="settlement_cycle_four_eyes",
    ),
]
