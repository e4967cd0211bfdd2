"""What residents said in the invented year, and what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.demo.county import County, Station, Town
from app.demo.days import Days, local
from app.demo.history import Story
from app.demo.names import GIVEN, SURNAMES, mobile
from app.demo.shape import Fate, Shape
from app.demo.texts import (
    ANSWER_TO_SENSITIVE,
    LUKEWARM,
    NOTES,
    PRAISE,
    QUESTIONS,
    REOPENING,
    SENSITIVE,
    SUPPLEMENTS,
    TRANSFERS,
    Matter,
    matter,
)
from app.kernel.clock import DAY, local_date
from app.opinions import answering, following, receiving
from app.opinions.models import Opinion, Satisfaction, Source, ToldHow
from app.opinions.receiving import Contact, From, Words
from app.opinions.rules import Route
from app.opinions.steps import By, staff

RESIDENTS = (3000, 8999)  # their places in the invented range of numbers
IN_TIME = (1, 1, 2, 2, 3)  # working days from one act to the next
PACE = (*IN_TIME * 4, 5, 7)  # of the past: now and then too late
RECENT = timedelta(days=30)
QUIET_DAYS = 16  # fifteen full days after being told
SENSITIVE_SHARE, WITH_CONTACT, WALK_INS = 0.03, 0.6, 0.25
RECOMMENDED, ASKED, BY_DELEGATES, RATED = 0.4, 0.1, 0.3, 0.55
SATISFIED, BASICALLY = (Satisfaction.SATISFIED, PRAISE), (Satisfaction.BASICALLY, LUKEWARM)
MARKS = (
    SATISFIED,
    SATISFIED,
    SATISFIED,
    SATISFIED,
    BASICALLY,
    BASICALLY,
    (Satisfaction.UNSATISFIED, LUKEWARM),
)

# Working days before the last one on which an opinion was heard, for fates that depend on it.
HEARD_BEFORE = {
    Fate.TOLD: (6, 9, 7, 10, 8),
    Fate.ANSWERED: (4, 3, 5, 11),
    Fate.AWAITING: (1, 2, 2),
    Fate.RECEIVED: (0, 0, 1, 0, 6, 1, 1, 13),  # two of them are overdue
}
ENOUGH_AGO = 75  # calendar days in which every closed story has come to its end


@dataclass
class Case:
    """One opinion's story: where, when (`at`: of the latest act), and the opinion once it is heard."""

    tx: AsyncSession
    days: Days
    town: Town
    station: Station
    rng: Random
    at: datetime
    about: Matter | None = None
    heard_at: datetime | None = None
    row: Opinion | None = None

    @property
    def opinion(self) -> Opinion:
        assert self.row is not None  # every story begins with hearing
        return self.row

    def staff(self, actor: Actor) -> By:
        return staff(actor, self.at, historic=True)

    def resident(self) -> By:
        return By("resident", "群众本人", self.at, historic=True)

    def system(self) -> By:
        return By("system", "系统", self.at, historic=True)

    def later(self, working_days: int) -> datetime:
        """In office hours so many working days on: the instant of the next act."""
        self.at = self.days.after(self.at, working_days, self.rng)
        return self.at


Chapter = Callable[[Case], Story]


def stories(tx: AsyncSession, county: County, days: Days, shape: Shape, rng: Random) -> Iterator[Story]:
    """Every opinion but the adopted ones, which are told with their suggestion."""
    for fate, chapters in CHAPTERS.items():
        for place in range(shape.opinions[fate]):
            own = Random(rng.random())
            day = _heard_on(days, fate, place, own)
            town = _town(county, fate, place, own)
            yield told(case_at(tx, days, town, days.leisure(day, own), own), *chapters)


async def told(case: Case, *chapters: Chapter) -> Story:
    for chapter in chapters:
        async for at in chapter(case):
            yield at


def case_at(
    tx: AsyncSession, days: Days, town: Town, at: datetime, rng: Random, about: Matter | None = None
) -> Case:
    return Case(tx, days, town, rng.choice(town.stations), rng, at, about)


def _town(county: County, fate: Fate, place: int, rng: Random) -> Town:
    """The showcase gets the first fresh ones, so that its office has something to do."""
    fresh = fate in HEARD_BEFORE and place < 2
    return county.showcase if fresh else rng.choice(county.places)


def _heard_on(days: Days, fate: Fate, place: int, rng: Random) -> date:
    if fate in HEARD_BEFORE:
        ago = HEARD_BEFORE[fate]
        return days.back(ago[place % len(ago)])
    return days.some_day(rng, least_ago=ENOUGH_AGO)


