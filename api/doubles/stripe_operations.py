"""Every operation of Stripe's API that the double answers: its name, and who answers it."""

from collections.abc import Callable

from api.doubles import stripe_banks as banks
from api.doubles import stripe_capabilities as capabilities
from api.doubles import stripe_collection as collection
from api.doubles import stripe_disputes as disputes
from api.doubles import stripe_money as money
from api.doubles import stripe_people as people
from api.doubles import stripe_refunds as refunds
from api.doubles import stripe_reports as reports
from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import Json

Handler = Callable[[Call], Json]

OPERATIONS: dict[tuple[str, str], tuple[str, Handler]] = {
    ("post", "/v1/accounts"): ("create_account", people.create_account),
    ("get", "/v1/accounts"): ("list_accounts", people.list_accounts),
    ("get", "/v1/accounts/{account}"): ("get_account", people.get_account),
    ("get", "/v1/accounts/{account}/capabilities"): (
        "list_capabilities",
        capabilities.list_capabilities,
    ),
    ("get", "/v1/accounts/{account}/capabilities/{capability}"): (
        "get_capability",
        capabilities.get_capability,
    ),
    ("post", "/v1/accounts/{account}/capabilities/{capability}"): (
        "change_capability",
        capabilities.change_capability,
    ),
    ("get", "/v1/accounts/{account}/external_accounts"): (
        "list_external_accounts",
        banks.list_external_accounts,
    ),
    ("post", "/v1/accounts/{account}/external_accounts"): (
        "create_external_account",
        banks.create_external_account,
    ),
    ("get", "/v1/accounts/{account}/external_accounts/{id}"): (
        "get_external_account",
        banks.get_external_account,
    ),
    ("post", "/v1/account_links"): ("create_account_link", people.create_account_link),
    ("post", "/v1/customers"): ("create_customer", people.create_customer),
    ("get", "/v1/customers"): ("list_customers", people.list_customers),
    ("get", "/v1/customers/{customer}"): ("get_customer", people.get_customer),
    ("get", "/v1/customers/{customer}/payment_methods"): (
        "list_payment_methods",
        people.list_payment_methods,
    ),
    ("post", "/v1/topups"): ("create_topup", money.create_topup),
    ("get", "/v1/topups"): ("find_topups", money.list_topups),
    ("get", "/v1/topups/{topup}"): ("get_topup", money.get_topup),
    ("post", "/v1/topups/{topup}/cancel"): ("cancel_topup", money.cancel_topup),
    ("post", "/v1/transfers"): ("create_transfer", money.create_transfer),
    ("get", "/v1/transfers"): ("find_transfers", money.list_transfers),
    ("get", "/v1/transfers/{transfer}"): ("get_transfer", money.get_transfer),
    ("post", "/v1/transfers/{id}/reversals"): ("reverse_transfer", money.reverse_transfer),
    ("get", "/v1/transfers/{id}/reversals"): ("list_reversals", money.list_reversals),
    ("get", "/v1/transfers/{transfer}/reversals/{id}"): ("get_reversal", money.get_reversal),
    ("post", "/v1/payouts"): ("create_payout", money.create_payout),
    ("get", "/v1/payouts"): ("list_payouts", money.list_payouts),
    ("get", "/v1/payouts/{payout}"): ("get_payout", money.get_payout),
    ("post", "/v1/payouts/{payout}/cancel"): ("cancel_payout", money.cancel_payout),
    ("get", "/v1/balance"): ("get_balance", money.get_balance),
    ("get", "/v1/balance_transactions"): (
        "list_balance_transactions",
        money.list_balance_transactions,
    ),
    ("get", "/v1/balance_transactions/{id}"): (
        "get_balance_transaction",
        money.get_balance_transaction,
    ),
    ("post", "/v1/payment_intents"): ("create_payment_intent", collection.create_payment_intent),
    ("get", "/v1/payment_intents"): ("find_payment_intents", collection.list_payment_intents),
    ("get", "/v1/payment_intents/{intent}"): (
        "get_payment_intent",
        collection.get_payment_intent,
    ),
    ("post", "/v1/payment_intents/{intent}/confirm"): (
        "confirm_payment_intent",
        collection.confirm_payment_intent,
    ),
    ("post", "/v1/payment_intents/{intent}/cancel"): (
        "cancel_payment_intent",
        collection.cancel_payment_intent,
    ),
    ("get", "/v1/charges"): ("list_charges", collection.list_charges),
    ("get", "/v1/charges/{charge}"): ("get_charge", collection.get_charge),
    ("post", "/v1/refunds"): ("create_refund", refunds.create_refund),
    ("get", "/v1/refunds"): ("list_refunds", refunds.list_refunds),
    ("get", "/v1/refunds/{refund}"): ("get_refund", refunds.get_refund),
    ("get", "/v1/disputes"): ("list_disputes", disputes.list_disputes),
    ("get", "/v1/disputes/{dispute}"): ("get_dispute", disputes.get_dispute),
    ("post", "/v1/disputes/{dispute}/close"): ("close_dispute", disputes.close_dispute),
    ("get", "/v1/reporting/report_types"): ("list_report_types", reports.list_report_types),
    ("get", "/v1/reporting/report_types/{report_type}"): (
        "get_report_type",
        reports.get_report_type,
    ),
    ("post", "/v1/reporting/report_runs"): ("create_report_run", reports.create_report_run),
    ("get", "/v1/reporting/report_runs"): ("list_report_runs", reports.list_report_runs),
    ("get", "/v1/reporting/report_runs/{report_run}"): (
        "get_report_run",
        reports.get_report_run,
    ),
    ("get", "/v1/files/{file}"): ("get_file", reports.get_file),
    ("get", "/v1/events"): ("list_events", collection.list_events),
    ("get", "/v1/events/{id}"): ("get_event", collection.get_event),
}
