"""HTML becomes the text that a reader would see, and never markup again."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.suppliers.html_text import has_markup, plain_text, whole_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("Show the card.\nThen pay.", "Show the card.\nThen pay."),
        ("a < b and b > c, 5<6", "a < b and b > c, 5<6"),
        ("Fish &amp; chips &lt; 5&nbsp;\u20ac", "Fish & chips < 5\u00a0\u20ac"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<P CLASS=x>One<BR/>Two<br>Three</P>", "One\nTwo\nThree"),
        ("<ol><li>Open</li><li>Choose</li></ol>Done", "\u2022 Open\n\u2022 Choose\n\nDone"),
        ("<b>bold</b> and\n   <i>thin</i>", "bold and thin"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<SCRIPT src=x>alert('<p>')</ScRiPt >b", "ab"),
        ("a<script>alert(1)", "a"),
        ("a<style>p{}</style><!-- <p>hidden --> b", "a b"),
        ("a<!-->b", "ab"),
        ("a<!-- b", "a"),
        ("<a title=\"x > y\" href='z>'>link</a>", "link"),
        ('<a title = "it\'s">link</a>', "link"),
        ("<p it's>kept</p>", "kept"),
        ("a<b", "a"),
        ('a<p title="b>c', "a"),
        ("a</p b>c<?php echo 1 ?>d<!DOCTYPE html>e<![CDATA[f]]>g", "a\n\ncdeg"),
        (
            "<p dir=rtl>\u0627\u0641\u062a\u062d<br>\u062b\u0645</p>",
            "\u0627\u0641\u062a\u062d\n\u062b\u0645",
        ),
        ("&lt;p&gt;One&lt;/p&gt;", "One"),
        ("<div>&lt;b&gt;twice&lt;/b&gt;</div>", "twice"),
        # Escaped more often than anybody reads: the last mark is no longer that of a tag.
        ("<i>&lt;i&gt;&amp;lt;i&amp;gt;&amp;amp;lt;i&amp;amp;gt;x", "\u2039i>x"),
        ("<<!---->script>alert(1)<<!---->/script>", ""),
        ("&amp;amp;lt;i&amp;amp;gt;x", "&amp;lt;i&amp;gt;x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ],
)
def test_text_is_what_a_reader_sees(source: str, text: str) -> None:
    assert plain_text(source) == text


@pytest.mark.parametrize(
    "source",
    ["<script", "a <b", "&amp;lt;&lt;b", "<a <b", "a<script>b", "a<!-- b", 'a<p title="b>c'],
)
def test_text_that_would_lose_something_is_not_whole(source: str) -> None:
    assert whole_text(source) is None
    assert not has_markup(plain_text(source))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("1 < 2 and b > a", "1 < 2 and b > a"),
        ("<p>One</p>", "One"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("a<!-- note --><script>x</script>b", "ab"),
        ('<a href="https://x.example.com?a=1&amp;b=2">here</a>', "here"),
    ],
)
def test_whole_text_is_the_same_as_plain_text(source: str, text: str) -> None:
    assert (whole_text(source), plain_text(source)) == (text, text)


class Tags(HTMLParser):
    """An independent judge of what is markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)


def markup_in(text: str) -> list[str]:
    judge = Tags()
    judge.feed(text)
    judge.close()
    return judge.found


PIECES = [
    *("<", ">", "&lt;", "&gt;", "&amp;", "&#60;", "&#x3c", "/", "!", "--", "<!--", "-->", "="),
    *("script", "p", "li", "<script>", "</script>", "<p>", "</p>", '"', "'", "<br", "&lt", "?"),
    *("&nbsp;", "[CDATA[", "svg", "<svg/onload=x>", "\u0130", "\u017fcript", "a", " ", "\n"),
]
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(pieces, st.text(max_size=60)))
def test_no_source_leaves_markup(source: str) -> None:
    assert markup_in(plain_text(source)) == []


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<!--", "<!---->", "<script>", "</", '<a b="', '<a b=">', "&lt;", "<p x='>"],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    source = piece * (400_000 // len(piece))
    start = time.process_time()
    plain_text(source)
    assert time.process_time() - start < 5
