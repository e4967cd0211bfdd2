"""The invented words are fit for the forms they go into, and land on the desks they are meant for."""

from random import Random

import pytest
from pydantic import TypeAdapter

from app.demo.names import MOBILE, Names, mobile
from app.demo.texts import Topic, matter, topics
from app.infra.schemas import Long, Short
from app.opinions.rules import Category, Route, audience, merely_forwards
from app.suggestions.models import Outcome

VILLAGES = ("东坪村", "西岗村")
OUTCOMES = (Outcome.SOLVED, Outcome.PARTLY_SOLVED, Outcome.PLANNED, Outcome.CROSS_YEAR, Outcome.NOT_FEASIBLE)


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.title)
def test_every_topic_fills_its_forms(topic: Topic) -> None:
    about = matter(Random(3), VILLAGES, topic)
    TypeAdapter(Short).validate_python(about.title)
    replies = [about.reply(outcome) for outcome in OUTCOMES]
    for text in (about.situation, about.proposal, about.promise, about.answer, *replies):
        assert "{" not in TypeAdapter(Long).validate_python(text)


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.title)
def test_what_residents_say_of_a_topic_stays_at_the_station(topic: Topic) -> None:
    for word in topic.heard:
        assert audience(Route.STATION, topic.category, word.said) is Route.STATION


def test_no_analysis_merely_forwards_the_residents_words() -> None:
    rng = Random(4)
    for _ in range(300):
        about = matter(rng, VILLAGES)
        assert not merely_forwards(about.situation, [about.heard(rng)])


def test_texts_vary() -> None:
    rng = Random(5)
    said = [matter(rng, VILLAGES).heard(rng) for _ in range(400)]
    assert len(set(said)) > 350
    assert {topic.category for topic in topics()} >= set(Category) - {
        Category.VILLAGE_AFFAIRS,
        Category.CONDUCT,
        Category.LAND_COMPENSATION,
    }


def test_the_same_seed_gives_the_same_people_and_no_name_twice() -> None:
    one, other = Names(Random(1)), Names(Random(1))
    people = [one.person() for _ in range(2000)]
    assert people == [other.person() for _ in range(2000)]
    assert len(set(people)) == 2000


def test_phones_come_from_one_invented_range() -> None:
    assert (mobile(7), mobile(9235)) == (f"{MOBILE}0007", f"{MOBILE}9235")
