"""Nothing inside is ever reached, and the address that was checked is the one connected to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from catalog.suppliers import (
    AddressRefused,
    PublicTransport,
    SupplierBusy,
    check_public_addresses,
    check_public_url,
    open_public_client,
)

PUBLIC = "93.184.216.34"

REFUSED_URLS = [
    "http://feeds.example.com/a.csv",
    "ftp://feeds.example.com/a.csv",
    "file:///etc/passwd",
    "gopher://feeds.example.com/",
    "//feeds.example.com/a.csv",
    "feeds.example.com/a.csv",
    "",
    "https://",
    "https:///a.csv",
    "https://user@feeds.example.com/",
    "https://user:secret@feeds.example.com/",
    "https://:@feeds.example.com/",
    "https://feeds.example.com@127.0.0.1/",
    "https://127.0.0.1\\@feeds.example.com/",
    "https://feeds.example.com/#part",
    "https://localhost/",
    "https://localhost./",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.0x1/",
    "https://0/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://93.184.216.34/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[2606:2800:220:1::1]/",
    "https://127.0.0.1.:443/",
    "https://１２７.0.0.1/",
    "https://feeds。example.com/",
    "https://feeds.example.com:22/",
    "https://feeds.example.com:80/",
    "https://feeds.example.com:99999/",
    "https://feeds.example.com:abc/",
    "https://feeds..example.com/",
    "https://-feeds.example.com/",
    "https://feeds_x.example.com/",
    "https://feeds.example.com /",
    "https://feeds.example.com/\r\nHost: inside",
    "https://feeds.example.com/\x00",
    "https://feeds.example.1/",
    "https://" + "a." * 130 + "com/",
    "https://feeds.example.com/" + "a" * 2_000,
]

INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.216.34",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:a00:1::1",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "no address",
]


class Answers:
    """A resolver that has one answer after the other, and remembers what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


class Recorder(httpx2.AsyncBaseTransport):
    """Stands where connections are made, and remembers what would have been sent."""

    def __init__(self) -> None:
        self.sent: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return httpx2.Response(200)


async def get(url: str, resolve: Any, recorder: httpx2.AsyncBaseTransport) -> httpx2.Response:
    transport = PublicTransport(resolve=resolve, inner=recorder)
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
        return await client.get(url)


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_an_address_that_is_not_public_https_by_name_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_public_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://feeds.example.com/a.csv?x=1",
        "https://feeds.example.com:8443/",
        "https://FEEDS.example.com:443",
        "https://xn--mgbh0fb.xn--mgberp4a5d4ar/",
        "https://10.example.com/",
    ],
)
def test_a_public_name_is_taken(url: str) -> None:
    check_public_url(url)


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        recorder, resolve = Recorder(), Answers(found)
        with pytest.raises(AddressRefused):
            await get("https://feeds.example.com/a.csv", resolve, recorder)
        assert (recorder.sent, len(resolve.asked)) == ([], 1)


def test_public_addresses_are_taken_once_each() -> None:
    found = check_public_addresses([PUBLIC, "2606:4700::1111", PUBLIC])
    assert found == [PUBLIC, "2606:4700::1111"]
    with pytest.raises(AddressRefused):
        check_public_addresses([])


async def test_the_checked_address_is_connected_to_under_the_name() -> None:
    recorder = Recorder()
    # The second answer would lead inside: it is never asked for.
    resolve = Answers([PUBLIC], ["127.0.0.1"])
    await get("https://feeds.example.com:8443/a.csv?x=1", resolve, recorder)
    (request,) = recorder.sent
    assert str(request.url) == f"https://{PUBLIC}:8443/a.csv?x=1"
    assert request.headers["host"] == "feeds.example.com:8443"
    assert request.extensions["sni_hostname"] == "feeds.example.com"
    assert resolve.asked == [("feeds.example.com", 8443)]


