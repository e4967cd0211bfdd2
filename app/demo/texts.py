"""What people write: topics of `topics.yaml` with a village, a neighbour and numbers filled in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict

from app.opinions.rules import Category
from app.suggestions.models import Outcome

TOPICS = Path(__file__).parent / "topics.yaml"

GREETINGS = ("", "", "您好，", "代表您好，", "反映一个情况：", "麻烦转一下，")
WISHES = ("", "", "盼回复。", "谢谢代表。", "大家都等着呢。", "辛苦了！", "之前打过电话，一直没有下文。")
SENSITIVE = (
    (
        Category.VILLAGE_AFFAIRS,
        "{village}的集体鱼塘承包款去年没有公布，问了几次都说还没算好，希望把账目贴出来。",
    ),
    (Category.LAND_COMPENSATION, "修路占了我家{k}分菜地，青苗费登记了，{months}个月还没到账，请帮忙问问。"),
    (Category.CONDUCT, "去窗口办证明，工作人员一直看手机，跑了{k}趟才办好，态度要改一改。"),
)
ANSWER_TO_SENSITIVE = "您反映的情况已由镇人大办登记，并按职责交有关单位核实，核实结果会在回执页面告知您。"
NOTES = ("属实，村里能配合，请尽快安排。", "住户较急，建议先到现场看。", "与前几天那件情况相近。")
PRAISE = ("处理得很快，满意。", "修好了，谢谢。", "有人上门解释，比较清楚。", "")
LUKEWARM = ("修是修了，还要看能用多久。", "希望下次快一点。", "解释清楚了，但还没动工。")
SATISFIED = ("答复具体，经办人两次到村里，满意。", "办理认真，群众反映好。", None, None)
BASICALLY = ("基本同意，请按承诺时间完成。", "进度略慢，希望抓紧。", None)
UNSATISFIED = (
    "答复只说明了政策，没有回应最急的那一段，请重新研究。",
    "承诺的时间太久，群众等不起，希望先做应急处理。",
    "办理前只打了一个电话，没有到现场看，与实际情况有出入。",
)
CONCLUSIONS = {
    Outcome.SOLVED: "上述安排均已落实到位，欢迎您和群众监督。",
    Outcome.PARTLY_SOLVED: "其余事项受资金和用地限制，我们将继续争取，有进展及时向您通报。",
    Outcome.PLANNED: "尚未完成的事项已列入计划，时限和责任人见承诺事项。",
    Outcome.CROSS_YEAR: "该事项需跨年度办理，分步安排见承诺事项。",
    Outcome.NOT_FEASIBLE: "经反复论证，目前实施条件尚不具备，已采取应急措施，条件成熟时再行研究。",
}
CONTACT_NOTES = {
    "meeting": "在联络站与代表面商，逐条核对建议内容，约定现场查看时间。",
    "phone": "电话向代表说明办理思路，代表补充了群众的两点意见。",
    "visit": "陪同代表到{village}现场查看，听取沿线住户意见。",
}
EVIDENCE = ("已完工，附现场照片和验收单，村民代表签字确认。", "已投入使用，公示七天无异议。")
QUESTIONS = ("请问具体在哪一段、靠近谁家门口？方便我们到现场查看。", "请问是每天都这样，还是雨天才有？")
SUPPLEMENTS = ("就在小卖部往东第二个路口，早上七点前后最明显。", "基本每天晚上，周末更严重。")
TRANSFERS = (
    ("hotline", "属于行政管理事务，按职责由热线转办", "RX"),
    ("petition", "属于具体诉求，依法由信访渠道办理", "XF"),
    ("other", "属于司法程序中的事项，人大不直接处理", "QT"),
)
REOPENING = "上次修好没几天又坏了，请再看看。"
VISIT_SUMMARIES = (
    "走访{village}{k}户，重点看望独居老人，了解饮水和出行情况。",
    "在{village}榕树头与村民座谈，宣传惠农政策，收集对村内公共事务的看法。",
    "到{village}查看灌溉渠和机耕路，与种植户算了今年的收支账。",
    "上门回访上次反映问题的住户，核对办理结果，听取不足之处。",
)


class Word(BaseModel):
    """What a resident says, and what may be answered to exactly that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    said: str
    answer: str


class Topic(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Category
    unit: str
    heard: tuple[Word, ...]
    title: str
    situation: tuple[str, ...]
    proposal: tuple[str, ...]
    reply: tuple[str, ...]
    promise: str


@cache
def topics() -> tuple[Topic, ...]:
    return tuple(Topic(**row) for row in yaml.safe_load(TOPICS.read_text("utf-8")))


@dataclass(frozen=True)
class Matter:
    """One thing that somebody raises somewhere: a topic in one village, and a resident's word on it."""

    topic: Topic
    word: Word
    slots: dict[str, str]

    @property
    def place(self) -> str:
        return self.slots["village"]

    def fill(self, text: str) -> str:
        return text.format(**self.slots)

    @property
    def title(self) -> str:
        return self.fill(self.topic.title)

    @property
    def situation(self) -> str:
        return "\n".join(self.fill(line) for line in self.topic.situation)

    @property
    def proposal(self) -> str:
        numerals = "一二三四五六"
        return "\n".join(
            f"{n}、{self.fill(line)}" for n, line in zip(numerals, self.topic.proposal, strict=False)
        )

    def reply(self, outcome: Outcome) -> str:
        """Point by point; where nothing can be done, the points give way to the reason."""
        points = self.topic.reply[:1] if outcome is Outcome.NOT_FEASIBLE else self.topic.reply
        return "\n".join([*(self.fill(line) for line in points), CONCLUSIONS[outcome]])

    @property
    def promise(self) -> str:
        return self.fill(self.topic.promise)

    def heard(self, rng: Random) -> str:
        words = rng.choice(GREETINGS) + self.fill(self.word.said) + rng.choice(WISHES)
        return words.strip()

    @property
    def answer(self) -> str:
        return "您反映的问题收悉。" + self.fill(self.word.answer) + "感谢您的关心。"


def matter(rng: Random, villages: tuple[str, ...], topic: Topic | None = None) -> Matter:
    """Something to raise in one of these villages (at least two)."""
    village, neighbour = rng.sample(villages, 2)
    numbers = {"n": (36, 180), "m": (120, 900), "k": (2, 6), "months": (2, 6)}
    slots = {name: str(rng.randint(low, high)) for name, (low, high) in numbers.items()}
    chosen = topic or rng.choice(topics())
    word = rng.choice(chosen.heard)
    return Matter(chosen, word, {"village": village, "neighbour": neighbour, **slots})
