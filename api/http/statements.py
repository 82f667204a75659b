"""The documents of a statement over HTTP, for the partner it belongs to and for the staff."""

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from api.documents.csv_document import write_csv
from api.documents.heading import Heading
from api.documents.json_document import write_json
from api.documents.lines import read_lines
from api.documents.pdf_document import LayoutBusy, write_pdf
from api.documents.xlsx_document import write_xlsx
from api.graphql.context import Context
from api.graphql.languages import Spoken, spoken_for
from api.graphql.nodes import NODE_KINDS, load_one
from api.graphql.payouts.adjustments import AdjustmentStatement
from api.graphql.payouts.pages import key_or_none
from api.graphql.payouts.statement_documents import StatementDocumentFormat
from api.graphql.problems import show_problem
from api.http.callers import Reception
from api.http.request_guard import RequestRefused
from partners.networks import find_locale
from payouts.ledger import Movement
from payouts.reserves import ReserveDescription, describe_reserves
from payouts.settlement import (
    AdjustmentDescription,
    CertificateNotReady,
    NoCertificate,
    Statement,
    StatementAltered,
    StatementDescription,
    certify_statement,
    describe_adjustment,
    describe_statement,
)

PATH = "/statements/{name}"
CHUNK_BYTES = 65_536
IN_MEMORY_BYTES = 1_048_576
CERTIFICATE = ".certificate"
PublishedKeys = Callable[[], Sequence[Mapping[str, str]]]
Write = Callable[[Heading, AsyncIterator[Movement]], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a form is written; `is_whole` says that its bytes are all there before the first goes."""

    media_type: str
    write: Write
    is_whole: bool
    is_in_a_language: bool = True


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMS = {
    StatementDocumentFormat.JSON: _Form("application/json", write_json, False, False),
    StatementDocumentFormat.CSV: _Form("text/csv; charset=utf-8; header=present", write_csv, False),
    StatementDocumentFormat.XLSX: _Form(_XLSX, write_xlsx, True),
    StatementDocumentFormat.PDF: _Form("application/pdf", write_pdf, True),
}


def statement_route(reception: Reception, published_keys: PublishedKeys) -> Route:
    """Lay /statements/ID.FORM, and /statements/ID.certificate with the keys that signed it."""

    async def download(request: Request) -> Response:
        try:
            context = await reception.receive(request)
            try:
                if request.path_params["name"].endswith(CERTIFICATE):
                    return await _certify(request, context, published_keys())
                return await _answer(request, context)
            finally:
                await context.close()
        except RequestRefused as refused:
            return JSONResponse(
                {"errors": [{"message": refused.message, "extensions": {"code": refused.code}}]},
                refused.status,
                headers={"cache-control": "no-store", **refused.headers},
            )

    return Route(PATH, download, methods=["GET"])


async def _answer(request: Request, context: Context) -> Response:
    _admit(context)
    locale = _locale(request, context)
    name, _, ending = request.path_params["name"].rpartition(".")
    form = next((one for one in StatementDocumentFormat if one.value == ending), None)
    # The caller's own scope decides whether there is such a statement at all.
    shown = await _find(context, name)
    if form is None or shown is None:
        raise _not_found(locale)
    network = await load_one(context, "Network", UUID(int=context.network_id))
    partner = await load_one(context, "Partner", shown.shown.partner_id)
    described, held = await _describe(context, shown, locale)
    heading = Heading(described, network.shown.name, partner.shown.name, locale, held)
    # The request's snapshot ends here: the lines are read page by page while they are sent.
    await context.close()
    lines = read_lines(context.database, context.scope, described)
    chosen = _FORMS[form]
    headers = _headers(heading, form, chosen)
    if request.method == "HEAD":
        return StreamingResponse(_nothing(), headers=headers, media_type=chosen.media_type)
    chunks = chosen.write(heading, lines)
    if chosen.is_whole:
        chunks = await _collect(chunks, headers, locale)
    return StreamingResponse(chunks, headers=headers, media_type=chosen.media_type)


async def _certify(
    request: Request, context: Context, keys: Sequence[Mapping[str, str]]
) -> Response:
    _admit(context)
    locale = _locale(request, context)
    name = request.path_params["name"].removesuffix(CERTIFICATE)
    shown = await load_one(context, "Statement", key_or_none(context, name, "Statement"))
    if shown is None:
        raise _not_found(locale)
    # Its own scope showed the partner this statement; journals and blocks are the network's.
    async with context.database.reading(context.network_id) as db:
        try:
            text = await certify_statement(
                db,
                network_id=context.network_id,
                statement_id=shown.shown.statement_id,
                partner_id=context.known_caller.partner_id,
                keys=keys,
            )
        except (CertificateNotReady, NoCertificate) as refused:
            problem = show_problem(type(refused).__name__, refused.facts, (), locale.value)
            raise RequestRefused(409, problem.code.value, problem.message) from None
    return Response(
        text,
        headers={
            "content-disposition": f'attachment; filename="certificate-{shown.number:06d}.json"',
            "cache-control": "private, no-store",
            "vary": "accept-language, authorization",
        },
        media_type="application/json",
    )


def _admit(context: Context) -> None:
    if context.caller is None:
        raise RequestRefused(
            401,
            "UNAUTHENTICATED",
            "Send an access token: Authorization: Bearer …",
            headers={"www-authenticate": 'Bearer realm="mizan"'},
        )
    if not NODE_KINDS["Statement"].audience.admits(context.caller):
        raise RequestRefused(403, "FORBIDDEN", "This caller may not read this.")


def _locale(request: Request, context: Context) -> Spoken:
    """Tell the language of the words; other languages than ours are answered in English."""
    given = request.query_params.getlist("locale")
    if not given:
        return Spoken(context.locale)
    asked = find_locale(given[0]) if len(given) == 1 else None
    if asked is None:
        raise RequestRefused(
            400, "BAD_ARGUMENT", "`locale` is one BCP 47 tag of a language, such as en or ar."
        )
    return spoken_for([asked])


async def _find(context: Context, name: str) -> Any:
    key = key_or_none(context, name, "AdjustmentStatement")
    if key is not None:
        return await load_one(context, "AdjustmentStatement", key)
    return await load_one(context, "Statement", key_or_none(context, name, "Statement"))


async def _describe(
    context: Context, shown: Any, locale: Spoken
) -> tuple[StatementDescription | AdjustmentDescription, ReserveDescription | None]:
    # Which cycle it is of stands in every document alike, and a partner's scope does not see that:
    # the whole network's is taken for this statement of this partner, which its own scope showed.
    network_id, partner_id = context.network_id, context.known_caller.partner_id
    async with context.database.reading(network_id) as db:
        try:
            if isinstance(shown, AdjustmentStatement):
                adjustment = await describe_adjustment(
                    db,
                    network_id=network_id,
                    adjustment_id=shown.shown.adjustment_id,
                    partner_id=partner_id,
                )
                return adjustment, None
            described = await describe_statement(
                db,
                network_id=network_id,
                statement_id=shown.shown.statement_id,
                partner_id=partner_id,
            )
            held = await describe_reserves(db, network_id=network_id, described=described)
            return described, held
        except StatementAltered:
            raise _altered(locale) from None


async def _collect(
    chunks: AsyncIterator[bytes], headers: dict[str, str], locale: Spoken
) -> AsyncIterator[bytes]:
    """Have a document whole, on the disk when it is long, and say its length and digest."""
    file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 closed when it was sent
    digest = sha256()
    try:
        async for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    except StatementAltered:
        file.close()
        raise _altered(locale) from None
    except LayoutBusy:
        file.close()
        raise RequestRefused(
            503, "TOO_MANY_AT_ONCE", "Ask again in a moment.", headers={"retry-after": "10"}
        ) from None
    except BaseException:
        file.close()
        raise
    headers["content-length"] = str(file.tell())
    headers["repr-digest"] = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    file.seek(0)
    return _send(file)


async def _send(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


def _headers(heading: Heading, form: StatementDocumentFormat, chosen: _Form) -> dict[str, str]:
    one = heading.statement
    if isinstance(one, Statement):
        version = f"-v{one.version}" if one.version > 1 else ""
        stem = f"statement-{one.number:06d}{version}"
    else:
        stem = f"adjustment-{one.number:06d}"
    name = f"{stem}-{one.currency}.{form.value}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
        "vary": "accept-language, authorization",
    }
    if chosen.is_in_a_language:
        headers["content-language"] = heading.locale.value
    return headers


def _not_found(locale: Spoken) -> RequestRefused:
    return _refusal(404, "StatementNotFound", locale)


def _altered(locale: Spoken) -> RequestRefused:
    return _refusal(409, "StatementAltered", locale)


def _refusal(status: int, name: str, locale: Spoken) -> RequestRefused:
    shown = show_problem(name, {}, (), locale.value)
    return RequestRefused(status, shown.code.value, shown.message)
