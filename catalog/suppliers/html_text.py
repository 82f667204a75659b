"""Turns the HTML of a supplier's texts into plain text, whatever the supplier sends.

A scanner of one pass and linear time, with the rules by which a browser finds the end of a tag.
What it gives out never holds anything that a browser would take for markup.
"""

import html
import re

PASSES_MAX = 3
"""Texts are often escaped twice: what turns up as markup afterwards is read once more."""

_OPENING = re.compile("<(?=[A-Za-z/!?])")
_TAG_NAME = re.compile("/?([A-Za-z][A-Za-z0-9-]*)")
_TAG_STEP = re.compile(r""">|=[ \t\r\n\f]*(["'])""")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PADDED_BREAK = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")

_UNSHOWN = frozenset(
    {"script", "style", "template", "iframe", "noscript", "object", "svg", "math", "head", "title"}
    | {"textarea", "xmp", "noembed", "noframes", "select"}
)
_BEFORE = {
    **dict.fromkeys(("br", "tr", "dt", "dd", "caption"), "\n"),
    "li": "\n\u2022 ",
    "td": " ",
    "th": " ",
}
"""What stands before the content of an element."""
_PARAGRAPHS = frozenset(
    {"p", "div", "ul", "ol", "dl", "table", "section", "article", "header", "footer", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "address", "form", "main"}
)


def plain_text(text: str) -> str:
    """Give the text that a reader of this HTML would see; a text without markup stays as it is.

    Paragraphs, lines and list items stand on lines of their own. Scripts and the like are dropped,
    and so is whatever follows a tag that does not end.
    """
    return _read(text)[0]


def whole_text(text: str) -> str | None:
    """Give the same text; None when a part of it would be dropped for a tag that does not end."""
    shown, is_whole = _read(text)
    return shown if is_whole else None


def has_markup(text: str) -> bool:
    """Tell whether a text has what may be read as markup."""
    return _OPENING.search(text) is not None


def _read(text: str) -> tuple[str, bool]:
    """Read the text of a source, and tell whether every tag in it came to an end."""
    is_whole = True
    for _ in range(PASSES_MAX):
        if not has_markup(text):
            unescaped = html.unescape(text)
            if not has_markup(unescaped):
                return unescaped, is_whole
            text = unescaped
        text, ends = _without_tags(text)
        is_whole = is_whole and ends
    left = html.unescape(text)
    return _OPENING.sub("\u2039", left), is_whole and not has_markup(left)


def _without_tags(text: str) -> tuple[str, bool]:
    is_whole = False
    parts: list[str] = []
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        parts.append(_shown(text[at : opening.start()]))
        name, is_end, after = _tag(text, opening.end())
        if after is None:
            break
        at = after
        if name in _UNSHOWN and not is_end:
            closing = re.compile(f"</{name}", re.IGNORECASE | re.ASCII).search(text, at)
            if closing is None:
                break
            at = closing.start()
        elif name in _PARAGRAPHS:
            parts.append("\n\n")
        elif name in _BEFORE and not is_end:
            parts.append(_BEFORE[name])
    else:
        parts.append(_shown(text[at:]))
        is_whole = True
    lines = _PADDED_BREAK.sub("\n", "".join(parts))
    return _EMPTY_LINES.sub("\n\n", lines).strip(" \n"), is_whole


def _shown(text: str) -> str:
    """Blanks of the source are one blank; those that were written as entities stay."""
    return html.unescape(_BLANKS.sub(" ", text))


def _tag(text: str, at: int) -> tuple[str, bool, int | None]:
    """Read the tag behind its `<`: its name, whether it ends something, and where it is over."""
    if text.startswith("!--", at):
        # A browser lets a comment end at once, as in <!-->.
        over = text.find("-->", at + 1)
        return "", False, None if over < 0 else over + 3
    named = _TAG_NAME.match(text, at)
    if named is None:
        over = text.find(">", at)
        return "", False, None if over < 0 else over + 1
    after = named.end()
    while (step := _TAG_STEP.search(text, after)) is not None:
        after = step.end()
        if step[1] is None:
            return named[1].lower(), text[at] == "/", after
        after = text.find(step[1], after) + 1
        if after == 0:
            break
    return "", False, None
