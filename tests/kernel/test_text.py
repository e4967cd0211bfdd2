from typing import Annotated, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from app.kernel.text import Line, Text, TextTooLong, TextUnusable, clean_line, clean_text

CONTROLS = [chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))]
usable = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t 　")
)


class Form(BaseModel):
    title: Annotated[str, Line(5)] = "题"
    content: Annotated[str, Text(10)] = "文"
    note: Annotated[str, Text(10, blank=True)] = ""
    place: Annotated[str, Line(5)] | None = None


def errors(**fields: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as refusal:
        Form(**fields)
    return [(error["loc"], error["type"], error["msg"]) for error in refusal.value.errors()]


@pytest.mark.parametrize(
    "text",
    [
        "村道第三段路灯不亮",
        "👨‍👩‍👧‍👦🇨🇳❤️",
        "𠮷野家𣲗街",
        "é e\u0301",  # composed and not: as written
        "龘\U000e0100",  # with a variation selector
        "一\n\n二\t三",
        "'; DROP TABLE opinions; -- <b>",
    ],
)
def test_what_people_write_is_kept_as_written(text: str) -> None:
    assert clean_text(text, 100) == text


@given(usable)
def test_any_usable_text_only_loses_its_outer_white_space(text: str) -> None:
    assert clean_text(text, len(text)) == text.strip()


@given(usable)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text.replace("\n", "\r\n"), len(text))

    assert clean_text(once, len(text)) == once


@given(usable)
def test_what_is_accepted_can_be_stored_as_utf8(text: str) -> None:
    assert "\0" not in clean_text(text, len(text)).encode().decode()


@pytest.mark.parametrize("unusable", [*CONTROLS, "\ud83d", "\udc00\ud800", "\ufffe", "\uffff"])
def test_what_no_paper_can_carry_is_refused_with_its_place(unusable: str) -> None:
    with pytest.raises(TextUnusable) as refusal:
        clean_text(f"路灯{unusable}不亮", 100)

    assert refusal.value.facts == {"position": 3}
    assert "第 3 个字" in refusal.value.detail


@pytest.mark.parametrize("unusable", ["\0", "\x1c", "\x85", "\r"])
def test_it_is_refused_at_the_ends_too(unusable: str) -> None:
    for text in (unusable + "路灯", "路灯" + unusable):
        with pytest.raises(TextUnusable):
            clean_text(text, 100)


def test_line_ends_of_forms_become_line_feeds() -> None:
    assert clean_text("一\r\n二\r\n\r\n三\r\n", 100) == "一\n二\n\n三"


def test_a_lone_carriage_return_is_refused() -> None:
    with pytest.raises(TextUnusable):
        clean_text("一\r二", 100)


@pytest.mark.parametrize("text", ["路灯不亮了", "𠮷" * 5, "  路灯不亮了 　\n", "一\r\n二\r\n三"])
def test_the_limit_counts_code_points_of_what_is_kept(text: str) -> None:
    assert len(clean_text(text, 5)) == 5


def test_one_more_than_the_limit_is_refused_with_both_numbers() -> None:
    with pytest.raises(TextTooLong) as refusal:
        clean_text("路灯不亮了吗", 5)

    assert refusal.value.detail == "最多 5 字，现有 6 字，请删减后再提交"


@given(usable, st.integers(0, 20))
def test_nothing_longer_than_the_limit_comes_through(text: str, limit: int) -> None:
    assume(len(text.strip()) > limit)
    with pytest.raises(TextTooLong):
        clean_text(text, limit)


@pytest.mark.parametrize("line", ["一\n二", "一\r\n二", "一\u2028二", "一\u2029二"])
def test_one_line_is_one_line(line: str) -> None:
    with pytest.raises(TextUnusable):
        clean_line(line, 100)


def test_line_ends_around_one_line_do_not_matter() -> None:
    assert clean_line("\r\n一\t二\n", 100) == "一\t二"


def test_a_form_receives_clean_text() -> None:
    form = Form(title=" 路灯 ", content="一\r\n二 ", note="  ", place="村口\n")

    assert (form.title, form.content, form.note, form.place) == ("路灯", "一\n二", "", "村口")


def test_a_form_names_each_field_and_what_to_do_in_plain_chinese() -> None:
    assert errors(title="一\n二", content="{0}" * 4, note="\0", place="\ud800") == [
        (("title",), "text-unusable", "这一栏只能写一行，请去掉换行后再提交"),
        (("content",), "text-too-long", "最多 10 字，现有 12 字，请删减后再提交"),
        (("note",), "text-unusable", "第 1 个字是无法保存的特殊符号，请删去或重新输入后再提交"),
        (("place",), "text-unusable", "第 1 个字是无法保存的特殊符号，请删去或重新输入后再提交"),
    ]


def test_the_sentence_and_its_numbers_go_with_the_forms_error() -> None:
    with pytest.raises(ValidationError) as refusal:
        Form(content="路" * 11)

    [error] = refusal.value.errors()
    assert error["ctx"] == {
        "detail": "最多 10 字，现有 11 字，请删减后再提交",
        "limit": 10,
        "length": 11,
    }


@pytest.mark.parametrize("blank", ["", " ", "　\r\n\t"])
def test_a_required_field_is_not_left_blank(blank: str) -> None:
    assert errors(title=blank, content=blank) == [
        (("title",), "text-missing", "这一栏不能为空，请填写后再提交"),
        (("content",), "text-missing", "这一栏不能为空，请填写后再提交"),
    ]


@pytest.mark.parametrize("value", [None, 3, ["路灯"], {"a": 1}])
def test_other_types_are_refused_by_type(value: object) -> None:
    assert [kind for _, kind, _ in errors(title=value)] == ["string_type"]


def test_the_schema_tells_clients_the_lengths() -> None:
    fields = Form.model_json_schema()["properties"]

    assert (fields["title"]["minLength"], fields["title"]["maxLength"]) == (1, 5)
    assert "minLength" not in fields["note"]
    assert fields["note"]["maxLength"] == 10
