"""Texts with markup become plain text, or are said to have markup that is not whole."""

import time

import pytest

from catalog.suppliers.markup import has_markup, plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<ol><li>one</li>\r\n<li>two</li></ol>", "one\ntwo"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ('<a href="https://x.example.com?a=1&amp;b=2">here</a>', "here"),
        ("Home &amp; Living", "Home & Living"),
        ("a&nbsp;&nbsp; b", "a b"),
        ("1 < 2 and b > a", "1 < 2 and b > a"),
        ("worth < paid", "worth < paid"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("<!-- note -->x", "x"),
        ("بطاقة <b>هدية</b>", "بطاقة هدية"),
    ],
)
def test_tags_are_dropped_and_lines_kept(text: str, plain: str) -> None:
    assert plain_text(text) == plain
    assert not has_markup(plain)


@pytest.mark.parametrize("text", ["<script", "a <b", "&amp;lt;&lt;b", "<a <b"])
def test_markup_that_is_not_whole_is_said(text: str) -> None:
    assert plain_text(text) is None


def test_hostile_markup_takes_no_longer_than_it_is_long() -> None:
    for text in ("<" * 20_000, "<a" * 10_000, "&" * 20_000, "<p " * 7_000, "&#" * 10_000):
        start = time.perf_counter()
        plain_text(text)
        assert time.perf_counter() - start < 1.0
