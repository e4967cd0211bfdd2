"""Who may look at a photo: its sender till it belongs to something, then whoever may see that something.

Uploads stand below what they belong to, so each owning domain says here which photos of its own an actor
may see: the same predicate as for the thing itself (design.md 3.12). A photo no rule knows is shown to
nobody: fails closed.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.uploads.errors import UploadNotFound
from app.uploads.models import Upload, UploadState

Rule = Callable[[Actor], ColumnElement[bool]]  # on rows of `uploads`
RULES: dict[str, Rule] = {}


def shows(owners: str) -> Callable[[Rule], Rule]:
    """Declare the rule of one owning domain, named for what its photos belong to."""

    def declare(rule: Rule) -> Rule:
        if owners in RULES:
            raise ValueError(f"photos of {owners} have a rule already")
        RULES[owners] = rule
        return rule

    return declare


def visible(actor: Actor) -> ColumnElement[bool]:
    """Rows of `uploads` this actor may look at."""
    pending = and_(col(Upload.owner) == actor.label, col(Upload.state) == UploadState.PENDING)
    return or_(pending, *(rule(actor) for rule in RULES.values()))


async def seen(tx: AsyncSession, id: UUID, actor: Actor) -> Upload:
    """The photo, if this actor may look at it; UploadNotFound otherwise."""
    found = (await tx.exec(select(Upload).where(Upload.id == id, visible(actor)))).first()
    if found is None:
        raise UploadNotFound
    return found
