"""SendSms and its receipts as Tencent Cloud answers: HTTP 200 whatever happens, one code for each number."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.sms.world import SmsWorld

SKEW_SECONDS = 300
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<date>[\d-]+)/(?P<service>\w+)/tc3_request, "
    r"SignedHeaders=(?P<signed>[\w;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
PHONE = re.compile(r"\+861[3-9][0-9]{9}")
LIMITS = {
    "分钟级": "LimitExceeded.PhoneNumberThirtySecondLimit",
    "小时级": "LimitExceeded.PhoneNumberOneHourLimit",
    "天级": "LimitExceeded.PhoneNumberDailyLimit",
}


class TencentError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


async def send_sms(request: Request, world: SmsWorld) -> JSONResponse:
    body = await request.body()
    try:
        check_signature(request, body, world)
        sent = read(body, world)
    except TencentError as error:
        return whole_error(error)
    told = [status_of(phone, sent, world) for phone in sent["PhoneNumberSet"]]
    return JSONResponse({"Response": {"SendStatusSet": told, "RequestId": "fake"}})


async def pull_status(request: Request, world: SmsWorld) -> JSONResponse:
    """PullSmsSendStatusByPhoneNumber: receipts between two instants."""
    body = await request.body()
    try:
        check_signature(request, body, world)
    except TencentError as error:
        return whole_error(error)
    asked = json.loads(body)
    told = [
        {
            "SerialNo": text.serial,
            "PhoneNumber": f"+86{text.phone}",
            "ReportStatus": "SUCCESS" if received else "FAIL",
            "Description": "DELIVRD" if received else "EXPIRED",
            "SessionContext": text.reference,
        }
        for text, received in world.receipts(str(asked["PhoneNumber"]).removeprefix("+86"))
        if asked["BeginTime"] <= text.at.timestamp() <= asked["EndTime"]
    ]
    return JSONResponse({"Response": {"PullSmsSendStatusSet": told, "RequestId": "fake"}})


def whole_error(error: TencentError) -> JSONResponse:
    said = {"Code": error.code, "Message": error.message}
    return JSONResponse({"Response": {"Error": said, "RequestId": "fake"}})


def check_signature(request: Request, body: bytes, world: SmsWorld) -> None:
    found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise TencentError("AuthFailure.InvalidAuthorization", "Authorization malformed")
    if found["id"] != world.key_id:
        raise TencentError("AuthFailure.SecretIdNotFound", "The SecretId is not found")
    at = int(request.headers.get("x-tc-timestamp", "0"))
    if abs(world.clock().timestamp() - at) > SKEW_SECONDS:
        raise TencentError("AuthFailure.SignatureExpire", "signature expired")
    if not hmac.compare_digest(found["signature"], expected(request, body, found, at, world.key_secret)):
        raise TencentError("AuthFailure.SignatureFailure", "The provided credentials could not be validated")


def expected(request: Request, body: bytes, found: re.Match[str], at: int, secret: str) -> str:
    """Reckoned anew from what arrived; the date must be the timestamp's own."""
    names = found["signed"].split(";")
    lines = "".join(f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n\n{lines}\n{found['signed']}\n{digest}"
    date = datetime.fromtimestamp(at, UTC).date().isoformat()
    scope = f"{date}/sms/tc3_request"
    text = f"TC3-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (date, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def read(body: bytes, world: SmsWorld) -> dict[str, Any]:
    try:
        sent = json.loads(body)
        phones, values = sent["PhoneNumberSet"], sent["TemplateParamSet"]
    except (ValueError, KeyError, TypeError):
        raise TencentError("InvalidParameter", "body malformed") from None
    if sent.get("SmsSdkAppId") != world.app_id:
        raise TencentError("InvalidParameterValue.SdkAppIdNotExist", "SdkAppId does not exist")
    if not isinstance(phones, list) or not 1 <= len(phones) <= 200 or not isinstance(values, list):
        raise TencentError("InvalidParameter", "PhoneNumberSet must hold 1-200 numbers")
    return dict(sent)


def status_of(phone: str, sent: dict[str, Any], world: SmsWorld) -> dict[str, Any]:
    code = fault_of(phone, sent, world) or "Ok"
    serial = ""
    if code == "Ok":
        template = world.templates[sent["TemplateId"]]
        reference = str(sent.get("SessionContext", ""))
        text = world.receive(
            phone.removeprefix("+86"), "tencent", template, sent["TemplateParamSet"], reference
        )
        serial = text.serial
    return {
        "SerialNo": serial,
        "PhoneNumber": phone,
        "Fee": 1 if serial else 0,
        "SessionContext": sent.get("SessionContext", ""),
        "Code": code,
        "Message": "send success" if serial else f"refused for {phone}",
        "IsoCode": "CN",
    }


def fault_of(phone: str, sent: dict[str, Any], world: SmsWorld) -> str | None:
    template = world.templates.get(sent.get("TemplateId", ""))
    if not PHONE.fullmatch(phone):
        return "InvalidParameterValue.IncorrectPhoneNumber"
    if sent.get("SignName") != world.sign_name:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    if template is None:
        return "FailedOperation.TemplateIncorrectOrUnapproved"
    if len(sent["TemplateParamSet"]) != len(template.names):
        return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    if phone.removeprefix("+86") in world.blacklist:
        return "FailedOperation.PhoneNumberInBlacklist"
    limit = world.limit_reached(phone.removeprefix("+86"))
    return LIMITS[limit] if limit else None
