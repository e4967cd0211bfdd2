"""An end moves only by a recorded act; its old date stays, and the explanation follows it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, service
from app.deadlines.arithmetic import ExtensionRefused
from app.deadlines.errors import (
    ClockNotPaused,
    ClockNotRunning,
    ClockPaused,
    PauseDateWrong,
    PauseNotAllowed,
    StartTooLate,
)
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.deadlines.presenting import late_days, overdue
from app.kernel.clock import end_of_day, local_midnight
from tests.deadlines.running import PAUSING, a_clock, at, changes, explanation
from tests.people import County

MONDAY = date(2026, 3, 2)
BY = "account:carol"


async def extend(tx: AsyncSession, clock: Deadline, until: date, *, on: date) -> Deadline:
    return await service.extend(
        tx, clock.subject_id, Kind(clock.kind), until=until, reason="情况复杂", by=BY, now=at(on)
    )


async def test_an_extension_moves_the_end_and_keeps_the_old_date(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    assert clock.last_day == date(2026, 6, 2)

    await extend(tx, clock, date(2026, 7, 3), on=date(2026, 5, 20))

    assert (clock.last_day, clock.due_at) == (date(2026, 7, 3), end_of_day(date(2026, 7, 3)))
    assert clock.due_revision == 1
    [change] = await changes(tx, clock)
    assert (change.what, change.due_before, change.due_after) == (
        "extension",
        date(2026, 6, 2),
        date(2026, 7, 3),
    )
    assert (change.reason, change.actor) == ("情况复杂", BY)


async def test_an_extension_is_explained_and_the_days_still_sum(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    await extend(tx, clock, date(2026, 7, 3), on=date(2026, 5, 20))

    told = await explanation(tx, clock)

    assert told.counted == (date(2026, 7, 3) - MONDAY).days
    [granted] = told.extensions
    assert (granted.until, granted.due_before) == (date(2026, 7, 3), date(2026, 6, 2))
    assert "经2026年5月20日批准延期至2026年7月3日" in told.sentence
    assert told.sentence.endswith("（规则包待法制审核）")


async def test_two_extensions_in_turn_each_keep_their_date(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    await extend(tx, clock, date(2026, 7, 3), on=date(2026, 5, 20))
    await extend(tx, clock, date(2026, 9, 2), on=date(2026, 7, 3))  # the very cap, on the very last day

    told = await explanation(tx, clock)

    assert [e.until for e in told.extensions] == [date(2026, 7, 3), date(2026, 9, 2)]
    assert clock.due_revision == 2


async def test_lines_already_past_at_an_extension_are_superseded(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    clock.looked_through = at(MONDAY)  # nobody has looked since
    await extend(tx, clock, date(2026, 7, 3), on=date(2026, 6, 1))

    assert clock.looked_through == at(date(2026, 6, 1))
    assert (clock.next_line, clock.next_line_at) == (Line.DUE_SOON, local_midnight(date(2026, 6, 18)))


@pytest.mark.parametrize(
    ("until", "on", "why"),
    [
        (date(2026, 9, 3), date(2026, 5, 20), "延期最长到 2026-09-02"),
        (date(2026, 6, 2), date(2026, 5, 20), "应当晚于原期限 2026-06-02"),
        (date(2026, 5, 2), date(2026, 5, 20), "应当晚于原期限 2026-06-02"),
        (date(2026, 7, 3), date(2026, 6, 3), "届满，不能再批准延期，逾期情况如实保留"),
    ],
)
async def test_an_extension_against_the_rules_is_refused_and_nothing_moves(
    tx: AsyncSession, county: County, until: date, on: date, why: str
) -> None:
    clock = await a_clock(tx, county, on=MONDAY)

    with pytest.raises(ExtensionRefused, match=why):
        await extend(tx, clock, until, on=on)

    assert (clock.last_day, clock.due_revision) == (date(2026, 6, 2), 0)
    assert await changes(tx, clock) == []


async def test_a_late_decision_leaves_the_lateness(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    with pytest.raises(ExtensionRefused):
        await extend(tx, clock, date(2026, 7, 3), on=date(2026, 6, 5))

    assert late_days(clock, now=at(date(2026, 6, 5))) == 3


async def test_complex_leaves_no_extension(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY, complex=True)
    assert clock.last_day == date(2026, 9, 2)

    with pytest.raises(ExtensionRefused, match="已按复杂事项"):
        await extend(tx, clock, date(2026, 10, 12), on=date(2026, 5, 20))


async def test_a_kind_without_an_extension_cannot_be_extended(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, Kind.ACCEPTANCE, on=MONDAY)

    with pytest.raises(ExtensionRefused, match="依规不能延期"):
        await extend(tx, clock, date(2026, 3, 20), on=date(2026, 3, 3))


async def test_the_cap_is_the_one_frozen_with_the_clock(tx: AsyncSession, county: County) -> None:
    """A change of pack must not shorten or lengthen what was promised at the start."""
    clock = await a_clock(tx, county, on=MONDAY)
    await service.choose_pack(tx, "chongqing", by=BY, now=at(MONDAY))  # towns there: 2 months, at most 4

    await extend(tx, clock, date(2026, 9, 2), on=date(2026, 5, 20))

    assert clock.last_day == date(2026, 9, 2)
    later = await a_clock(tx, county, on=MONDAY)
    with pytest.raises(ExtensionRefused, match="延期最长到 2026-07-02"):
        await extend(tx, later, date(2026, 9, 2), on=date(2026, 4, 20))


async def test_a_clock_that_does_not_run_cannot_be_extended(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    await service.stop(tx, clock.subject_id, {Kind.REPLY}, reason="reply", now=at(date(2026, 4, 1)))

    with pytest.raises(ClockNotRunning, match="没有在计时"):
        await extend(tx, clock, date(2026, 7, 3), on=date(2026, 5, 20))
    with pytest.raises(ClockNotRunning):
        await service.extend(
            tx, uuid4(), Kind.REPLY, until=date(2026, 7, 3), reason="x", by=BY, now=at(MONDAY)
        )


async def test_a_promise_that_slips_gets_another_date_also_after_it_was_missed(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, Kind.COMMITMENT, on=MONDAY, ends_on=date(2026, 5, 9))
    await service.postpone(
        tx, clock, until=date(2026, 8, 31), what="slip", reason="汛期停工", by=BY, now=at(date(2026, 5, 20))
    )

    told = await explanation(tx, clock)

    assert clock.last_day == date(2026, 8, 31)
    assert [(e.what, e.until) for e in told.extensions] == [("slip", date(2026, 8, 31))]
    assert "期限定为2026年5月9日" in told.sentence  # the date first promised, a Saturday that was worked
    assert clock.due_revision == 1


async def test_a_promised_date_of_rest_rolls_and_the_date_itself_is_kept(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, Kind.COMMITMENT, on=MONDAY, ends_on=date(2026, 10, 3))

    told = await explanation(tx, clock)

    assert (clock.ends_on, clock.last_day) == (date(2026, 10, 3), date(2026, 10, 8))
    assert "期满日2026年10月3日是法定节假日（国庆节），顺延" in told.sentence


async def test_a_kind_with_a_period_is_extended_and_never_postponed(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    with pytest.raises(ValueError, match="extended, not postponed"):
        await service.postpone(
            tx, clock, until=date(2026, 8, 31), what="slip", reason="x", by=BY, now=at(MONDAY)
        )


async def test_a_corrected_start_counts_anew_and_says_from_when(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    await service.restart(
        tx, clock, started_on=date(2026, 2, 27), reason="文件日期为2月27日", by=BY, now=at(MONDAY, 3)
    )

    told = await explanation(tx, clock)
    [change] = await changes(tx, clock)

    assert (clock.started_on, clock.last_day) == (date(2026, 2, 27), date(2026, 5, 27))
    assert change.what == "legal_date"
    assert change.facts == {"started_before": "2026-03-02", "started_after": "2026-02-27"}
    assert told.sentence.startswith("自2026年2月27日起算")


async def test_a_corrected_start_keeps_a_date_that_was_granted(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)
    await extend(tx, clock, date(2026, 7, 3), on=date(2026, 5, 20))
    await service.restart(
        tx, clock, started_on=date(2026, 2, 27), reason="更正", by=BY, now=at(date(2026, 5, 21))
    )

    await explanation(tx, clock)

    assert (clock.last_day, clock.due_revision) == (date(2026, 7, 3), 1)
    with pytest.raises(StartTooLate):
        await service.restart(
            tx, clock, started_on=date(2026, 7, 3), reason="更正", by=BY, now=at(date(2026, 5, 21))
        )
    assert clock.started_on == date(2026, 2, 27)


# Pauses: only where a row names its article; the county enters such a row itself.


async def a_pausable(tx: AsyncSession, county: County) -> Deadline:
    """首次联系代表: 20 working days from Monday 2 March 2026, to Monday the 30th."""
    await service.choose_pack(tx, "national", by=BY, now=at(MONDAY), overrides=[PAUSING])
    clock = await a_clock(tx, county, Kind.FIRST_CONTACT, on=MONDAY)
    assert clock.last_day == date(2026, 3, 30)
    return clock


async def pause(tx: AsyncSession, clock: Deadline, on: date, *, today: date | None = None) -> None:
    await service.pause(tx, clock, reason="代表住院", on=on, by=BY, now=at(today or on))


async def resume(tx: AsyncSession, clock: Deadline, on: date, *, today: date | None = None) -> None:
    await service.resume(tx, clock, reason="代表出院", on=on, by=BY, now=at(today or on))


async def test_a_pause_of_seven_working_days_moves_the_clock_by_seven(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_pausable(tx, county)
    await pause(tx, clock, date(2026, 3, 10))
    await resume(tx, clock, date(2026, 3, 19))  # Thursday: Tuesday to Wednesday week did not run

    told = await explanation(tx, clock)

    calendar = await calendars.current(tx)
    assert clock.last_day == calendar.shift(date(2026, 3, 30), 7)
    assert (told.counted, clock.due_revision) == (20, 1)
    [shown] = told.pauses
    assert (shown.since, shown.until, shown.reason) == (
        date(2026, 3, 10),
        date(2026, 3, 19),
        "代表住院",
    )
    assert "其间中止9天不计" in told.sentence


async def test_while_it_is_paused_no_line_comes_and_nobody_is_late(tx: AsyncSession, county: County) -> None:
    clock = await a_pausable(tx, county)
    await pause(tx, clock, date(2026, 3, 10))

    told = await explanation(tx, clock)

    assert (clock.next_line, clock.next_line_at) == (None, None)
    assert not overdue(clock, now=at(date(2026, 5, 6)))
    assert [(shown.since, shown.until) for shown in told.pauses] == [(date(2026, 3, 10), None)]
    assert "自2026-03-10起中止计时，恢复后顺延" in told.sentence


async def test_a_pause_may_be_followed_by_another(tx: AsyncSession, county: County) -> None:
    clock = await a_pausable(tx, county)
    for since in (date(2026, 3, 10), date(2026, 3, 16)):
        await pause(tx, clock, since)
        await resume(tx, clock, since + timedelta(2))

    told = await explanation(tx, clock)

    assert [shown.since for shown in told.pauses] == [date(2026, 3, 10), date(2026, 3, 16)]
    assert clock.last_day == date(2026, 4, 3)  # four working days on


async def test_a_reply_never_pauses_and_the_refusal_names_the_rule(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=MONDAY)

    with pytest.raises(PauseNotAllowed, match="（《代表法》第五十一条）。等待上级或者情况复杂的"):
        await pause(tx, clock, date(2026, 3, 10))


async def test_a_pause_has_its_order(tx: AsyncSession, county: County) -> None:
    clock = await a_pausable(tx, county)
    with pytest.raises(ClockNotPaused):
        await resume(tx, clock, date(2026, 3, 10))
    await pause(tx, clock, date(2026, 3, 10))
    with pytest.raises(ClockPaused, match="自 2026-03-10 起已中止"):
        await pause(tx, clock, date(2026, 3, 11))
    with pytest.raises(ClockPaused):
        await service.restart(
            tx, clock, started_on=date(2026, 2, 27), reason="更正", by=BY, now=at(date(2026, 3, 11))
        )


@pytest.mark.parametrize(
    ("on", "today"),
    [
        (date(2026, 2, 27), date(2026, 3, 10)),  # before the start
        (date(2026, 3, 11), date(2026, 3, 10)),  # in the future
        (date(2026, 3, 31), date(2026, 4, 7)),  # after the end: late is late
    ],
)
async def test_a_pause_on_a_wrong_day_is_refused(
    tx: AsyncSession, county: County, on: date, today: date
) -> None:
    clock = await a_pausable(tx, county)

    with pytest.raises(PauseDateWrong, match="中止日期应在"):
        await pause(tx, clock, on, today=today)


@pytest.mark.parametrize("on", [date(2026, 3, 9), date(2026, 3, 21)])
async def test_it_runs_again_between_the_pause_and_today(tx: AsyncSession, county: County, on: date) -> None:
    clock = await a_pausable(tx, county)
    await pause(tx, clock, date(2026, 3, 10))

    with pytest.raises(PauseDateWrong, match="恢复日期应在"):
        await resume(tx, clock, on, today=date(2026, 3, 20))


async def test_a_row_that_was_reviewed_carries_no_caution(tx: AsyncSession, county: County) -> None:
    clock = await a_pausable(tx, county)

    told = await explanation(tx, clock)

    assert (told.caution, told.rule.reviewed_by, told.rule.article) == (
        None,
        "某法制委",
        "《某条例》第八条",
    )
    assert "待法制审核" not in told.sentence
