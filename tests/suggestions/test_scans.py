"""A scan named by an act belongs to the file from then on, and only its sender can name it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.settings import Settings
from app.uploads.images import ImagePool
from app.uploads.models import Upload, UploadState
from app.uploads.storage import Stores
from tests.conftest import MovableClock, app_with
from tests.suggestions.desk import Desk
from tests.uploads.pictures import detailed


@pytest.fixture
def app(settings: Settings, database: Database, clock: MovableClock, tmp_path: Path) -> FastAPI:
    return app_with(settings, database, now=clock, outside={Stores: Stores(tmp_path)})


@pytest.fixture
async def decoding(app: FastAPI) -> AsyncIterator[None]:
    pool: ImagePool = app.state.outside[ImagePool]
    pool.start()
    yield
    await pool.stop()


async def send(client: httpx.AsyncClient, desk: Desk, who: str, side: int = 320) -> str:
    files = {"file": ("scan.jpg", detailed("JPEG", side), "image/jpeg")}
    answer = await client.post("/api/v1/uploads", files=files, headers=desk.county[who].headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.usefixtures("decoding")
async def test_the_delegates_signed_consent_lets_a_reply_stand_and_is_kept(
    desk: Desk, client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await desk.rejected()
    others = await send(client, desk, "bob")
    stand = {"decision": "stand", "reason": "代表书面同意维持"}
    theirs = {**stand, "upload_id": others}
    assert await desk.refused("chen", "rejection-decision", theirs) == "upload-unknown"
    scan = await send(client, desk, "chen")
    after = await desk.done("chen", "rejection-decision", {**stand, "upload_id": scan})
    assert after["state"] == "closed"
    async with database.unit(tenant) as tx:
        states = {str(u.id): u.state for u in (await tx.exec(select(Upload))).all()}
    assert states == {scan: UploadState.CLAIMED, others: UploadState.PENDING}