async def heard(case: Case) -> Story:
    """A resident speaks, by code or to the keeper, who types it in."""
    yield case.at
    keeper = case.station.keeper
    came, by = From(Source.RESIDENT, owner="form"), case.resident()
    if keeper is not None and case.rng.random() < WALK_INS:
        came, by = From(Source.WALK_IN, owner="account"), case.staff(keeper)
    received = await receiving.receive(case.tx, case.station.row, _words(case), came, by)
    case.row, case.heard_at = received.opinion, case.at


def _words(case: Case) -> Words:
    rng = case.rng
    given = case.about or matter(rng, case.town.villages)
    words = Words(content=given.heard(rng), category=given.topic.category, place=given.place)
    if case.about is None and rng.random() < SENSITIVE_SHARE:
        category, text = rng.choice(SENSITIVE)
        words = Words(content=given.fill(text), category=category)
    else:
        case.about = given
    if rng.random() < WITH_CONTACT:
        name = rng.choice(SURNAMES) + rng.choice(GIVEN)
        contact = Contact(name, mobile(rng.randint(*RESIDENTS)), share_with_unit=rng.random() < 0.5)
        words = replace(words, contact=contact)
    return words


async def recommended(case: Case) -> Story:
    """The keeper says what ought to be done; the office decides."""
    keeper = case.station.keeper
    if keeper is None or case.opinion.audience != Route.STATION or case.rng.random() > RECOMMENDED:
        return
    yield case.later(1)
    await answering.recommend(
        case.tx, case.opinion, case.staff(keeper), what="建议答复", note=case.rng.choice(NOTES)
    )


async def asked(case: Case) -> Story:
    yield case.later(1)
    await answering.ask(case.tx, case.opinion, case.rng.choice(QUESTIONS), case.staff(case.town.office))


async def clarified(case: Case) -> Story:
    """Now and then the office asks back and the resident answers the same evening."""
    if case.rng.random() > ASKED:
        return
    async for at in asked(case):
        yield at
    case.at = local(local_date(case.at), 19, case.rng.randrange(60))
    yield case.at
    words = case.rng.choice(SUPPLEMENTS)
    await following.supplement(case.tx, case.opinion, words, case.resident())


async def answered(case: Case) -> Story:
    """By the office or a delegate, mostly within three working days of hearing."""
    yield case.later(case.rng.choice(IN_TIME) if case.days.now - case.at < RECENT else case.rng.choice(PACE))
    delegate = case.rng.choice(case.town.delegates) if case.town.delegates else case.town.office
    author = delegate if case.rng.random() < BY_DELEGATES else case.town.office
    words = case.about.answer if case.about else ANSWER_TO_SENSITIVE
    await answering.answer(case.tx, case.opinion, words, case.staff(author))


async def transferred(case: Case) -> Story:
    yield case.later(case.rng.choice(IN_TIME))
    to, reason, prefix = case.rng.choice(TRANSFERS)
    reference = f"{prefix}{case.at:%Y%m%d}{case.rng.randrange(1000):03d}"
    by = case.staff(case.town.office)
    await answering.transfer(case.tx, case.opinion, by, to=to, reason=reason, reference=reference)


async def informed(case: Case) -> Story:
    """Who left a phone is called, or has read it before; for the others it is read or posted."""
    yield case.later(case.rng.choice((1, 1, 2, 3)))
    known = case.opinion.contact_sealed is not None
    how = case.rng.choice((ToldHow.READ, ToldHow.PHONE if known else ToldHow.POSTED))
    by = case.resident() if how is ToldHow.READ else case.staff(case.town.office)
    await answering.note_told(case.tx, case.opinion, how, by)


async def ended(case: Case) -> Story:
    """Rated by the resident, or closed when fifteen days have passed in silence."""
    if case.rng.random() < RATED:
        yield case.later(case.rng.randint(1, 8))
        mark, comments = case.rng.choice(MARKS)
        comment = case.rng.choice(comments) or None
        await following.rate(case.tx, case.opinion, mark, comment, case.resident())
    else:
        case.at += QUIET_DAYS * DAY
        yield case.at
        await answering.close(case.tx, case.opinion, case.system())


async def reopened(case: Case) -> Story:
    case.at = case.days.office(case.days.back(1), case.rng)
    yield case.at
    await following.reopen(case.tx, case.opinion, REOPENING, case.resident())


CHAPTERS: dict[Fate, tuple[Chapter, ...]] = {
    Fate.ANSWERED_CLOSED: (heard, recommended, clarified, answered, informed, ended),
    Fate.TRANSFERRED_CLOSED: (heard, transferred, informed, ended),
    Fate.TOLD: (heard, answered, informed),
    Fate.ANSWERED: (heard, answered),
    Fate.AWAITING: (heard, asked),
    Fate.REOPENED: (heard, answered, informed, ended, reopened),
    Fate.RECEIVED: (heard,),
}
