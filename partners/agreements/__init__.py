"""Agreements: who the partners of a network are, and the terms between each and the network."""

from partners.agreements.create_partner import create_partner
from partners.agreements.errors import (
    AgreementNotAfterLast,
    AgreementNotFound,
    InvalidCountry,
    InvalidTerms,
    PartnerNotFound,
    PartnerRolesMissing,
)
from partners.agreements.model import (
    Agreement,
    Partner,
    PartnerBalance,
    PartnerRole,
    PartnerState,
    UnspentTo,
)
from partners.agreements.publish_agreement import publish_agreement
from partners.agreements.queries import (
    agreement_of,
    find_agreement,
    get_agreement,
    get_partner,
    list_agreements,
    list_partners,
    read_agreements,
    read_partner_balances,
    read_partners,
    select_agreement_at,
)

__all__ = [
    "Agreement",
    "AgreementNotAfterLast",
    "AgreementNotFound",
    "InvalidCountry",
    "InvalidTerms",
    "Partner",
    "PartnerBalance",
    "PartnerNotFound",
    "PartnerRole",
    "PartnerRolesMissing",
    "PartnerState",
    "UnspentTo",
    "agreement_of",
    "create_partner",
    "find_agreement",
    "get_agreement",
    "get_partner",
    "list_agreements",
    "list_partners",
    "publish_agreement",
    "read_agreements",
    "read_partner_balances",
    "read_partners",
    "select_agreement_at",
]
