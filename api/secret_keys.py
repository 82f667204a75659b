"""The keys that encrypt: from the environment, or made once and kept in the data folder."""

import base64
import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import Settings

_FILE = "secrets.json"
KEY_BYTES = 32


class SecretsInvalid(Exception):
    """The file of generated secrets cannot be read as such."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys as id and base64 text, newest first, and what signs the local webhooks."""

    secret_keys: tuple[tuple[str, str], ...] = field(repr=False)
    webhook_secret: str = field(repr=False)


def open_secrets(settings: Settings) -> Secrets:
    """Read the secrets of the data folder, made at the first start; the environment goes first."""
    path = settings.data_dir / "keys" / _FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    try:
        document = json.loads(path.read_text())
        generated = tuple((one["id"], one["key"]) for one in document["secret_keys"])
        webhook_secret = str(document["webhook_secret"])
    except (KeyError, TypeError, ValueError):
        # What the parser says might quote the file.
        raise SecretsInvalid(str(path)) from None
    return Secrets(settings.secret_keys or generated, webhook_secret)


def _create(path: Path) -> None:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    document = {
        "secret_keys": [{"id": "generated-1", "key": key}],
        "webhook_secret": "whsec_" + secrets.token_urlsafe(32),
    }
    # mkstemp makes the file 0600; of two first starts at once the first one's keys stay.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    with os.fdopen(handle, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
