"""One file of a multipart request, read no further than its limit."""

from fastapi import Request, UploadFile

from app.adapters.files import FileStore
from app.kernel.errors import Invalid
from app.uploads.images import MAX_BYTES, ImagePool, UploadTooLarge
from app.uploads.storage import Stores


class FileMissingInForm(Invalid):
    code = "file-missing-in-form"

    def __init__(self) -> None:
        super().__init__("请选择一张照片，用表单字段 file 上传", field="file")


async def read_limited(file: UploadFile) -> bytes:
    """The whole file; UploadTooLarge past 10 MB. An empty one is missing."""
    data = await file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UploadTooLarge("照片不能超过 10 MB，请压缩后再上传", field="file")
    if not data:
        raise FileMissingInForm
    return data


def pool_of(request: Request) -> ImagePool:
    pool: ImagePool = request.app.state.outside[ImagePool]
    return pool


def store_of(request: Request) -> FileStore:
    stores: Stores = request.app.state.outside[Stores]
    return stores.of(request.state.tenant.slug)
