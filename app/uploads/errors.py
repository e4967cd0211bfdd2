"""What uploading refuses."""

from app.kernel.errors import Invalid, NotFound, Unauthenticated


class UploadUnknown(Invalid):
    code = "upload-unknown"

    def __init__(self) -> None:
        super().__init__("有照片已过期或不存在，请重新上传后再提交", field="upload_ids")


class UploadNotFound(NotFound):
    code = "upload-not-found"

    def __init__(self) -> None:
        super().__init__("没有找到这张照片")


class FormTokenInvalid(Unauthenticated):
    code = "form-token-invalid"

    def __init__(self) -> None:
        super().__init__("页面打开太久了，请刷新后再上传")
