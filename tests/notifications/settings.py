"""Administrators (三员) of the test county."""

from app.accounts import service as accounts
from app.accounts.actor import Post
from app.accounts.logging_in import start_session
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from tests.notifications.rig import Rig
from tests.people import Token


async def administrator(rig: Rig, role: str) -> Token:
    async with rig.database.unit(rig.tenant) as tx:
        post = Post(Role(role), ScopeKind.COUNTY, rig.county.region_id)
        made = await accounts.open_account(tx, name=role, posts=[post])
        tokens = await start_session(tx, AccountId(made.id))
    return Token(made.id, tokens.access_token)
