"""A schedule of rest days is read from a small file, or refused with the line and what to do."""

from datetime import date

import pytest

from app.deadlines.announcements import AnnouncementInvalid, read_announcement

YAML = """\
year: 2027
source: 国办发明电〔2026〕0号
holidays:
  - name: 元旦
    rest: [2027-01-01, 2027-01-03]
  - name: 春节
    rest: [2027-02-05, 2027-02-11]
    worked: [2027-01-31, 2027-02-13]
  - name: 劳动节
    rest: [2027-05-01, 2027-05-05]
  - name: 国庆节
    rest: [2027-10-01, 2027-10-07]
"""
CSV = """\
日期,安排,名称
2027-01-01,休,元旦
2027-01-31,班,春节
2027-02-05,休,春节

2027-05-01,休,劳动节
2027-05-02,休,劳动节
2027-10-01,休,国庆节
2027-10-02,休,国庆节
2027-10-03,休,国庆节
"""


def test_yaml_by_holidays_gives_every_day() -> None:
    read = read_announcement(YAML)

    assert (read.year, read.source, len(read.days)) == (2027, "国办发明电〔2026〕0号", 3 + 7 + 2 + 5 + 7)
    assert (read.days[date(2027, 2, 11)].working, read.days[date(2027, 2, 11)].name) == (False, "春节")
    assert read.days[date(2027, 2, 13)].working


@pytest.mark.parametrize("text", [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n")])
def test_csv_as_a_spreadsheet_saves_it(text: str) -> None:
    read = read_announcement(text)

    assert (read.year, read.source, len(read.days)) == (2027, None, 8)
    assert [day for day, exception in read.days.items() if exception.working] == [date(2027, 1, 31)]


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "reason"),
    [
        (CSV, "日期,安排,名称", "日期,名称,安排", 1, "第一行应为"),
        (CSV, "2027-01-31,班", "2027-01-31,补", 3, "应写“休”或“班”"),
        (CSV, "2027-02-05", "2027/2/5", 4, "应写成 2027-02-05 这样"),
        (CSV, "2027-02-05", "2027-01-31", 4, "2027-01-31 写了两次"),
        (CSV, "2027-05-02,休,劳动节", "2027-05-02,休", 7, "应有日期、安排、名称三格"),
        (YAML, "2027-01-03]", "2027-13-03]", 4, "应写成 2027-02-05 这样"),
        (YAML, "rest: [2027-02-05, 2027-02-11]", "rest: [2027-02-11, 2027-02-05]", 6, "起止日期不对"),
        (YAML, "rest: [2027-02-05, 2027-02-11]", "rest: 2027-02-05", 6, "应写起止两日"),
        (YAML, "worked:", "work:", 6, "每个节日只写 name、rest"),
        (YAML, "2027-05-01, 2027-05-05", "2027-02-11, 2027-02-12", 9, "2027-02-11 写了两次"),
        (YAML, "rest: [2027-01-01", "rest: [2027-01-01]]", 5, "不是正确的 YAML"),
        (YAML, "year: 2027", "year: 今年", None, "应写明 year"),
        (YAML, "source:", "sauce:", None, "不认识的字段 sauce"),
        (YAML, YAML[YAML.index("holidays:") :], "holidays: 无\n", None, "holidays 应是节日的列表"),
        (YAML, "  - name: 劳动节\n    rest: [2027-05-01, 2027-05-05]\n", "", None, "缺少劳动节（5月1日）"),
        (YAML, "name: 元旦", "name: ''", None, "2027-01-01 没有写节日名称"),
        (YAML, "2027-01-31, 2027-02-13", "2027-02-17", None, "2027-02-17 是星期三，本来就上班"),
        (YAML, "2027-01-31, 2027-02-13", "2026-02-14", None, "2026-02-14 不是 2027 年的日子"),
        (YAML, "year: 2027", "year: 1999", None, "年份应在 2004 至 2100 之间"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_the_reason(
    text: str, old: str, new: str, line: int | None, reason: str
) -> None:
    assert old in text
    with pytest.raises(AnnouncementInvalid, match=reason) as refused:
        read_announcement(text.replace(old, new, 1))

    assert refused.value.facts["line"] == line


@pytest.mark.parametrize("text", ["", "[]", "5", "日期,安排,名称\n", "year: 2027"])
def test_what_is_no_schedule_at_all_is_refused(text: str) -> None:
    with pytest.raises(AnnouncementInvalid):
        read_announcement(text)
