"""The keys of the seals: made once, kept secret, never forgotten."""

import json
import stat
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.http.seal_keys import PATH, seal_key_route
from api.seal_keys import KeyFileInvalid, open_seal_keys, read_public_keys


def test_the_first_start_makes_keys_that_only_their_owner_reads(tmp_path: Path) -> None:
    keys = open_seal_keys(tmp_path)
    path = tmp_path / "keys" / "seal.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert open_seal_keys(tmp_path).signer().key_id == keys.signer().key_id


def test_a_rotation_is_noticed_by_others_and_forgets_no_key(tmp_path: Path) -> None:
    ours, others = open_seal_keys(tmp_path), open_seal_keys(tmp_path)
    first = ours.signer()
    signature = first.sign(b"block")
    ids = [ours.rotate().key_id, ours.rotate().key_id, first.key_id]
    assert len(set(ids)) == 3
    assert others.signer().key_id == ids[1]
    public = others.public()
    assert [one["kid"] for one in public.jwks()["keys"]] == [ids[1], ids[0], ids[2]]
    assert public.verifies(first.key_id, content=b"block", signature=signature)
    assert not public.verifies(first.key_id, content=b"other", signature=signature)
    assert not public.verifies(ids[0], content=b"block", signature=signature)
    assert not public.verifies("unknown", content=b"block", signature=signature)


def test_only_public_halves_are_published(tmp_path: Path) -> None:
    keys = open_seal_keys(tmp_path)
    keys.rotate()
    with TestClient(Starlette(routes=[seal_key_route(keys)])) as client:
        answer = client.get(PATH)
    published = answer.json()
    assert published == keys.public().jwks()
    assert {tuple(one) for one in published["keys"]} == {("kty", "crv", "use", "kid", "x")}
    path = tmp_path / "published.json"
    path.write_text(answer.text)
    for source in (path, tmp_path / "keys" / "seal.json"):
        assert read_public_keys(source).jwks() == published


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": [{"x": "AAAA"}]}', '{"keys": 1}'])
def test_a_file_without_keys_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(KeyFileInvalid) as refused:
        read_public_keys(path)
    assert str(refused.value) == f"{path} does not hold seal keys"
    secret = open_seal_keys(tmp_path / "data")
    kept = tmp_path / "data" / "keys" / "seal.json"
    kept.write_text(json.dumps({"current": {"d": text}, "earlier": []}))
    with pytest.raises(KeyFileInvalid, match="does not hold seal keys"):
        secret.signer()
