from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

import app.main  # noqa: F401  (declares every event)
from app.kernel.events import Event
from app.webhooks.publicity import FAMILIES, TooLargeToSend, is_public, payload, wanted

OPEN = {"suggestion_id": "x", "confidential": False}


@pytest.mark.parametrize("name", ["opinion.received", "suggestion.replied", "suggestion.closed"])
def test_open_events_of_opinions_and_suggestions_are_public(name: str) -> None:
    assert is_public(name, OPEN)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("suggestion.replied", {"confidential": True}),
        ("suggestion.replied", {}),
        ("suggestion.replied", {"confidential": None}),
        ("suggestion.replied", {"confidential": "false"}),
        ("internal.suggestion_evaluated", OPEN),
        ("deadline.line_crossed", OPEN),
        ("visit.recorded", OPEN),
        ("opinions.received", OPEN),
        ("suggestion.evaluated", OPEN),
        ("suggestion.rejected", OPEN),
        ("suggestion.conference_held", OPEN),
        ("opinion.accused", OPEN),
        ("opinion.transferred", {**OPEN, "to": "discipline"}),
        ("opinion.received", {**OPEN, "accusation": True}),
    ],
)
def test_everything_else_stays_inside(name: str, body: dict[str, Any]) -> None:
    assert not is_public(name, body)


def _every(kind: type[Event]) -> list[type[Event]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _every(below))]


def test_every_event_of_a_public_family_says_whether_it_is_confidential() -> None:
    ours = [
        kind
        for kind in _every(Event)
        if getattr(kind, "name", "").startswith(FAMILIES) and kind.__module__.startswith("app.")
    ]

    assert len(ours) >= 10
    assert [kind for kind in ours if "confidential" not in {f.name for f in fields(kind)}] == []


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["*"], True),
        (["suggestion.*"], True),
        (["opinion.*", "suggestion.replied"], True),
        (["opinion.*"], False),
        (["suggestion.replied_again"], False),
        ([], False),
    ],
)
def test_globs_name_all_a_family_or_one(globs: list[str], expected: bool) -> None:
    assert wanted("suggestion.replied", globs) is expected


def test_a_payload_of_twenty_kilobytes_is_a_fault_of_ours() -> None:
    at = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)

    assert payload("opinion.received", at, {"id": "1"}) == (
        '{"type":"opinion.received","timestamp":"2026-11-25T02:00:00+00:00","data":{"id":"1"}}'
    )
    with pytest.raises(TooLargeToSend):
        payload("opinion.received", at, {"id": "字" * 7000})
