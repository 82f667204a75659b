"""Intakes: files of purchases on their way into the books."""

from partners.intakes.close_intake import close_intake
from partners.intakes.errors import (
    FileUnreadable,
    InstantUnreadable,
    IntakeNotFound,
    LineIncomplete,
    TextUnreadable,
)
from partners.intakes.model import (
    CHUNK_LINES,
    CHUNK_LINES_MAX,
    Chunk,
    Format,
    Intake,
    IntakeState,
    RefusedLine,
    chunks_of,
    read_format,
    read_lines,
    shown_name,
)
from partners.intakes.open_intake import open_intake
from partners.intakes.queries import (
    get_intake,
    list_intakes,
    list_refused_lines,
    list_taken_chunks,
    read_intakes,
)
from partners.intakes.take_chunk import take_chunk

__all__ = [
    "CHUNK_LINES",
    "CHUNK_LINES_MAX",
    "Chunk",
    "FileUnreadable",
    "Format",
    "InstantUnreadable",
    "Intake",
    "IntakeNotFound",
    "IntakeState",
    "LineIncomplete",
    "RefusedLine",
    "TextUnreadable",
    "chunks_of",
    "close_intake",
    "get_intake",
    "list_intakes",
    "list_refused_lines",
    "list_taken_chunks",
    "open_intake",
    "read_format",
    "read_intakes",
    "read_lines",
    "shown_name",
    "take_chunk",
]
