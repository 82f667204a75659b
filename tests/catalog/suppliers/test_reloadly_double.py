"""The double keeps what it answered, whatever happens to its process."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from api.doubles.reloadly_app import CLIENT_ID, CLIENT_SECRET

PROGRAM = """
import sys
from pathlib import Path
from api.doubles.reloadly_server import main
main(0, Path(sys.argv[1]), port_file=Path(sys.argv[2]))
"""


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(port_file)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while not port_file.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process, f"http://127.0.0.1:{port_file.read_text()}"


def sign_in(url: str) -> dict[str, str]:
    body = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "client_credentials",
        "audience": url,
    }
    token = httpx2.post(f"{url}/oauth/token", json=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_an_order_its_codes_and_the_token_survive_a_hard_kill(tmp_path: Path) -> None:
    process, url = start(tmp_path)
    try:
        headers = sign_in(url)
        body = {
            "productId": 7001,
            "quantity": 1,
            "unitPrice": 50,
            "customIdentifier": "key-1",
        }
        placed = httpx2.post(f"{url}/orders", json=body, headers=headers).json()
        cards = httpx2.get(f"{url}/orders/transactions/1/cards", headers=headers).json()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process, url = start(tmp_path)
        report = httpx2.get(f"{url}/reports/transactions", headers=headers).json()
        assert report["content"] == [placed]
        again = httpx2.get(f"{url}/orders/transactions/1/cards", headers=headers).json()
        assert again == cards
        balance = httpx2.get(f"{url}/accounts/balance", headers=headers).json()
        assert balance == {"balance": 999_950.5, "currencyCode": "SAR"}
    finally:
        process.kill()
        process.wait()
