"""Seals: the order that committed journals get, once and for all."""

from payouts.seals.model import SealPosition
from payouts.seals.queries import read_seal_position, read_unsealed_age
from payouts.seals.seal_journals import seal_journals

__all__ = ["SealPosition", "read_seal_position", "read_unsealed_age", "seal_journals"]
