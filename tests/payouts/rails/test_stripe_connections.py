"""Connections to the provider: used again, given up in time, and never believed by halves."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import stripe
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from payouts.rails import stripe_connections
from payouts.rails.stripe_connections import Answer, ConnectionFailed, Connections
from payouts.rails.stripe_transport import DirectTransport, ProxiedTransport, open_transport
from tests.conftest import NOW

WHOLE = b"HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: 2\r\n\r\n{}"
Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Provider:
    """A server that plays one thing on every connection, and what it was asked."""

    play: Play
    port: int = 0
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                await self.play(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def saying(*parts: bytes) -> Play:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return play


@asynccontextmanager
async def provider(
    play: Play, tls: ssl.SSLContext | None = None, trust: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Provider, Connections, str]]:
    found = Provider(play)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    connections = Connections(0.5, trust)
    scheme = "https" if tls else "http"
    try:
        yield found, connections, f"{scheme}://127.0.0.1:{found.port}/v1/x?a=b"
    finally:
        await connections.aclose()
        server.close()


async def post(connections: Connections, url: str) -> Answer:
    return await connections.request("post", url, {"Idempotency-Key": "k"}, b"amount=1")


async def test_one_connection_serves_one_request_after_the_other() -> None:
    async with provider(saying(WHOLE)) as (found, connections, url):
        answers = [await post(connections, url) for _ in range(3)]
        assert found.connections == 1
        assert (
            found.asked
            == [
                f"POST /v1/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:{found.port}\r\nIdempotency-Key: k\r\n"
                "Accept: */*\r\nContent-Length: 8\r\n\r\namount=1".encode()
            ]
            * 3
        )
    assert [(one.status, one.body) for one in answers] == [(200, b"{}")] * 3
    assert answers[0].headers == [("Request-Id", "req_1"), ("Content-Length", "2")]


async def test_requests_at_once_have_a_connection_each() -> None:
    async with provider(saying(WHOLE)) as (found, connections, url):
        await asyncio.gather(*(post(connections, url) for _ in range(4)))
        assert found.connections == 4
        await asyncio.gather(*(post(connections, url) for _ in range(4)))
        assert found.connections == 4


@pytest.mark.parametrize(
    "parts",
    [
        (WHOLE[:20], WHOLE[20:70], WHOLE[70:]),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", WHOLE),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
            b"1\r\n}\r\n0\r\n\r\n",
        ),
    ],
)
async def test_an_answer_comes_in_whatever_pieces(parts: tuple[bytes, ...]) -> None:
    async with provider(saying(*parts)) as (found, connections, url):
        for _ in range(2):
            answer = await post(connections, url)
            assert (answer.status, answer.body) == (200, b"{}")
        assert found.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"what is this",
    ],
)
async def test_half_an_answer_is_none_and_is_not_asked_for_again(said: bytes) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    async with provider(cut) as (found, connections, url):
        with pytest.raises(ConnectionFailed):
            await post(connections, url)
        assert len(found.asked) == 1


async def test_an_answer_that_does_not_come_is_given_up_and_its_connection_too() -> None:
    waits = True

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not waits:
            writer.write(WHOLE)

    async with provider(late) as (found, connections, url):
        with pytest.raises(TimeoutError):
            await post(connections, url)
        waits = False
        assert (await post(connections, url)).status == 200
        assert (found.connections, len(found.asked)) == (2, 2)


async def test_a_connection_that_the_provider_closes_is_not_used_again() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WHOLE.replace(b"Request-Id", b"Connection: close\r\nRequest-Id"))
        await writer.drain()
        writer.close()

    async with provider(once) as (found, connections, url):
        for number in (1, 2):
            assert (await post(connections, url)).status == 200
            assert found.connections == number


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with provider(saying(WHOLE)) as (found, connections, url):
        await post(connections, url)
        monkeypatch.setattr(stripe_connections, "IDLE_SECONDS_MAX", -1.0)
        await post(connections, url)
        assert found.connections == 2


async def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_connections, "ANSWER_BYTES_MAX", 1)
    async with provider(saying(WHOLE)) as (_, connections, url):
        with pytest.raises(ConnectionFailed):
            await post(connections, url)


async def test_a_header_of_two_lines_is_not_sent() -> None:
    async with provider(saying(WHOLE)) as (found, connections, url):
        with pytest.raises(ValueError, match="one line"):
            await connections.request("POST", url, {"A": "b\r\nC: d"}, b"")
        assert found.asked == []


async def test_nobody_there_is_told_as_no_connection() -> None:
    connections = Connections(0.5, None)
    with pytest.raises(ConnectionFailed, match="no connection"):
        await connections.request("GET", "http://127.0.0.1:1/", {}, b"")


def certificate(folder: Path) -> Path:
    """Write a certificate of this address, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "provider")])
    place = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3_650))
        .not_valid_after(NOW + timedelta(days=3_650))
        .add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_only_a_certificate_that_is_trusted_is_spoken_to(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(path)
    trusting = ssl.create_default_context(cafile=path)
    async with provider(saying(WHOLE), own, trusting) as (found, connections, url):
        assert (await post(connections, url)).status == 200
        assert (await post(connections, url)).status == 200
        assert found.connections == 1
    async with provider(saying(WHOLE), own, ssl.create_default_context()) as (found, other, url):
        with pytest.raises(ConnectionFailed):
            await post(other, url)
        assert found.asked == []


async def test_stripe_itself_is_spoken_to_directly_unless_a_proxy_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert type(open_transport(1.0, api_base=None)) is DirectTransport
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert type(open_transport(1.0, api_base=None)) is ProxiedTransport
    assert type(open_transport(1.0, api_base="http://127.0.0.1:1")) is DirectTransport
    monkeypatch.setenv("no_proxy", stripe.DEFAULT_API_BASE.removeprefix("https://"))
    assert type(open_transport(1.0, api_base=None)) is DirectTransport
