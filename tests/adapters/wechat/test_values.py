"""Whatever people write, the cut value is one WeChat accepts."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.adapters.wechat.values import CLIPS, Unfit, clip, date_text, template_data, time_text
from app.fakes.wechat.values import fault_of

HANDWRITTEN = st.text() | st.text(alphabet="张三 李·\n\t😀𠮷a1-_.:~年月日元¥\u200b\u2028", max_size=60)
FREE = ("thing", "name", "phrase")


@given(kind=st.sampled_from(FREE), text=HANDWRITTEN)
def test_every_free_text_becomes_a_value_the_fake_accepts(kind: str, text: str) -> None:
    assert fault_of(f"{kind}1", clip(kind, text)) is None


@given(kind=st.sampled_from(sorted(set(CLIPS) - set(FREE))), text=HANDWRITTEN)
def test_any_other_text_is_unfit_or_becomes_a_value_the_fake_accepts(kind: str, text: str) -> None:
    try:
        value = clip(kind, text)
    except Unfit:
        return
    assert fault_of(f"{kind}1", value) is None


@given(st.data(), st.sampled_from(sorted(set(CLIPS) - set(FREE))))
def test_values_that_look_right_are_accepted_by_the_fake(data: st.DataObject, kind: str) -> None:
    text = data.draw(st.from_regex(LOOKS_RIGHT[kind], fullmatch=True))
    assert fault_of(f"{kind}1", clip(kind, text)) is None


LOOKS_RIGHT = {
    "character_string": r"[A-Z0-9-]{1,40}",
    "letter": r"[A-Za-z]{1,40}",
    "symbol": r"[!?#_]{1,8}",
    "number": r"-?[0-9]{1,24}(\.[0-9]{1,8})?",
    "amount": r"[¥￥]?[0-9]{1,10}元?",
    "time": r"[0-9]{4}年1?[1-2]月[12]?[1-9]日 [01][0-9]:[0-5][0-9]( ?~ ?[01][0-9]:[0-5][0-9])?",
    "date": r"[0-9]{4}([-/.])0[1-9]\1[0-2][1-9]( ~ [0-9]{4}年1?[1-2]月[12]?[1-9]日)?",
    "phone_number": r"\+?[0-9-]{1,16}",
    "car_number": r"粤[A-Z][0-9A-Z]{5,12}",
}


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)))
def test_our_own_dates_and_times_are_accepted(instant: datetime) -> None:
    assume(instant.year < 9999)
    for kind, text in (("time", time_text(instant)), ("date", date_text(instant.date()))):
        assert clip(kind, text) == text
        assert fault_of(f"{kind}1", text) is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("thing", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
        ("thing", "一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing", "  第一行\r\n 第二行\u200b ", "第一行 第二行"),
        ("thing", "好😀的", "好的"),
        ("thing", "𠮷" * 10, "𠮷" * 10),
        ("thing", "𠮷" * 11, "𠮷" * 9 + "…"),
        ("thing", " \n", "无"),
        ("phrase", "即将到期了吗", "即将到期了"),
        ("phrase", "due", "无"),
        ("name", "张𠮷", "张*"),
        ("name", "买买提·阿不都热合曼江", "买买提·阿不都热合曼"),
        ("character_string", "闭会第 12 号 No.7", "12No.7"),
        ("time", "2026年11月30日 15:01", "2026年11月30日 15:01"),
        ("date", "2026-11-30 ~ 2026-12-01", "2026-11-30 ~ 2026-12-01"),
        ("number", "3.50", "3.50"),
    ],
)
def test_clip(kind: str, text: str, value: str) -> None:
    assert clip(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("time", "25:00"),
        ("time", "明天"),
        ("date", "2026年13月1日"),
        ("number", "三"),
        ("number", "１２"),  # full-width digits
        ("amount", "¥12345678901"),
        ("character_string", "中文"),
        ("nonsense", "x"),
    ],
)
def test_what_is_no_such_value_is_not_invented(kind: str, text: str) -> None:
    with pytest.raises(Unfit):
        clip(kind, text)


def test_the_key_names_the_type() -> None:
    data = template_data({"thing12": "x", "character_string3": "7"})
    assert data == {"thing12": {"value": "x"}, "character_string3": {"value": "7"}}


def test_times_are_told_in_beijing_time() -> None:
    assert time_text(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "2026年12月1日 00:00"
    assert date_text(date(2026, 1, 2)) == "2026年1月2日"
