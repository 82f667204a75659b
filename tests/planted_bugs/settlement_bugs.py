"""Mistakes in settling that somebody could make."""

from tests.planted_bugs.bug import Bug, Edit

_WINDOWS = "tests/payouts/settlement/test_windows.py"
_SECOND = "tests/payouts/settlement/test_second_approval.py"
_DISPUTES = "tests/payouts/disputes/test_disputes.py"

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
                "query = query.where(journal.c.effective_at < stretch.cut.at)",
                "query = query.where(journal.c.effective_at >= journal.c.effective_at)",
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
)
