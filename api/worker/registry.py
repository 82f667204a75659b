"""Every job of the platform, by the kind of due work it does or the interval it comes round."""

from api.worker.books import BooksWatch
from api.worker.jobs.accruals import run_accrual_confirm
from api.worker.jobs.balance_transactions import (
    run_balance_transactions,
    sweep_balance_transactions,
)
from api.worker.jobs.changes import run_changes
from api.worker.jobs.collections import run_collection_submit
from api.worker.jobs.debts import run_debts
from api.worker.jobs.experiences import run_experience_deliver
from api.worker.jobs.expiry import run_expiry
from api.worker.jobs.feeds import run_feed_pull
from api.worker.jobs.folding import run_folding
from api.worker.jobs.fulfilment import run_redemption_fulfil
from api.worker.jobs.holds import run_hold_expire
from api.worker.jobs.imports import run_import_continue
from api.worker.jobs.payees import run_destination_change, run_payee_connect, run_payee_refresh
from api.worker.jobs.payouts import run_payout_resolve, run_payout_submit, run_payout_watch
from api.worker.jobs.reserves import run_reserve_release
from api.worker.jobs.rewards import run_reward_publish, run_reward_retire
from api.worker.jobs.sealing import run_sealing
from api.worker.jobs.sweeping import (
    sweep_accounts,
    sweep_intents,
    sweep_payouts,
    sweep_topups,
    sweep_transfers,
)
from api.worker.jobs.topups import run_topup_submit
from api.worker.jobs.webhooks import run_webhook_process
from api.worker.partitions import PartitionsAhead
from api.worker.schedule import Job, Round, Schedule
from api.worker.unsealed import UnsealedAges

SEALING_SECONDS = 1.0
CHANGES_SECONDS = 0.5
FOLDING_SECONDS = 1.0
EXPIRY_SECONDS = 30.0
DEBTS_SECONDS = 60.0
BALANCE_TRANSACTIONS_SECONDS = 2.0
MEASURING_SECONDS = 5.0
BOOKS_SECONDS = 60.0
PARTITIONS_SECONDS = 3_600.0
SWEEP_SECONDS = 3_600.0

SWEEPS: dict[str, Job] = {
    "sweep_transfers": sweep_transfers,
    "sweep_payouts": sweep_payouts,
    "sweep_intents": sweep_intents,
    "sweep_topups": sweep_topups,
    "sweep_accounts": sweep_accounts,
    "sweep_balance_transactions": sweep_balance_transactions,
}

DUE: dict[str, Job] = {
    "accrual.confirm": run_accrual_confirm,
    "collection.submit": run_collection_submit,
    "destination.change": run_destination_change,
    "experience.deliver": run_experience_deliver,
    "feed.pull": run_feed_pull,
    "hold.expire": run_hold_expire,
    "import.continue": run_import_continue,
    "payee.connect": run_payee_connect,
    "payee.refresh": run_payee_refresh,
    "payout.resolve": run_payout_resolve,
    "payout.submit": run_payout_submit,
    "payout.watch": run_payout_watch,
    "redemption.fulfil": run_redemption_fulfil,
    "reserve.release": run_reserve_release,
    "reward.publish": run_reward_publish,
    "reward.retire": run_reward_retire,
    "topup.submit": run_topup_submit,
    "webhook.process": run_webhook_process,
}


def make_schedule(ages: UnsealedAges, books: BooksWatch, partitions: PartitionsAhead) -> Schedule:
    """Put the jobs together; `ages`, `books` and `partitions` keep what comes round with them."""
    return Schedule(
        due=DUE,
        rounds=(
            Round("sealing", run_sealing, SEALING_SECONDS, is_urgent=True),
            Round("changes", run_changes, CHANGES_SECONDS),
            Round("folding", run_folding, FOLDING_SECONDS),
            Round("expiry", run_expiry, EXPIRY_SECONDS),
            Round("debts", run_debts, DEBTS_SECONDS),
            Round(
                "balance_transactions",
                run_balance_transactions,
                BALANCE_TRANSACTIONS_SECONDS,
                is_platform_wide=True,
            ),
            Round("unsealed", ages.measure, MEASURING_SECONDS),
            Round("books", books.look, BOOKS_SECONDS, is_platform_wide=True),
            Round("partitions", partitions.make, PARTITIONS_SECONDS, is_platform_wide=True),
            *(
                Round(name, job, SWEEP_SECONDS, is_platform_wide=True)
                for name, job in SWEEPS.items()
            ),
        ),
    )
