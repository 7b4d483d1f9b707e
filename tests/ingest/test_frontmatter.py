"""What a file says of itself, and what is said of its mistakes."""

from __future__ import annotations

import pytest

from assistant.errors import CorpusInvalid
from assistant.values import Document, DocumentStatus, Kind, Theme
from ingest.loading.frontmatter import EXAMPLE, FrontMatter, has_front_matter, read_front_matter, read_sidecar

FIELDS = {
    "id": "wexley-2010",
    "title": '"Wexley: our Compact"',
    "kind": "guidance",
    "status": "historical",
    "basis": "our own digest",
}
AREAS = frozenset({"Wexley", "North Wexley", "Merton"})


def markdown(body: str = "# Text\n", /, **fields: str | None) -> str:
    """A file that is right, but for the fields given; None leaves one out."""
    lines = [f"{name}: {value}" for name, value in {**FIELDS, **fields}.items() if value is not None]
    return "\n".join(["---", *lines, "---", body])


def read(text: str) -> FrontMatter:
    return read_front_matter(text, where="a.md", areas=AREAS)


def only_mistake(text: str) -> str:
    [mistake] = read(text).mistakes
    return str(mistake)


def test_front_matter_becomes_a_document() -> None:
    found = read(
        markdown(
            publisher="Wexley Council",
            published="2010-12",
            area="Wexley",
            year="2008",
            themes="[volunteering, managing_change]",
            source_url="https://wexley.example/compact",
            in_force_from="2010",
        )
    )
    assert found.document() == Document(
        id="wexley-2010",
        title="Wexley: our Compact",
        publisher="Wexley Council",
        published="2010-12",
        kind=Kind.GUIDANCE,
        status=DocumentStatus.HISTORICAL,
        basis="our own digest",
        area="Wexley",
        year=2008,
        themes=(Theme.VOLUNTEERING, Theme.MANAGING_CHANGE),
        url="https://wexley.example/compact",
        in_force_from="2010",
    )


def test_body_and_the_line_it_begins_on_are_given() -> None:
    found = read(markdown("\n# Text\n"))
    assert (found.body, found.first_line) == ("\n# Text\n", 8)


@pytest.mark.parametrize("written", ["2010", "2010-12", "2010-12-14", '"2010-12"'])
def test_dates_stay_as_they_are_written(written: str) -> None:
    assert read(markdown(published=written)).fields["published"] == written.strip('"')


@pytest.mark.parametrize("value", ["no", "12", "1.50", "2010-12-14"])
def test_values_that_yaml_makes_something_else_of_stay_text(value: str) -> None:
    assert read(markdown(binds=value)).fields["binds"] == value


def test_a_value_over_several_lines_is_one_line() -> None:
    assert read(markdown(binds=">\n  nobody;\n  examples")).fields["binds"] == "nobody; examples"


def test_windows_line_ends_and_blank_lines_above_are_no_mistake() -> None:
    assert not read("\n" + markdown().replace("\n", "\r\n")).mistakes


def test_lines_of_fields_count_from_the_top_of_the_file() -> None:
    assert read("\n\n" + markdown()).lines["title"] == 5


def test_the_example_shown_is_itself_right() -> None:
    assert not read_front_matter(EXAMPLE + "\n", where="a.md", areas=None).mistakes


def test_missing_front_matter_shows_what_to_write() -> None:
    said = only_mistake("# Text\n")
    assert said.startswith("a.md:1: no front matter.")
    assert "    ---\n    id: " in said


def test_front_matter_that_does_not_end_is_told_where_it_begins() -> None:
    assert "a.md:1: the front matter that begins here does not end." in only_mistake("---\nid: a\n\n# Text\n")


