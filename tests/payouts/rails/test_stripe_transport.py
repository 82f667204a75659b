"""The way to the provider: used again, sent once, and never believed by halves."""

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

from payouts.rails.stripe_transport import Transport
from tests.conftest import NOW

WHOLE = b"HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Length: 2\r\n\r\n{}"
Play = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Provider:
    """A server that plays one thing at every request, and what it was asked."""

    play: Play
    url: str = ""
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                await self.play(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def saying(said: bytes, *, closes: bool = False) -> Play:
    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        if closes:
            writer.close()

    return play


@asynccontextmanager
async def provider(play: Play, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    found = Provider(play)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    found.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/x"
    try:
        yield found
    finally:
        server.close()


@asynccontextmanager
async def transport(*, plain: bool = True) -> AsyncIterator[Transport]:
    opened = Transport(0.5, plain=plain)
    try:
        yield opened
    finally:
        await opened.aclose()


async def post(opened: Transport, url: str) -> tuple[bytes, int]:
    body, status, _ = await opened.request_async("post", url, {"Idempotency-Key": "k"}, "amount=1")
    return body, status


async def test_connections_are_used_again() -> None:
    async with provider(saying(WHOLE)) as found, transport() as opened:
        assert [await post(opened, found.url) for _ in range(3)] == [(b"{}", 200)] * 3
        assert found.connections == 1
        await asyncio.gather(*(post(opened, found.url) for _ in range(4)))
        await asyncio.gather(*(post(opened, found.url) for _ in range(4)))
        assert (found.connections, len(found.asked)) == (4, 11)
        assert all(one.endswith(b"\r\n\r\namount=1") for one in found.asked)


@pytest.mark.parametrize("said", [b"", WHOLE[:20], WHOLE[:-1], b"nonsense\r\n\r\n"])
async def test_half_an_answer_is_none_and_is_not_asked_for_again(said: bytes) -> None:
    async with provider(saying(said, closes=True)) as found, transport() as opened:
        with pytest.raises(stripe.APIConnectionError):
            await post(opened, found.url)
        assert len(found.asked) == 1


async def test_what_is_sent_over_a_connection_that_was_closed_is_not_sent_again() -> None:
    answers = iter([saying(WHOLE), saying(b"", closes=True), saying(WHOLE)])

    async def play(writer: asyncio.StreamWriter) -> None:
        await next(answers)(writer)

    async with provider(play) as found, transport() as opened:
        assert await post(opened, found.url) == (b"{}", 200)
        with pytest.raises(stripe.APIConnectionError):
            await post(opened, found.url)
        assert len(found.asked) == 2
        assert await post(opened, found.url) == (b"{}", 200)


@pytest.mark.parametrize("said", [b"", WHOLE[:30], WHOLE[:-1]])
async def test_an_answer_that_does_not_come_is_given_up(said: bytes) -> None:
    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(5)

    async with provider(play) as found, transport() as opened:
        async with asyncio.timeout(2):
            with pytest.raises(stripe.APIConnectionError):
                await post(opened, found.url)
        assert len(found.asked) == 1


async def test_nobody_is_followed_elsewhere() -> None:
    async with provider(saying(WHOLE)) as other:
        location = other.url.encode()
        moved = b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        async with provider(saying(moved)) as found, transport() as opened:
            assert await post(opened, found.url) == (b"", 307)
        assert other.asked == []


async def test_nobody_there_is_told_as_no_connection() -> None:
    async with transport() as opened:
        with pytest.raises(stripe.APIConnectionError):
            await post(opened, "http://127.0.0.1:1/")


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


async def test_only_a_certificate_that_is_trusted_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(path)
    async with provider(saying(WHOLE), own) as found:
        async with transport(plain=False) as opened:
            with pytest.raises(stripe.APIConnectionError):
                await post(opened, found.url)
            assert found.asked == []
        monkeypatch.setattr(stripe, "ca_bundle_path", str(path))
        async with transport(plain=False) as opened:
            assert await post(opened, found.url) == (b"{}", 200)
