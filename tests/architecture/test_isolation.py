"""A test reaches this machine and nothing else."""

import socket

import httpx2
import pytest
from pytest_socket import SocketConnectBlockedError


# The address is reserved for documentation: were the guard gone, nobody would answer.
@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_connection_to_the_outside_is_refused() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


async def test_http_over_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        async with httpx2.AsyncClient(timeout=0.2) as client:
            # Accepted by the machine, answered by nobody.
            with pytest.raises(httpx2.ReadTimeout):
                await client.get(f"http://127.0.0.1:{port}/")
