"""HTML: one page's content, without the site round it."""

from __future__ import annotations

import codecs
import re

import pytest
from bs4 import BeautifulSoup

from ingest.blocks import BlockKind, DropReason, Loaded
from ingest.loading.html import load_html
from ingest.loading.unreadable import Unreadable

SITE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Good neighbours | House of guides</title>
<style>p { color: black }</style></head><body class="cookie-banner-shown">
<div id="cookie-banner">We use cookies. <button>Accept</button></div>
<a class="skip-link" href="#main">Skip to the text</a>
<header><p>House of guides</p></header>
<nav aria-label="Menu"><ul><li><a href="/">Home</a></li></ul></nav>
<main id="main"><h1>Good neighbours</h1><p>Ask <b>be</b>fore you decide.</p>
<section id="consent"><h2>Consent</h2><p>Both sides agree.</p></section>
<aside>Other guides</aside></main>
<footer>Published by the House</footer><script>let hidden = "words";</script></body></html>"""


def test_only_the_content_of_the_page_is_in_blocks() -> None:
    assert [b.text for b in load_html(SITE.encode()).blocks] == [
        "Good neighbours",
        "Ask before you decide.",
        "Consent",
        "Both sides agree.",
    ]


def test_what_stands_round_the_content_is_dropped_as_navigation() -> None:
    dropped = {d.text for d in load_html(SITE.encode()).dropped if d.reason is DropReason.NAVIGATION}
    assert dropped == {
        "We use cookies. Accept",
        "Skip to the text",
        "House of guides",
        "Home",
        "Other guides",
        "Published by the House",
    }


def test_every_word_that_is_shown_is_in_a_block_or_dropped() -> None:
    loaded = load_html(SITE.encode())
    soup = BeautifulSoup(SITE, "lxml")
    for unseen in soup.find_all(["script", "style"]):
        unseen.decompose()
    shown = words(re.sub(r"\bbe fore\b", "before", soup.get_text(" ")))
    assert shown <= words(" ".join([*(b.text for b in loaded.blocks), *(d.text for d in loaded.dropped)]))


def test_headings_have_levels_below_the_title_without_gaps() -> None:
    loaded = page("<h1>Guide</h1><h2>Talk</h2><p>a</p><h4>By letter</h4><p>b</p><h2>Pay</h2><p>c</p>")
    assert headings(loaded) == [("Guide", 1), ("Talk", 1), ("By letter", 2), ("Pay", 1)]
    assert loaded.title == "Guide"


def test_title_of_the_page_counts_when_it_has_no_heading() -> None:
    assert load_html(b"<title>Guide</title><p>Both sides agree.</p>").title == "Guide"


def test_title_in_the_head_of_a_simple_page_is_kept() -> None:
    loaded = page("<header><h1>Guide</h1><p>by the House</p></header><p>Both sides agree.</p>")
    assert [b.text for b in loaded.blocks] == ["Guide", "Both sides agree."]
    assert [d.text for d in loaded.dropped] == ["by the House"]


def test_items_have_their_marks_and_nesting() -> None:
    loaded = page(
        '<ol><li>Talk<ul><li>early</li><li>often<p>even twice</p></li></ul></li><li value="5">Pay</li></ol>'
        '<ol type="a" start="3"><li>third</li></ol><ul><li>1.1 numbered by hand</li></ul>'
    )
    assert [(b.kind.value, b.text, b.level) for b in loaded.blocks] == [
        ("list_item", "1. Talk", 1),
        ("list_item", "- early", 2),
        ("list_item", "- often", 2),
        ("paragraph", "even twice", 1),
        ("list_item", "5. Pay", 1),
        ("list_item", "c. third", 1),
        ("list_item", "1.1 numbered by hand", 1),
    ]


def test_table_rows_know_their_columns_through_merged_cells() -> None:
    loaded = page(
        "<table><caption>Answers</caption>"
        "<tr><th rowspan=2>Body</th><th colspan=2>Days</th></tr><tr><th>letters</th><th>calls</th></tr>"
        "<tr><td rowspan=2>Town hall</td><td>10</td><td>1</td></tr><tr><td colspan=2>none at night</td></tr></table>"
    )
    assert [(b.text, b.is_header) for b in loaded.blocks] == [
        ("Answers", False),
        ("Body\tDays\t", True),
        ("Body\tletters\tcalls", True),
        ("Town hall\t10\t1", False),
        ("Town hall\tnone at night\t", False),
    ]
    assert loaded.blocks[-1].columns == ("Body", "Days letters", "Days calls")


def test_rows_that_are_named_at_their_left_have_no_column_names() -> None:
    loaded = page("<table><tr><th>Place</th><td>Town</td></tr><tr><th>Year</th><td>2011</td></tr></table>")
    assert [(b.text, b.columns, b.is_header) for b in loaded.blocks] == [
        ("Place\tTown", ("", ""), False),
        ("Year\t2011", ("", ""), False),
    ]


def test_table_that_only_places_things_is_read_as_text() -> None:
    loaded = page("<table><tr><td><h2>Talk</h2><p>Early.</p></td><td><p>Late.</p></td></tr></table>")
    assert texts(loaded, BlockKind.PARAGRAPH) == ["Early.", "Late."]


def test_footnotes_keep_their_numbers_and_lose_their_links_back() -> None:
    loaded = page(
        '<p>Give notice<sup><a href="#fn1">1</a></sup> in writing.</p><section role="doc-endnotes"><ol>'
        '<li id="fn1"><p>Counted in days. <a href="#r1">↩</a></p><p>Not hours.</p></li>'
        "<li>Or weeks.</li></ol></section>"
    )
    assert texts(loaded, BlockKind.PARAGRAPH) == ["Give notice¹ in writing."]
    assert texts(loaded, BlockKind.FOOTNOTE) == ["¹ Counted in days. Not hours.", "² Or weeks."]


def test_contents_list_in_the_page_is_dropped_with_its_title() -> None:
    links = '<ul><li><a href="#t">Talk</a></li><li><a href="#p">Pay</a></li></ul>'
    loaded = page(f'<main><h1>Guide</h1><h2>Contents</h2>{links}<h2 id="t">Talk</h2><p>Early.</p></main>')
    assert {(d.text, d.reason) for d in loaded.dropped} == {
        ("Contents", DropReason.CONTENTS_LIST),
        ("Talk Pay", DropReason.CONTENTS_LIST),
    }
    assert headings(loaded) == [("Guide", 1), ("Talk", 1)]


def test_what_a_browser_does_not_show_is_dropped_as_markup() -> None:
    loaded = page(
        '<p>Shown.</p><p hidden>Hidden.</p><p style="display: none">Gone.</p><noscript>Old browser.</noscript>'
    )
    assert [b.text for b in loaded.blocks] == ["Shown."]
    assert {d.reason for d in loaded.dropped} == {DropReason.MARKUP}
    assert [d.text for d in loaded.dropped] == ["Hidden.", "Gone.", "Old browser."]


def test_the_only_article_is_the_content_when_it_is_most_of_the_page() -> None:
    text = "Both sides agree on what they do, and write it down for those who come after them."
    assert [b.text for b in page(f"<p>Ad</p><article><p>{text}</p></article>").blocks] == [text]
    assert len(page(f"<p>{text}</p><article><p>In brief.</p></article>").blocks) == 2


def test_title_above_the_content_is_kept() -> None:
    loaded = page("<div><h1>Guide</h1><p>Share this</p></div><main><h2>Talk</h2><p>Early.</p></main>")
    assert headings(loaded) == [("Guide", 1), ("Talk", 1)]
    assert [d.text for d in loaded.dropped] == ["Share this"]


def test_elements_nested_deeper_than_the_stack_are_read() -> None:
    loaded = page("<div>" * 5000 + "<p>Deep down</p>" + "</div>" * 5000 + "<p>Up</p>")
    assert [b.text for b in loaded.blocks] == ["Deep down", "Up"]


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="windows-1252"><p>café – “yes”</p>'.encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><p>café – “yes”</p>'.encode("cp1252"),
        '<?xml version="1.0" encoding="windows-1252"?><html><body><p>café – “yes”</p></body></html>'.encode("cp1252"),
        "<p>café – “yes”</p>".encode(),
        codecs.BOM_UTF8 + "<p>café – “yes”</p>".encode(),
        "<p>café – “yes”</p>".encode("utf-16"),
    ],
)
def test_declared_charset_is_honoured(data: bytes) -> None:
    assert [b.text for b in load_html(data).blocks] == ["café – “yes”"]


def test_page_that_is_not_utf_8_is_refused_with_the_place() -> None:
    with pytest.raises(Unreadable) as refused:
        load_html("<p>café</p>".encode("latin-1"))
    assert "byte 6 is b'\\xe9'" in refused.value.what
    assert "Save it as UTF-8" in refused.value.remedy


def test_charset_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(Unreadable, match="'house-7'"):
        load_html(b'<meta charset="house-7"><p>Both.</p>')


@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"<html><body><script>let text = 1;</script></body></html>", b"<nav>Home</nav>"]
)
def test_page_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="no text"):
        load_html(data)


def test_text_without_any_tag_is_read() -> None:
    assert [b.text for b in load_html(b"notes.txt").blocks] == ["notes.txt"]


def page(body: str) -> Loaded:
    return load_html(f"<!DOCTYPE html><html><body>{body}</body></html>".encode())


def headings(loaded: Loaded) -> list[tuple[str, int]]:
    return [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.HEADING]


def texts(loaded: Loaded, kind: BlockKind) -> list[str]:
    return [b.text for b in loaded.blocks if b.kind is kind]


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))
