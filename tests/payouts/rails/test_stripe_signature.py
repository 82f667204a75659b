import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from api.doubles.stripe_delivery import sign
from payouts.rails import ProviderEvent, SignatureInvalid, verify_signature

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payout.failed",
    "account": "acct_1",
    "created": int(NOW.timestamp()),
    "data": {"object": {"id": "po_1", "object": "payout"}},
}
BODY = json.dumps(EVENT).encode()


def test_a_signed_message_is_read() -> None:
    assert verify_signature(BODY, sign(BODY, "whsec_a", NOW), ["whsec_a"], NOW) == ProviderEvent(
        id="evt_1",
        type="payout.failed",
        account="acct_1",
        object_id="po_1",
        object_type="payout",
        created=NOW,
    )


def test_the_platform_s_own_events_name_no_account() -> None:
    body = json.dumps({k: v for k, v in EVENT.items() if k != "account"}).encode()
    assert verify_signature(body, sign(body, "s", NOW), ["s"], NOW).account is None


def test_while_a_secret_is_rotated_both_are_good() -> None:
    for secret in ("whsec_old", "whsec_new"):
        header = sign(BODY, secret, NOW)
        assert verify_signature(BODY, header, ["whsec_new", "whsec_old"], NOW).id == "evt_1"
    both = sign(BODY, "whsec_old", NOW) + "," + sign(BODY, "whsec_new", NOW).split(",")[1]
    assert verify_signature(BODY, both, ["whsec_new"], NOW).id == "evt_1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=00",
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1=",
        f"t={int(NOW.timestamp())},v0={'0' * 64}",
        f"t={int(NOW.timestamp())},v1={'0' * 64}",
        f"t=+{int(NOW.timestamp())},v1={'0' * 64}",
        "t=١٢٣,v1=00",
        "t=" + "9" * 5000,
    ],
)
def test_an_unsigned_or_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(SignatureInvalid):
        verify_signature(BODY, header, ["whsec_a"], NOW)


@pytest.mark.parametrize("secrets", [["whsec_b"], [], [""]])
def test_a_wrong_secret_is_refused(secrets: list[str]) -> None:
    with pytest.raises(SignatureInvalid):
        verify_signature(BODY, sign(BODY, "whsec_a", NOW), secrets, NOW)


def test_an_empty_secret_never_counts() -> None:
    stamp = int(NOW.timestamp())
    forged = hmac.new(b"", f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(SignatureInvalid):
        verify_signature(BODY, f"t={stamp},v1={forged}", ["", "whsec_a"], NOW)


def test_one_changed_byte_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        verify_signature(BODY + b" ", sign(BODY, "whsec_a", NOW), ["whsec_a"], NOW)


@pytest.mark.parametrize("shift", [-301, 301])
def test_a_stale_message_is_refused_on_the_given_clock(shift: int) -> None:
    header = sign(BODY, "whsec_a", NOW)
    within = timedelta(seconds=300 if shift > 0 else -300)
    assert verify_signature(BODY, header, ["whsec_a"], NOW + within).id == "evt_1"
    with pytest.raises(SignatureInvalid):
        verify_signature(BODY, header, ["whsec_a"], NOW + timedelta(seconds=shift))


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}", b'{"id": "evt_1"}', b"\xff"])
def test_signed_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify_signature(body, sign(body, "s", NOW), ["s"], NOW)


def test_the_sdk_agrees_with_what_the_double_signs() -> None:
    now = datetime.now(UTC)
    body = json.dumps({**EVENT, "api_version": stripe.api_version, "livemode": False}).encode()
    header = sign(body, "whsec_a", now)
    assert verify_signature(body, header, ["whsec_a"], now).id == "evt_1"
    assert stripe.Webhook.construct_event(body, header, "whsec_a").id == "evt_1"  # type: ignore[no-untyped-call]
