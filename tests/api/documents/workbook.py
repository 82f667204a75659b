"""Reading a workbook back with nothing but zip and XML, as other programs see it."""

import io
import zipfile

from defusedxml import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Cell = tuple[str, str]
"""How a cell is typed (`n` a number, `s` a text, `f` a formula) and what it holds."""


def sheets_of(document: bytes) -> dict[str, list[list[Cell]]]:
    """The rows of each sheet by its name, a row being its cells from the first on."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        names = [one.attrib["name"] for one in book.iter(f"{_MAIN}sheet")]
        return {
            name: _rows(archive.read(f"xl/worksheets/sheet{number}.xml"))
            for number, name in enumerate(names, start=1)
        }


def is_right_to_left(document: bytes) -> list[bool]:
    """Whether each sheet runs from right to left."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        found = sorted(one for one in archive.namelist() if one.startswith("xl/worksheets/sheet"))
        views = [
            ElementTree.fromstring(archive.read(one)).find(f".//{_MAIN}sheetView") for one in found
        ]
        return [view.attrib.get("rightToLeft") == "1" for view in views]


def part_of(document: bytes, name: str) -> str:
    """One file of the archive as text."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return archive.read(name).decode()


def _rows(sheet: bytes) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for row in ElementTree.fromstring(sheet).iter(f"{_MAIN}row"):
        cells: dict[int, Cell] = {}
        for cell in row.iter(f"{_MAIN}c"):
            column = _column(cell.attrib["r"])
            if cell.find(f"{_MAIN}f") is not None:
                cells[column] = ("f", "")
            elif cell.attrib.get("t") == "inlineStr":
                cells[column] = ("s", "".join(one.text or "" for one in cell.iter(f"{_MAIN}t")))
            else:
                value = cell.find(f"{_MAIN}v")
                cells[column] = ("n", "" if value is None else value.text or "")
        number = int(row.attrib["r"])
        rows += [[] for _ in range(number - 1 - len(rows))]
        rows.append([cells.get(at, ("", "")) for at in range(max(cells, default=-1) + 1)])
    return rows


def _column(place: str) -> int:
    number = 0
    for sign in place.rstrip("0123456789"):
        number = number * 26 + ord(sign) - ord("A") + 1
    return number - 1
