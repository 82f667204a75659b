"""The audit: every promise the books make, asked of the books themselves."""

from payouts.audit.find_breaches import find_breaches
from payouts.audit.model import Breach, CheckResult
from payouts.audit.run_checks import run_checks
from payouts.halts import is_halted

__all__ = ["Breach", "CheckResult", "find_breaches", "is_halted", "run_checks"]