async def test_each_request_is_checked_anew() -> None:
    recorder, resolve = Recorder(), Answers([PUBLIC], ["10.0.0.1"])
    transport = PublicTransport(resolve=resolve, inner=recorder)
    async with httpx2.AsyncClient(transport=transport) as client:
        await client.get("https://feeds.example.com/")
        with pytest.raises(AddressRefused):
            await client.get("https://feeds.example.com/")
    assert len(recorder.sent) == 1


async def test_a_redirect_is_not_followed_even_to_a_public_host() -> None:
    class Redirecting(Recorder):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await super().handle_async_request(request)
            return httpx2.Response(302, headers={"Location": "https://other.example.com/"})

    recorder = Redirecting()
    answer = await get("https://feeds.example.com/", Answers([PUBLIC]), recorder)
    assert (answer.status_code, len(recorder.sent)) == (302, 1)


async def test_a_client_that_follows_checks_every_step() -> None:
    class Inward(Recorder):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await super().handle_async_request(request)
            return httpx2.Response(302, headers={"Location": "https://127.0.0.1/"})

    recorder = Inward()
    transport = PublicTransport(resolve=Answers([PUBLIC]), inner=recorder)
    async with httpx2.AsyncClient(transport=transport, follow_redirects=True) as client:
        with pytest.raises(AddressRefused):
            await client.get("https://feeds.example.com/")
    assert len(recorder.sent) == 1


async def test_loopback_is_reached_by_a_trusted_origin_alone() -> None:
    recorder = Recorder()
    trusted = frozenset({"http://127.0.0.1:4010"})
    transport = PublicTransport(trusted_origins=trusted, inner=recorder)
    async with httpx2.AsyncClient(transport=transport) as client:
        await client.get("http://127.0.0.1:4010/feed.csv")
        for url in (
            "http://127.0.0.1:4011/feed.csv",
            "https://127.0.0.1:4010/feed.csv",
            "http://127.0.0.1/",
            "http://127.0.0.1:4010@127.0.0.1:22/",
        ):
            with pytest.raises(AddressRefused):
                await client.get(url)
    assert len(recorder.sent) == 1


async def test_a_name_that_does_not_exist_is_a_supplier_that_cannot_be_reached() -> None:
    async with open_public_client() as client:
        with pytest.raises(SupplierBusy):
            await client.get("https://feeds.example.invalid/")


# Over real TLS: a server whose certificate is for one name, at an address that stands for a public
# one. The network backend notes where a connection was to go, and leads it to the server.


class Rerouted(httpcore2.AsyncNetworkBackend):
    def __init__(self, port: int) -> None:
        self.port = port
        self.wanted: list[tuple[str, int]] = []
        self._real = httpcore2.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        self.wanted.append((host, port))
        return await self._real.connect_tcp("127.0.0.1", self.port, *args, **kwargs)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return folder / "cert.pem", folder / "key.pem"


@asynccontextmanager
async def tls_server(folder: Path, names: list[str | None]) -> AsyncIterator[tuple[int, Path]]:
    cert, key = certificate_for("feeds.example.com", folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        host = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"host:"))
        body = host.split(b":", 1)[1].strip()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], cert


@pytest.mark.parametrize(("name", "is_theirs"), [("feeds", True), ("other", False)])
async def test_tls_is_with_the_name_and_not_with_the_address(
    tmp_path: Path, name: str, *, is_theirs: bool
) -> None:
    names: list[str | None] = []
    async with tls_server(tmp_path, names) as (port, cert):
        inner = httpx2.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=cert))
        backend = Rerouted(port)
        inner._pool._network_backend = backend  # type: ignore[attr-defined]
        asking = get(f"https://{name}.example.com/a.csv", Answers([PUBLIC]), inner)
        if is_theirs:
            assert (await asking).text == "feeds.example.com"
        else:
            with pytest.raises(httpx2.ConnectError):
                await asking
        assert backend.wanted == [(PUBLIC, 443)]
        assert names == [f"{name}.example.com"]
