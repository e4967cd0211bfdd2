"""Bodies of uploads."""

from uuid import UUID

from app.infra.schemas import Out


class UploadOut(Out):
    """`sha256` is of the cleaned picture, as it is kept."""

    id: UUID
    sha256: str
    width: int
    height: int
