"""Recording accruals, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, SmallInteger, String, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from partners.accruals.journals import pending_journal
from partners.accruals.model import Accrual, AccrualState, Earning, expiry_of, share_cashback
from partners.accruals.tables import accrual as accrual_table
from partners.accruals.tables import accrual_share
from payouts.due import announce_all_due
from payouts.ledger import Posted, post_journal
from payouts.money import Money, Rounding, new_id, share_of
from payouts.refusal import Refusal
