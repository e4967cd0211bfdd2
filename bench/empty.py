"""A validated FastAPI POST without a database: what the framework alone can do here."""

from fastapi import FastAPI

from app.opinions.schemas import OpinionIn

app = FastAPI()


@app.post("/opinions", status_code=201)
async def speak(body: OpinionIn) -> dict[str, str]:
    return {"number": "2026-000001", "receipt": "ABCDEFGHJKMNPQRSTVWX", "url": body.station_code}