def test_a_rule_further_down_is_not_front_matter() -> None:
    assert not has_front_matter("Text\n---\n")


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("title: Wexley: a Compact", "title: Wexley: a Compact"),
        ('title: "Wexley', 'title: "Wexley'),
        ("title: @wexley", "title: @wexley"),
        ("title: [Wexley", "title: [Wexley"),
        ("\ttitle: Wexley", "title: Wexley"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(line: str, seen: str) -> None:
    said = only_mistake(f"---\nid: a\n{line}\n---\nText\n")
    assert "this is not YAML" in said
    assert "double quotes" in said
    assert seen in said or said.startswith("a.md:4")


def test_a_quotation_mark_never_closed_is_told_where_it_opens() -> None:
    assert only_mistake('---\nid: a\ntitle: "Wexley\nkind: guidance\n---\n').startswith("a.md:3:")


def test_a_control_character_is_told_with_its_line() -> None:
    assert only_mistake("---\nid: a\ntitle: a\x01b\n---\n").startswith("a.md:3: this is not YAML: it holds the control")


def test_deeply_nested_brackets_are_a_mistake_not_a_crash() -> None:
    assert "too many brackets" in only_mistake(f"---\ntitle: {'[' * 5000}\n---\n")


def test_front_matter_as_long_as_a_book_is_not_read() -> None:
    assert "60,0" in only_mistake(f"---\ntitle: {'a' * 60_000}\n---\n")


@pytest.mark.parametrize("inside", ["- id\n- title", "just words", "? [id]\n: a"])
def test_what_is_not_fields_is_a_mistake(inside: str) -> None:
    assert "a.md:2" in [mistake.where for mistake in read(f"---\n{inside}\n---\n").mistakes]


def test_misspelt_field_suggests_the_right_one() -> None:
    said = only_mistake(markdown(jurisdicton="England"))
    assert "a.md:7: there is no field 'jurisdicton'." in said
    assert "Did you mean 'jurisdiction'?" in said


def test_field_like_no_other_lists_them_all() -> None:
    assert "The fields are id, title, publisher" in only_mistake(markdown(zzz="1"))


def test_a_field_given_twice_names_both_lines() -> None:
    said = only_mistake(markdown().replace("kind:", "title: Other\nkind:"))
    assert said.startswith("a.md:4: title stands here a second time; the first is on line 3.")


@pytest.mark.parametrize("name", ["id", "title", "kind", "status", "basis"])
def test_missing_field_shows_a_line_to_add(name: str) -> None:
    said = only_mistake(markdown(**{name: None}))
    assert said.startswith(f"a.md:1: {name} is missing.")
    assert f"`{name}: " in said


def test_empty_front_matter_lacks_every_required_field() -> None:
    assert len(read("---\n---\nText\n").mistakes) == 5


@pytest.mark.parametrize("value", ["", "~", '""', "null"])
def test_field_without_a_value_is_a_mistake(value: str) -> None:
    assert "a.md:7: licence has no value." in only_mistake(markdown(licence=value))


def test_wrong_kind_lists_the_right_ones() -> None:
    said = only_mistake(markdown(kind="leaflet"))
    assert "a.md:4: kind is 'leaflet'." in said
    assert "Use instrument, code, guidance, case-study, review or local-compact." in said


def test_wrong_status_lists_the_right_ones_and_explains_superseded() -> None:
    said = only_mistake(markdown(status="replaced"))
    assert "a.md:5: status is 'replaced'." in said
    assert "Use in-force, superseded or historical. If a later document replaces this one" in said


@pytest.mark.parametrize("value", ["Wexley-2010", "wexley_2010", "wexley 2010", "-wexley", "wéxley"])
def test_id_that_is_no_slug_is_given_one(value: str) -> None:
    said = only_mistake(markdown(id=value))
    assert f"a.md:2: id is '{value}'." in said
    assert "for example '" in said


@pytest.mark.parametrize("value", ["2026-02-30", "2026-13", "0000"])
def test_impossible_date_is_told_so(value: str) -> None:
    said = only_mistake(markdown(published=value))
    assert f"a.md:7: published is '{value}'. That date does not exist." in said
    assert "Use year-month-day, for example 2026-03-31" in said


@pytest.mark.parametrize("value", ["12/2010", "December 2010", "2010-1", "2010-12-14T10:00", "٢٠١٠"])
def test_what_is_no_date_is_told_so(value: str) -> None:
    assert f"a.md:7: published is '{value}'. That is not a date." in only_mistake(markdown(published=value))


@pytest.mark.parametrize(
    ("since", "until"), [("2010-12", "2010-11-30"), ("2011", "2010-12"), ("2010-12-15", "2010-12-14")]
)
def test_in_force_from_after_until_is_a_mistake(since: str, until: str) -> None:
    said = only_mistake(markdown(in_force_from=since, in_force_until=until))
    assert f"in_force_from is '{since}', which is after in_force_until '{until}'." in said


@pytest.mark.parametrize(("since", "until"), [("2010-12-14", "2010"), ("2010-12", "2010-12"), ("2010", "2010-12-01")])
def test_dates_known_less_exactly_may_overlap(since: str, until: str) -> None:
    assert not read(markdown(in_force_from=since, in_force_until=until)).mistakes


def test_unknown_area_suggests_the_nearest() -> None:
    said = only_mistake(markdown(area="Wexly"))
    assert "a.md:7: area is 'Wexly', which is no place we know." in said
    assert "Did you mean 'Wexley'" in said


def test_any_area_will_do_when_none_are_named() -> None:
    assert not read_front_matter(markdown(area="Wexly"), where="a.md", areas=None).mistakes


def test_unknown_theme_suggests_the_nearest() -> None:
    said = only_mistake(markdown(themes="[volunteers]"))
    assert "themes has 'volunteers', which is no theme." in said
    assert "Did you mean 'volunteering'?" in said


def test_themes_may_be_none_but_not_one_word() -> None:
    assert read(markdown(themes="[]")).fields["themes"] == ()
    assert "themes: [volunteering" in only_mistake(markdown(themes="volunteering"))


def test_superseded_without_successor_is_a_mistake() -> None:
    said = only_mistake(markdown(status="superseded"))
    assert "a.md:5: status is 'superseded', but no superseded_by says by what." in said


@pytest.mark.parametrize("status", ["in-force", "historical"])
def test_successor_of_what_is_not_superseded_is_a_mistake(status: str) -> None:
    said = only_mistake(markdown(status=status, superseded_by="wexley-2024"))
    assert f"a.md:7: superseded_by is 'wexley-2024', but status is '{status}'." in said


@pytest.mark.parametrize("value", ["www.wexley.example", "javascript:alert(1)", "https://", "https://a b"])
def test_address_that_no_browser_should_open_is_a_mistake(value: str) -> None:
    assert f"source_url is '{value}'." in only_mistake(markdown(source_url=value))


@pytest.mark.parametrize("value", ["08", "2008-12", "last year"])
def test_year_has_four_digits(value: str) -> None:
    assert f"year is '{value}'." in only_mistake(markdown(year=value))


def test_list_where_one_value_belongs_is_a_mistake() -> None:
    assert "publisher is a list." in only_mistake(markdown(publisher="[A, B]"))


def test_word_that_yaml_takes_for_a_tag_is_a_mistake() -> None:
    assert "licence begins with '!none'" in only_mistake(markdown(licence="!none stated"))


@pytest.mark.parametrize("value", [r'"a\0b"', r'"a\ud800b"'])
def test_character_that_cannot_be_kept_is_a_mistake(value: str) -> None:
    assert "licence holds the control character U+" in only_mistake(markdown(licence=value))


def test_every_mistake_is_found_at_once_and_the_rest_is_kept() -> None:
    found = read(markdown(kind="leaflet", published="2026-02-30", colour="red"))
    assert [m.where for m in found.mistakes] == ["a.md:4", "a.md:7", "a.md:8"]
    assert found.fields["id"] == "wexley-2010"


def test_no_document_is_made_of_front_matter_with_mistakes() -> None:
    with pytest.raises(CorpusInvalid, match="kind is 'leaflet'"):
        read(markdown(kind="leaflet")).document()


def test_sidecar_needs_no_field_but_each_must_be_right() -> None:
    found = read_sidecar("title: Wexley\nkind: leaflet\n", where="a.pdf.yaml", areas=AREAS)
    assert found.fields == {"title": "Wexley"}
    assert [m.where for m in found.mistakes] == ["a.pdf.yaml:2"]


def test_sidecar_may_stand_between_lines_of_dashes() -> None:
    found = read_sidecar("---\ntitle: Wexley\n---\n", where="a.pdf.yaml", areas=AREAS)
    assert (found.fields, found.lines, found.mistakes) == ({"title": "Wexley"}, {"title": 2}, ())
