"""Bodies of referrals to units, and of merging."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from app.infra.schemas import Body, Out, Reason
from app.opinions.rules import Category
from app.opinions.workflow import State


class ReferralIn(Body):
    unit_id: UUID


class ReturnIn(Body):
    reason: Reason


class ExtensionRequestIn(Body):
    """`until`: a local day, included."""

    until: date
    reason: Reason


class ExtensionDecisionIn(Body):
    agree: bool
    reason: Reason


class MergeIn(Body):
    into_id: UUID


class AlikeOut(Out):
    """`likeness`: shared trigrams of both texts, from 0 to 1."""

    id: UUID
    number: str
    state: State
    category: Category | None
    content: str
    created_at: AwareDatetime
    likeness: float


class HandedBackOut(Out):
    """What remains to be seen of what was handed back."""

    id: UUID
    state: State
