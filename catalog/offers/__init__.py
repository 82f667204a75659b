"""Offers: what a member earns at a partner once it is switched on."""

from catalog.offers.activate_offer import activate_offer
from catalog.offers.errors import OfferNotFound, OfferOver
from catalog.offers.model import OfferActivation
from catalog.offers.queries import list_offer_activations

__all__ = [
    "OfferActivation",
    "OfferNotFound",
    "OfferOver",
    "activate_offer",
    "list_offer_activations",
]
