"""The shipped templates as they are written out (pure): plain A4 pages, no emblem, seal or red head.

`python -m app.reports.blanks` writes templates/*.docx anew; a test compares them. An office replaces any
of them by a file of its own (PAPERS_DIR, docs/papers.md).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.reports.wordml import Block, Line, Table, blank

TEMPLATES = Path(__file__).with_name("templates")


def title(text: str) -> list[Block]:
    return [
        Line("{{ demo }}", size=24, align="right"),
        Line(text, size=44, align="center", bold=True),
        Line(""),
    ]


def body(*texts: str) -> list[Block]:
    return [Line(text, indent=True) for text in texts]


def signed(*texts: str) -> list[Block]:
    """Who and when, at the right; the seal and the signature are put on paper by hand."""
    return [Line(""), *(Line(text, align="right") for text in texts)]


def form(*pairs: tuple[str, str]) -> Table:
    """Two columns: what is asked, what is answered."""
    return Table(list(pairs), (1, 3))


def listing(headings: Sequence[str], fields: Sequence[str], widths: Sequence[int]) -> Table:
    """One row for each of `rows`."""
    cells = ["{{ row." + field + " }}" for field in fields]
    return Table([headings, ["{%tr for row in rows %}"], cells, ["{%tr endfor %}"]], widths)


MARKS = "□ 满意　　□ 基本满意　　□ 不满意"
BLANKS: dict[str, list[Block]] = {
    "registration": [
        *title("代表建议、批评和意见登记表"),
        form(
            ("编号", "{{ number }}"),
            ("受理机关", "{{ congress }}"),
            ("提出时间", "{{ submitted_on }}（{{ raised_in }}）"),
            ("领衔代表", "{{ delegate }}"),
            ("联名代表", "{{ cosigners }}"),
            ("附议代表", "{{ seconders }}"),
            ("标题", "{{ title }}"),
            ("类别", "{{ category }}"),
            ("情况和问题", "{{ situation }}"),
            ("具体建议", "{{ proposal }}"),
            ("建议承办单位", "{{ proposed_unit }}"),
            ("是否同意公开", "{{ agrees_public }}"),
            ("联系电话", ""),
            ("代表签名", ""),
        ),
    ],
    "assignment_letter": [
        *title("代表建议交办函"),
        Line("{{ doc_no }}", align="center"),
        Line("{{ unit }}："),
        *body(
            "{{ delegate }}等代表提出的《{{ title }}》（{{ number }}），经研究，"
            "现交你单位{{ role }}，请认真办理。",
            "{%p if fellows %}",
            "会办单位：{{ fellows }}。请与会办单位主动协商。",
            "{%p endif %}",
            "一、自交办之日起计算办理时限，请于 {{ due_on }} 前答复代表。",
            "二、办理中请与代表当面商谈，充分听取意见，并逐条答复。",
            "三、不属于你单位职责的，请在规定期限内书面说明理由申请退办，逾期不再受理。",
            "附：建议原文",
        ),
        *signed("{{ congress }}", "{{ dated }}"),
        Line("建议原文", bold=True),
        *body("{{ situation }}", "{{ proposal }}"),
    ],
    "assignment_list": [
        *title("代表建议交办一览表"),
        listing(
            ("序号", "编号", "标题", "代表", "承办单位", "分工", "交办日期", "期限"),
            ("place", "number", "title", "delegate", "unit", "role", "assigned_on", "due_on"),
            (1, 3, 5, 2, 3, 2, 2, 2),
        ),
        *signed("{{ dated }}"),
    ],
    "return_approval": [
        *title("代表建议退办审批表"),
        form(
            ("编号", "{{ number }}"),
            ("标题", "{{ title }}"),
            ("申请单位", "{{ unit }}"),
            ("申请时间", "{{ asked_on }}"),
            ("退办理由", "{{ reason }}"),
            ("审批意见", "{{ decision }}"),
            ("审批理由", "{{ decision_reason }}"),
            ("审批时间", "{{ decided_on }}"),
            ("签字", ""),
        ),
    ],
    "extension_approval": [
        *title("代表建议延期办理审批表"),
        form(
            ("编号", "{{ number }}"),
            ("标题", "{{ title }}"),
            ("申请单位", "{{ unit }}"),
            ("申请时间", "{{ asked_on }}"),
            ("申请延至", "{{ until }}"),
            ("延期理由", "{{ reason }}"),
            ("审批意见", "{{ decision }}"),
            ("准予延至", "{{ agreed_until }}"),
            ("审批理由", "{{ decision_reason }}"),
            ("审批时间", "{{ decided_on }}"),
            ("签字", ""),
        ),
    ],
    "meeting_record": [
        *title("代表建议面商记录"),
        form(
            ("编号", "{{ number }}"),
            ("标题", "{{ title }}"),
            ("承办单位", "{{ unit }}"),
            ("代表", "{{ delegate }}"),
        ),
        Line(""),
        listing(
            ("方式", "时间", "单位人员", "内容", "代表确认"),
            ("how", "at", "person", "note", "confirmed"),
            (2, 3, 2, 6, 2),
        ),
        *signed("代表签名：　　　　　　", "单位人员签名：　　　　　　"),
    ],
    "reply_letter": [
        Line("{{ letter }}", align="right", bold=True),
        *title("对代表建议的答复"),
        Line("{{ doc_no }}", align="center"),
        Line("{{ delegate }}代表："),
        *body(
            "您提出的《{{ title }}》（{{ number }}）收悉，现答复如下：",
            "{{ content }}",
            "办理结果：{{ outcome }}。",
        ),
        Line("{%p if rows %}"),
        Line("承诺事项", bold=True),
        listing(("事项", "完成时间", "责任人"), ("content", "due_on", "owner"), (6, 2, 3)),
        Line("{%p endif %}"),
        *body("感谢您对我们工作的关心和支持。"),
        *signed("{{ unit }}", "签发人：{{ signer }}", "{{ dated }}"),
        Line("公开：{{ disclosure }}", size=24),
    ],
    "opinion_form": [
        *title("征询代表意见表"),
        form(
            ("编号", "{{ number }}"),
            ("标题", "{{ title }}"),
            ("答复单位", "{{ unit }}"),
            ("答复日期", "{{ dated }}"),
            ("总体评价", MARKS),
            ("面商（可不填）", MARKS),
            ("态度（可不填）", MARKS),
            ("答复（可不填）", MARKS),
            ("结果（可不填）", MARKS),
            ("不满意的理由", ""),
            ("理由可否告知单位", "□ 可以　　□ 不可以"),
            ("代表签名、日期", ""),
        ),
        *body("请代表本人填写，直接交回人大办。承办单位不得代填、代收，也不得查看。"),
    ],
    "rehandling_notice": [
        *title("代表建议重新办理通知"),
        Line("{{ doc_no }}", align="center"),
        Line("{{ unit }}："),
        *body(
            "你单位对《{{ title }}》（{{ number }}）的答复，经审查，须重新办理（第 {{ round }} 轮）。",
            "{%p if reason %}",
            "代表的意见：{{ reason }}",
            "{%p endif %}",
            "请与代表当面商谈，于 {{ due_on }} 前重新答复。",
        ),
        *signed("{{ congress }}", "{{ dated }}"),
    ],
    "supervision_letter": [
        *title("代表建议督办函"),
        Line("有关承办单位："),
        *body(
            "现就《{{ title }}》（{{ number }}）的办理进行督办（{{ kind }}，{{ held_on }}）。",
            "{{ note }}",
        ),
        listing(
            ("单位", "要求", "完成时间", "反馈"), ("unit", "content", "due_on", "feedback"), (2, 5, 2, 4)
        ),
        *signed("{{ congress }}", "{{ dated }}"),
    ],
    "conference_minutes": [
        *title("代表建议办理会商纪要"),
        form(
            ("编号", "{{ number }}"),
            ("标题", "{{ title }}"),
            ("会商时间", "{{ held_on }}"),
            ("参加人员", "{{ participants }}"),
            ("代表意见", "{{ position }}"),
            ("会商结果", "{{ result }}"),
            ("新的期限", "{{ due_on }}"),
            ("会商内容", ""),
            ("参加人员签字", ""),
        ),
    ],
    "file_contents": [
        *title("卷内目录"),
        form(("编号", "{{ number }}"), ("标题", "{{ title }}"), ("归档时间", "{{ archived_on }}")),
        Line(""),
        listing(
            ("序号", "文件名称", "文号", "日期", "责任者", "备注"),
            ("place", "name", "doc_no", "dated", "by", "remark"),
            (1, 5, 3, 2, 3, 2),
        ),
    ],
    "handling_report": [
        *title("{{ title }}"),
        Line("{%p for section in sections %}"),
        Line("{{ section.heading }}", bold=True),
        *body("{{ section.text }}"),
        Line("{%p endfor %}"),
        *signed("{{ congress }}", "{{ dated }}"),
    ],
}


def written() -> Iterator[tuple[str, bytes]]:
    """File name and content of every shipped template."""
    return ((f"{kind}.docx", blank(blocks)) for kind, blocks in BLANKS.items())


if __name__ == "__main__":
    for name, content in written():
        (TEMPLATES / name).write_bytes(content)
