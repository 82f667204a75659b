"""Mistakes in settling that somebody could make."""

from tests.planted_bugs.bug import Bug, Edit

_WINDOWS = "tests/payouts/settlement/test_windows.py"
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
                "payouts/settlement/model.py",
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
