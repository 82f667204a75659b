"""The conformance of adapters: what is claimed of each, tried against a double of its supplier."""

from api.conformance.bench import Bench, ClaimBroken, Double, Subject, open_bench
from api.conformance.check import Check, Result, Verdict
from api.conformance.run_checks import CHECKS, run_checks

__all__ = [
    "CHECKS",
    "Bench",
    "Check",
    "ClaimBroken",
    "Double",
    "Result",
    "Subject",
    "Verdict",
    "open_bench",
    "run_checks",
]
