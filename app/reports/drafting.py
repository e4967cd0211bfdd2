"""From the facts to the words of the yearly report (pure). Whoever signs it may change every word.

It is public: no evaluation, no contact, no resident, and no suggestion that is not to be public.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.opinions.rules import PHONE_NUMBER
from app.reports.figures import OUTCOMES, Figure

Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Section:
    key: str
    heading: str
    text: str


def sections(
    figures: Figures, by_category: Mapping[str, int], *, congress: str, since: date, until: date
) -> list[Section]:
    """In the order in which they are read out."""
    return [
        Section("received", "一、基本情况", _received(figures, by_category, congress, since, until)),
        Section("assigned", "二、审核和交办", _sentences(_office(figures))),
        Section("handled", "三、办理和答复", _sentences(_handled(figures))),
        Section("results", "四、办理结果和承诺", _sentences(_results(figures))),
        Section("shortcomings", "五、存在的问题", _sentences(_shortcomings(figures))),
        Section("next", "六、下一步打算", "（由人大办填写）"),
    ]


def _received(
    figures: Figures, by_category: Mapping[str, int], congress: str, since: date, until: date
) -> str:
    days = f"{_day(since)}至{_day(until)}"
    head = f"{days}，{congress}共收到代表建议、批评和意见 {_number(figures, 'suggestions.received')} 件"
    kinds = "、".join(
        f"{name} {count} 件"
        for name, count in sorted(by_category.items(), key=lambda kind: (-kind[1], kind[0]))
    )
    key = _number(figures, "suggestions.key")
    return f"{head}{f'，其中{kinds}' if kinds else ''}。{f'重点督办 {key} 件。' if key else ''}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _office(figures: Figures) -> Iterator[str]:
    yield _share(figures, "on_time.review", "应审核")
    yield _share(figures, "on_time.assignment", "应交办")
    yield _share(figures, "handling.return_asked", "交办")
    yield _share(figures, "handling.returned", "申请退办")


def _handled(figures: Figures) -> Iterator[str]:
    yield _share(figures, "on_time.acceptance", "应签收")
    yield _share(figures, "on_time.first_contact", "应联系")
    yield _share(figures, "handling.met", "承办")
    yield _share(figures, "handling.extended", "承办")
    yield _share(figures, "on_time.reply", "应答复")
    yield _share(figures, "on_time.rehandling_reply", "应重新答复")


def _results(figures: Figures) -> Iterator[str]:
    answered = figures["outcome.solved"].denominator if "outcome.solved" in figures else 0
    if answered:
        mix = [(name, _number(figures, f"outcome.{outcome}")) for outcome, name in OUTCOMES.items()]
        yield f"已答复 {answered} 件：{'，'.join(f'{name} {count} 件' for name, count in mix if count)}"
    made = _number(figures, "promises.made")
    if made:
        yield f"答复中作出承诺 {made} 项"
        yield _share(figures, "promises.kept_in_time", "到期或已兑现", unit="项")
        yield _share(figures, "promises.kept_late", "到期或已兑现", unit="项")
        yield _share(figures, "promises.open", "全部承诺", unit="项")


def _shortcomings(figures: Figures) -> Iterator[str]:
    """Said as plainly as the good news; the office's own delays too."""
    yield _share(figures, "overdue_open.reply", "应答复", only_if_any=True)
    yield _share(figures, "handling.rehandled", "已答复", only_if_any=True)
    yield _share(figures, "promises.overdue", "到期或已兑现", unit="项", only_if_any=True)
    yield _share(figures, "promises.denied", "到期或已兑现", unit="项", only_if_any=True)
    for kind, word in (("review", "审核"), ("assignment", "交办")):
        figure = figures.get(f"on_time.{kind}")
        if figure and (figure.denominator or 0) > (figure.numerator or 0):
            late = (figure.denominator or 0) - (figure.numerator or 0)
            yield f"人大办逾期{word} {late} 件"


def _share(figures: Figures, key: str, of: str, *, unit: str = "件", only_if_any: bool = False) -> str:
    """名称 n 件（of m 件）; nothing where there was nothing to do."""
    figure = figures.get(key)
    if figure is None or not figure.denominator or (only_if_any and not figure.numerator):
        return ""
    return f"{figure.name} {figure.numerator} {unit}（{of} {figure.denominator} {unit}）"


def _number(figures: Figures, key: str) -> int:
    figure = figures.get(key)
    return (figure.numerator or 0) if figure else 0


def _sentences(parts: Iterator[str]) -> str:
    said = [part for part in parts if part]
    return f"{'；'.join(said)}。" if said else "无。"


def contacts_in(texts: Sequence[str]) -> str | None:
    """The first telephone number that stands in a public text; None: none."""
    found = (PHONE_NUMBER.search(text) for text in texts)
    return next((match.group() for match in found if match), None)
