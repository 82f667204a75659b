"""Where the documents of a statement are, for whoever may read it."""

from enum import Enum
from uuid import UUID

import strawberry

from api.graphql.nodes import id_of


@strawberry.enum(description="A form in which a statement may be had as a file.")
class StatementDocumentFormat(Enum):
    """The forms, each with the ending of its file."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


@strawberry.type(
    description="A statement as a file. All forms have the same totals; CSV, XLSX and PDF are in"
    " the language of `accept-language` or of `?locale=en` or `ar`; other languages are answered in"
    " English, and `content-language` says which it is."
)
class StatementDocument:
    """A document."""

    format: StatementDocumentFormat
    url: str = strawberry.field(
        description="The path on this server; GET it with the same access token."
    )


def list_documents(type_: str, network_id: int, key: UUID) -> list[StatementDocument]:
    """List the documents of a statement, or of an adjustment of one."""
    name = id_of(type_, network_id, key)
    return [
        StatementDocument(format=one, url=f"/statements/{name}.{one.value}")
        for one in StatementDocumentFormat
    ]
