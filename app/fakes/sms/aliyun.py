"""SendSms and its receipts as Aliyun answers: parameters in the query, HTTP 4xx for a bad signature."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.sms.world import SmsTemplate, SmsWorld
from app.kernel.clock import local_date

SKEW_SECONDS = 900
LONGEST_VALUE = 35
AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<id>[^,]+),"
    r"SignedHeaders=(?P<signed>[\w;-]+),Signature=(?P<signature>[0-9a-f]{64})"
)
MUST_SIGN = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"}
PHONE = re.compile(r"1[3-9][0-9]{9}")


class AliyunError(Exception):
    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


async def send_sms(request: Request, world: SmsWorld) -> JSONResponse:
    try:
        check_signature(request, await request.body(), world)
        return sent(request, world)
    except AliyunError as error:
        return refusal(error)


async def query_details(request: Request, world: SmsWorld) -> JSONResponse:
    """QuerySendDetails: what was sent to one phone on one day."""
    try:
        check_signature(request, await request.body(), world)
    except AliyunError as error:
        return refusal(error)
    phone, day = request.query_params["PhoneNumber"], request.query_params["SendDate"]
    listed = [
        {"OutId": text.reference, "SendStatus": 3 if received else 2, "ErrCode": "DELIVERED"}
        for text, received in world.receipts(phone)
        if f"{local_date(text.at):%Y%m%d}" == day
    ]
    return JSONResponse({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}})


def refusal(error: AliyunError) -> JSONResponse:
    said = {"Code": error.code, "Message": error.message, "RequestId": "fake"}
    return JSONResponse(said, status_code=error.status)


def check_signature(request: Request, body: bytes, world: SmsWorld) -> None:
    found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None or not set(found["signed"].split(";")) >= MUST_SIGN:
        raise AliyunError("IncompleteSignature", "The request signature does not conform", 400)
    if found["id"] != world.key_id:
        raise AliyunError("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
    at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if abs((world.clock() - at).total_seconds()) > SKEW_SECONDS:
        raise AliyunError("InvalidTimeStamp.Expired", "Specified time stamp is expired.", 400)
    if not hmac.compare_digest(
        found["signature"], expected(request, body, found["signed"], world.key_secret)
    ):
        raise AliyunError("SignatureDoesNotMatch", "Specified signature does not match.", 400)
    nonce = request.headers["x-acs-signature-nonce"]
    if nonce in world.nonces:
        raise AliyunError("SignatureNonceUsed", "Specified signature nonce was used already.", 400)
    world.nonces.add(nonce)


def expected(request: Request, body: bytes, signed: str, secret: str) -> str:
    """Reckoned anew from what arrived: the raw query, sorted, and the body's own digest."""
    query = "&".join(sorted(request.url.query.split("&")))
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed.split(";"))
    canonical = "\n".join(["POST", "/", query, lines, signed, hashlib.sha256(body).hexdigest()])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def sent(request: Request, world: SmsWorld) -> JSONResponse:
    query = request.query_params
    phone, reference = query.get("PhoneNumbers", ""), query.get("OutId", "")
    template = checked(phone, query.get("SignName", ""), query.get("TemplateCode", ""), world)
    values = values_of(template, query.get("TemplateParam", "{}"))
    if word := world.limit_reached(phone):
        raise AliyunError("isv.BUSINESS_LIMIT_CONTROL", f"触发{word}流控Permits:1 {phone}")
    text = world.receive(phone, "aliyun", template, values, reference)
    return JSONResponse({"Code": "OK", "Message": "OK", "BizId": text.serial, "RequestId": "fake"})


def checked(phone: str, sign_name: str, code: str, world: SmsWorld) -> SmsTemplate:
    template = world.templates.get(code)
    if not PHONE.fullmatch(phone):
        raise AliyunError("isv.MOBILE_NUMBER_ILLEGAL", f"{phone}invalid mobile number")
    if sign_name != world.sign_name:
        raise AliyunError("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名")
    if template is None:
        raise AliyunError("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板")
    if phone in world.blacklist:
        raise AliyunError("isv.MOBILE_NUMBER_ILLEGAL", f"{phone}black list")
    return template


def values_of(template: SmsTemplate, raw: str) -> list[str]:
    try:
        given = json.loads(raw)
        values = [str(given[name]) for name in template.names]
    except (ValueError, TypeError):
        raise AliyunError("isv.INVALID_JSON_PARAM", "参数格式错误") from None
    except KeyError:
        raise AliyunError("isv.TEMPLATE_MISSING_PARAMETERS", "模板变量缺少对应参数值") from None
    if any(not 1 <= len(value) <= LONGEST_VALUE for value in values):
        raise AliyunError("isv.PARAM_LENGTH_LIMIT", "参数超过长度限制")
    return values
