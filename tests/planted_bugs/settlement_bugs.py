"""Mistakes in settling that somebody could make."""

from tests.planted_bugs.bug import Bug, Edit

_WINDOWS = "tests/payouts/settlement/test_windows.py"
_SECOND = "tests/payouts/settlement/test_second_approval.py"
_ADJUSTMENTS = "tests/payouts/settlement/test_adjustments.py"
_DISPUTES = "tests/payouts/disputes/test_disputes.py"
_CONVERSION = "tests/payouts/settlement/test_conversion.py"
_RATES = "tests/payouts/settlement/test_conversion_rates.py"

SETTLEMENT_BUGS = (
    Bug(
        name="cut_loses_what_stood_before",
        breaks="What was written before one cut and took effect after it is in no cycle at all.",
        edits=(
            Edit(
                "payouts/ledger/begin_stretch.py",
                "before.seq if first is None else first - 1",
                "before.seq",
            ),
        ),
        tests=(
            f"{_WINDOWS}"
            "::test_a_window_is_closed_when_it_has_ended_and_holds_what_took_effect_before",
        ),
        seen_as="NothingToSettle",
    ),
    Bug(
        name="cut_holds_the_next_window",
        breaks="What takes effect after the end of a window is settled in it.",
        edits=(
            Edit(
                "payouts/ledger/stretch.py",
                "bounds.append(journals.c.effective_at < stretch.cut.at)",
                "bounds.append(journals.c.effective_at >= journals.c.effective_at)",
            ),
        ),
        tests=(
            f"{_WINDOWS}"
            "::test_a_window_is_closed_when_it_has_ended_and_holds_what_took_effect_before",
        ),
    ),
    Bug(
        name="approval_of_what_was_not_seen",
        breaks="A cycle that was issued anew is approved by who looked at the one before.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if result_hash not in (None, cycle.result_hash):",
                "if result_hash == '':",
            ),
        ),
        tests=(f"{_WINDOWS}::test_issued_anew_only_what_changed_has_a_later_version",),
    ),
    Bug(
        name="one_is_enough_for_any_amount",
        breaks="A cycle above the limit is booked by its first approver.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if needed[cycle_id] > 1:",
                "if needed[cycle_id] > 2:",
            ),
        ),
        tests=(
            f"{_SECOND}::test_above_the_limit_the_first_approval_is_recorded_and_the_second_books",
        ),
    ),
    Bug(
        name="first_approver_is_the_second",
        breaks="One person alone approves a cycle that takes two.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if cycle.first_approved_by == actor:",
                "if not actor:",
            ),
        ),
        tests=(
            f"{_SECOND}::test_neither_the_first_approver_nor_the_maker_is_the_second"
            "[staff:checker-AlreadyApproved]",
        ),
        seen_as="settlement_cycle_six_eyes",
    ),
    Bug(
        name="maker_is_the_second_approver",
        breaks="Who closed a cycle that takes two approvers is one of them.",
        edits=(
            Edit(
                "payouts/settlement/post_settlement_cycle.py",
                "if cycle.closed_by == actor:",
                "if cycle.closed_by == actor and not cycle.approvals:",
            ),
        ),
        tests=(
            f"{_SECOND}::test_neither_the_first_approver_nor_the_maker_is_the_second"
            "[staff:maker-ApproverIsMaker]",
        ),
        seen_as="settlement_cycle_four_eyes",
    ),
    Bug(
        name="approval_outlives_what_it_was_of",
        breaks="The approval of what was issued before counts for what was issued anew.",
        edits=(
            Edit(
                "payouts/settlement/reissue_settlement_cycle.py",
                "            first_approved_by=None,\n            first_approved_at=None,\n",
                "",
            ),
        ),
        tests=(f"{_SECOND}::test_what_was_issued_anew_needs_both_again",),
    ),
    Bug(
        name="contested_amount_is_settled",
        breaks="What a partner contests is collected from it all the same.",
        edits=(
            Edit(
                "payouts/disputes/open_dispute.py",
                "effective_at=cycle.ended_at - timedelta(microseconds=1)",
                "effective_at=cycle.ended_at",
            ),
        ),
        tests=(f"{_DISPUTES}::test_the_contested_amount_waits_and_the_rest_is_settled",),
    ),
    Bug(
        name="accepted_dispute_is_owed_again",
        breaks="A partner bears what the network took on itself.",
        edits=(
            Edit(
                "payouts/events/settling.py",
                'debit(own_account("settlement_concession", amount.currency), amount)',
                'debit(owned("partner_recv", partner_id, amount.currency), amount)',
            ),
        ),
        tests=(f"{_DISPUTES}::test_a_decision_posts_what_each_bears_into_the_cycle_of_its_day",),
    ),
    Bug(
        name="adjustment_tells_again",
        breaks="What one adjustment of a statement told, the next one tells again.",
        edits=(
            Edit(
                "payouts/settlement/issue_adjustment_statement.py",
                "if seen is not None:",
                "if seen == 0:",
            ),
        ),
        tests=(
            f"{_ADJUSTMENTS}"
            "::test_adjustments_of_a_statement_follow_each_other_and_say_everything_once",
        ),
        seen_as="adjustment_statement_pkey",
    ),
    Bug(
        name="adjustment_begins_at_the_place",
        breaks="What came back between a cut and its place is told by no adjustment.",
        edits=(
            Edit(
                "payouts/settlement/issue_adjustment_statement.py",
                "return behind.from_seq",
                "return cut.seq",
            ),
        ),
        tests=(
            f"{_ADJUSTMENTS}"
            "::test_what_took_effect_behind_the_cut_but_stands_before_its_place_is_told",
        ),
        seen_as="NothingToAdjust",
    ),
    Bug(
        name="number_is_given_twice",
        breaks="A statement has the number of an adjustment.",
        edits=(
            Edit(
                "payouts/settlement/queries.py",
                "for one in (statement, adjustment_statement)",
                "for one in (statement,)",
            ),
        ),
        tests=(
            f"{_ADJUSTMENTS}"
            "::test_a_reversal_after_the_close_is_told_and_settled_by_the_next_cycle",
        ),
    ),
    Bug(
        name="settling_is_a_correction",
        breaks="What set a statement off is told as a correction of it.",
        edits=(
            Edit("payouts/settlement/adjustment.py", "without_kinds=OWN_KINDS", "without_kinds=()"),
        ),
        tests=(
            f"{_ADJUSTMENTS}::test_another_currency_and_a_reversal_of_a_later_line_are_not_told",
        ),
    ),
    Bug(
        name="converted_at_the_rate_of_today",
        breaks="A rate that was published after the review began changes what a partner is paid.",
        edits=(
            Edit(
                "payouts/settlement/decision.py",
                "return into != standing.conversion.amount.currency",
                "return quote is None or quote.convert(standing.net, now=now)"
                " != standing.conversion",
            ),
        ),
        tests=(f"{_RATES}::test_a_rate_of_after_the_issue_changes_nothing",),
    ),
    Bug(
        name="conversion_not_in_the_hash",
        breaks="What was approved says nothing of the rate: another amount would be booked.",
        edits=(
            Edit(
                "payouts/settlement/hashes.py",
                '**({"conversion": conversion} if conversion else {}),',
                "**({} if conversion else {}),",
            ),
        ),
        tests=(f"{_RATES}::test_a_hash_without_a_conversion_is_what_it_always_was",),
    ),
    Bug(
        name="converted_on_the_wrong_side",
        breaks="What a partner owes after a conversion is written off what the network owes it.",
        edits=(
            Edit(
                "payouts/events/settling.py",
                'kind = "partner_recv" if net.minor > 0 else "partner_payable"',
                'kind = "partner_payable"',
            ),
        ),
        tests=(f"{_CONVERSION}::test_who_owes_in_one_currency_owes_less_in_the_other",),
    ),
    Bug(
        name="converted_net_saved",
        breaks="What a partner is owed in another currency is reported as money that need not move.",
        edits=(
            Edit(
                "payouts/settlement/netting.py",
                "return self.gross - self.net - self.converted",
                "return self.gross - self.net",
            ),
        ),
        tests=(f"{_CONVERSION}::test_netting_tells_what_is_converted_from_what_is_saved",),
    ),
)
