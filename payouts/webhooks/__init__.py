"""Webhooks: what the provider said happened, each once."""

from payouts.webhooks.accept_webhook import accept_webhook
from payouts.webhooks.finish_webhook import finish_webhook
from payouts.webhooks.forget_account import forget_account
from payouts.webhooks.model import Webhook
from payouts.webhooks.note_webhook import note_webhook
from payouts.webhooks.queries import read_inbox_age, read_webhooks

__all__ = [
    "Webhook",
    "accept_webhook",
    "finish_webhook",
    "forget_account",
    "note_webhook",
    "read_inbox_age",
    "read_webhooks",
]
