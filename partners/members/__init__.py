"""Members: the people who earn and spend, known by an identity of the partner who enrolled them."""

from partners.members.enrol_member import enrol_member
from partners.members.erase_member import erase_member
from partners.members.errors import (
    InvalidIdentity,
    MemberHasMoney,
    MemberIsErased,
    MemberNotFound,
)
from partners.members.lock_members import lock_members
from partners.members.model import Member, MemberState, Wallet, wallet_accounts
from partners.members.queries import (
    find_member_by_identity,
    get_member,
    list_members,
    list_wallet_lots,
    read_members,
    read_wallet,
    read_wallets,
    select_member_named,
)

__all__ = [
    "InvalidIdentity",
    "Member",
    "MemberHasMoney",
    "MemberIsErased",
    "MemberNotFound",
    "MemberState",
    "Wallet",
    "enrol_member",
    "erase_member",
    "find_member_by_identity",
    "get_member",
    "list_members",
    "list_wallet_lots",
    "lock_members",
    "read_members",
    "read_wallet",
    "read_wallets",
    "select_member_named",
    "wallet_accounts",
]
