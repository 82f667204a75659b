"""The audit: every promise the books make, asked of the books themselves."""

from payouts.audit.model import CheckResult
from payouts.audit.run_checks import run_checks

__all__ = ["CheckResult", "run_checks"]
