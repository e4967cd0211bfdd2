"""When things happened in the invented year: office hours of working days (pure)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from app.deadlines.arithmetic import WorkingCalendar
from app.kernel.clock import DAY, SHANGHAI, local_date

YEAR = 364 * DAY


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a local day."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


class Days:
    """Looks back from `now` (business time). Everything invented lies before today."""

    def __init__(self, calendar: WorkingCalendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = now
        self.today = local_date(now)
        self.last = calendar.shift(self.today, -1)

    def back(self, working_days: int) -> date:
        """So many working days before the last one that is over."""
        return self.calendar.shift(self.last, -working_days)

    def office(self, day: date, rng: Random) -> datetime:
        return local(day, rng.randint(9, 16), rng.randrange(60))

    def leisure(self, day: date, rng: Random) -> datetime:
        """When residents write: from breakfast to bedtime."""
        return local(day, rng.randint(7, 21), rng.randrange(60))

    def walk(self, end: date, gaps: Sequence[int], rng: Random) -> list[datetime]:
        """Instants in office hours, the last on `end`; each gap is in working days, at least one."""
        days = [end]
        for gap in reversed(gaps):
            days.append(self.calendar.shift(days[-1], -gap))
        return [self.office(day, rng) for day in reversed(days)]

    def after(self, instant: datetime, working_days: int, rng: Random) -> datetime:
        return self.office(self.calendar.shift(local_date(instant), working_days), rng)

    def some_day(self, rng: Random, *, least_ago: int) -> date:
        """Any day of the year that ends `least_ago` days before today."""
        return self.today - rng.randint(least_ago, YEAR.days) * DAY

    def shift_weeks(self, weeks: int) -> date:
        """So many weeks after today, a working day or not."""
        return self.today + weeks * 7 * DAY


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
