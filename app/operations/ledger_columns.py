"""The headings of an office's ledger of suggestions (代表建议台账), each with its spellings; pure."""

from collections.abc import Sequence

from app.infra.records import Column, layout_of
from app.infra.sheets import SheetRow


def _column(field: str, words: str, *, required: bool = False) -> Column:
    return Column(field, tuple(words.split()), required)


# 序号 is no identity: it numbers the rows of one export. 案由 is the title where nothing else is, so the
# title stands behind what may claim the same heading.
COLUMNS = (
    _column("external_id", "编号 建议编号 案号 建议号 编码 建议案号 proposal_number"),
    _column(
        "situation",
        "内容/案由 内容、案由 案由内容 案由 建议内容摘要 情况 情况分析 问题 反映问题 内容 content",
    ),
    _column(
        "title",
        "标题 建议标题 建议名称 题目 建议题目 名称 案名 建议题名 案由 reason title",
        required=True,
    ),
    _column(
        "lead",
        "领衔代表 领衔人 领衔代表姓名 提出人 提出代表 提建议人 建议人 代表姓名 第一提出人 personnel_name",
        required=True,
    ),
    _column("cosigners", "联名代表 联名人 附议代表 共同提出人 联名 其他代表"),
    _column("raised_on", "提出时间 提出日期 提交时间 提交日期 收到时间 收到日期 建议时间 publish_time"),
    _column("assigned_on", "交办时间 交办日期 转办时间 转办日期 交办"),
    _column("units", "承办单位 主办单位 办理单位 责任单位 牵头单位 承办部门 主办部门 主办"),
    _column("co_units", "协办单位 会办单位 配合单位 协办部门 会办部门 协办 会办"),
    _column("replied_on", "答复时间 答复日期 回复时间 回复日期 办复时间 办复日期 办结时间 办结日期"),
    _column("reply", "答复内容 答复意见 答复情况 回复内容 办理情况 答复"),
    _column("outcome", "办理结果 结果 办理结果类别 办复类别 答复类别 办理类别 结果分类"),
    _column("mark", "满意度 代表满意度 评价 代表评价 满意情况 反馈意见 测评结果 是否满意"),
    _column("evaluated_on", "评价时间 评价日期 反馈时间 反馈日期"),
    _column("unhappy", "不满意原因 不满意理由 评价意见"),
    _column("proposal", "建议内容 具体建议 建议 意见建议 办理建议 建议正文"),
    _column("category", "类别 建议类别 分类 类型 所属类别 type"),
    _column("meeting", "会议/闭会 会议、闭会 会议 会次 届次 会议届次 提出会议 会议或闭会 提出方式"),
    _column("promise", "承诺事项 承诺内容 承诺"),
    _column("promise_on", "承诺期限 承诺时限 承诺时间 计划完成时间 承诺完成时间"),
    _column("owner", "责任人 承诺责任人 经办人"),
)


def is_ledger(head: Sequence[SheetRow]) -> bool:
    """Do these first rows head a ledger of suggestions, not residents' messages?"""
    if not head:
        return False
    layout = layout_of(head, COLUMNS)
    found = {taken.field for taken in layout.taken}
    messages = any("留言" in heading for heading in layout.ignored)
    return "lead" in found or (bool(found & {"units", "mark"}) and not messages)
