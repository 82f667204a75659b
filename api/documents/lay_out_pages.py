"""The program that lays out a statement: its content comes in as JSON, and pages go out.

It runs alone in a process of its own and reads neither clock nor network nor the system's fonts.
Arguments: the instant of the document in seconds since 1970, and the page to draw as PNG, or 0
for all of them as PDF.
"""

import sys
from pathlib import Path

import typst

_FOLDER = Path(__file__).parent


def main(issued_at: int, page: int) -> None:
    """Read the content, write the document."""
    content = sys.stdin.buffer.read().decode()
    compiler = typst.Compiler(
        _FOLDER / "statement.typ",
        root=_FOLDER,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[_FOLDER / "fonts"]),
        ignore_system_fonts=True,
    )
    made = compiler.compile(
        format="png" if page else "pdf",
        ppi=90,
        sys_inputs={"content": content},
        timestamp=issued_at,
    )
    assert made is not None, "it is given back when no file is named"
    sys.stdout.buffer.write(made[page - 1] if isinstance(made, list) else made)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
