"""What `mizan suppliers conform` prints, and how it ends."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from api.cli import suppliers
from api.conformance import CHECKS, Subject
from tests.api.conformance.planted import LosesZeros


def spoilt(url: str) -> Subject:
    sound = suppliers.subject_of("xoxoday", url)
    return replace(sound, open=lambda account: LosesZeros(sound.open(account)))


async def test_a_fault_is_printed_and_ends_in_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suppliers, "SUBJECTS", {"xoxoday": spoilt})
    assert await suppliers._conform("xoxoday", as_json=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CHECKS) + 2
    assert (
        "FAILED          codes_are_exact: Codes and PINs are as delivered, character by character,"
        " and those of this order. (they are other codes than those delivered)"
    ) in lines
    assert (
        "not applicable  cancelled_order_is_failed: A cancelled order is failed, is told the same"
        " again, and is found as such. (no cancel)"
    ) in lines
    assert (
        "passed          forged_message_is_refused: A message of somebody else's is not authentic."
        in lines
    )
    assert lines[-1] == "xoxoday: does not conform"


async def test_the_verdicts_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suppliers, "SUBJECTS", {"xoxoday": spoilt})
    assert await suppliers._conform("xoxoday", as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["supplier"] == "xoxoday"
    assert [one["name"] for one in told["checks"]] == [check.name for check in CHECKS]
    counts = Counter(one["result"] for one in told["checks"])
    # Every check that compares codes sees it.
    failed = {one["name"] for one in told["checks"] if one["result"] == "FAILED"}
    assert failed == {
        "codes_are_exact",
        "partial_batch_is_not_filled_up",
        "empty_codes_are_no_delivery",
        "failing_codes_are_asked_again",
    }
    assert counts == {"passed": len(CHECKS) - 4 - 3, "FAILED": 4, "not applicable": 3}


@pytest.mark.parametrize("name", ["feed", "graphql"])
async def test_what_is_described_conforms(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await suppliers._conform(name, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CHECKS) + 2
    assert (
        "not applicable  order_is_what_was_asked: An order is of the item, the face and the"
        " quantity that were asked for, under our key. (no orders)"
    ) in lines
    assert lines[-1] == f"{name}: conforms"
