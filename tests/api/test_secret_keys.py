"""Keys are made once, kept to their owner, and the environment's go first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.crash import CrashPointRefused, arm_crash_point, crash_here
from api.secret_keys import SecretsInvalid, open_secrets
from api.settings import Settings
from catalog.vouchers import Vault


def test_first_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as many:
        made = list(many.map(lambda _: open_secrets(settings), range(16)))

    assert len(set(made)) == 1
    path = tmp_path / "keys" / "secrets.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in path.parent.iterdir()) == ["secrets.json"]
    assert Vault(made[0].secret_keys).newest_key_id == "generated-1"
    assert made[0].webhook_secret not in repr(made[0])


def test_keys_of_the_environment_go_first(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_keys=(("k2", "x"), ("k1", "y")))

    assert open_secrets(settings).secret_keys == (("k2", "x"), ("k1", "y"))


def test_a_damaged_file_is_named_and_not_quoted(tmp_path: Path) -> None:
    open_secrets(Settings(data_dir=tmp_path))
    path = tmp_path / "keys" / "secrets.json"
    path.write_text('{"secret_keys": "hush"}')

    with pytest.raises(SecretsInvalid) as refused:
        open_secrets(Settings(data_dir=tmp_path))
    assert str(refused.value) == str(path)


@pytest.mark.parametrize("text", ["point:0", "point:-1", "point:x", "point:١"])
def test_a_malformed_crash_point_is_refused(text: str) -> None:
    with pytest.raises(CrashPointRefused):
        arm_crash_point({"MIZAN_CRASH_POINT": text}, is_stripe_live=False)


def test_an_unarmed_process_passes_every_point() -> None:
    arm_crash_point({}, is_stripe_live=True)
    crash_here("mutation.before_commit")
