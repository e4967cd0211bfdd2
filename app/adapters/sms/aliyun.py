"""Aliyun SMS (阿里云短信服务), version 2017-05-25: SendSms, QuerySendDetails."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from app.adapters import http as outside
from app.adapters.delivery import (
    MINUTE,
    Ambiguous,
    Delivered,
    Outcome,
    Rejected,
    Retry,
    Stands,
    after_silence,
    rejected,
    seconds_to_midnight,
)
from app.adapters.sms.message import Sms, without
from app.adapters.sms.signing import Acs3, Key
from app.kernel.clock import DAY, Clock, local_date, machine_now

HOST = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
SEND, RECEIPTS = "SendSms", "QuerySendDetails"
FAILED = 2  # SendStatus; 1: the receipt is awaited, 3: received

RATE = "isv.BUSINESS_LIMIT_CONTROL"  # which of the limits stands in the message alone
HOURLY, DAILY = "小时级", "天级"
DAYS_QUOTA = "isv.DAY_LIMIT_CONTROL"
IN_DOUBT = ("isp.SYSTEM_ERROR", "InternalError", "ServiceUnavailable")
REFUSALS = {
    "isv.MOBILE_NUMBER_ILLEGAL": ("phone-unfit", Stands.PERSON),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("sensitive-word", Stands.MESSAGE),
    "isv.SMS_TEMPLATE_ILLEGAL": ("template-unknown", Stands.CHANNEL),
    "isv.SMS_SIGNATURE_ILLEGAL": ("signature-unknown", Stands.CHANNEL),
    "isv.SIGN_NAME_ILLEGAL": ("signature-unknown", Stands.CHANNEL),
    "isv.AMOUNT_NOT_ENOUGH": ("balance-spent", Stands.CHANNEL),
    "isv.OUT_OF_SERVICE": ("balance-spent", Stands.CHANNEL),
    "isv.MONTH_LIMIT_CONTROL": ("balance-spent", Stands.CHANNEL),
    "isv.ACCOUNT_NOT_EXISTS": ("refused", Stands.CHANNEL),
    "isv.ACCOUNT_ABNORMAL": ("refused", Stands.CHANNEL),
    "isv.PRODUCT_UN_SUBSCRIPT": ("refused", Stands.CHANNEL),
    "isp.RAM_PERMISSION_DENY": ("refused", Stands.CHANNEL),
    "SignatureDoesNotMatch": ("refused", Stands.CHANNEL),
    "InvalidAccessKeyId.NotFound": ("refused", Stands.CHANNEL),
    "InvalidAccessKeyId.Inactive": ("refused", Stands.CHANNEL),
    "InvalidTimeStamp.Expired": ("refused", Stands.CHANNEL),
}


@dataclass(frozen=True)
class AliyunAccount:
    """`sign_name`: the approved 签名 without 【】."""

    key: Key
    sign_name: str


def _nonce() -> str:
    return secrets.token_hex(16)


class AliyunSms:
    def __init__(
        self,
        account: AliyunAccount,
        http: httpx.AsyncClient,
        *,
        clock: Clock = machine_now,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._nonce = nonce

    async def send(self, sms: Sms) -> Outcome:
        phone = sms.mainland_phone()
        if phone is None:
            return Rejected("phone-unfit", Stands.PERSON)
        query = {
            "PhoneNumbers": phone,
            "SignName": self._account.sign_name,
            "TemplateCode": sms.template,
            "TemplateParam": json.dumps(sms.fitted(), ensure_ascii=False),
            "OutId": sms.reference,
        }
        try:
            response = await self._call(SEND, query)
        except outside.Unreachable as silence:
            return after_silence(str(silence), arrived=silence.arrived)
        return outcome_of(response, phone=phone, now=self._clock())

    async def find(self, sms: Sms) -> Outcome | None:
        """What Aliyun knows of this reference, sent today or yesterday; None: nothing (yet)."""
        phone, today = sms.mainland_phone(), local_date(self._clock())
        if phone is None:
            return None
        for day in (today, today - DAY):
            query = {
                "PhoneNumber": phone,
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": "50",
                "CurrentPage": "1",
            }
            try:
                response = await self._call(RECEIPTS, query)
            except outside.Unreachable:
                return None
            if found := found_in(outside.json_object(response) or {}, sms.reference):
                return found
        return None

    async def _call(self, action: str, query: dict[str, str]) -> httpx.Response:
        host = self._http.base_url.netloc.decode()
        request = Acs3(host, action, VERSION, query, self._clock(), self._nonce())
        path = f"/?{request.query_string()}"  # whole, as it was signed
        headers = request.headers(self._account.key)
        return await outside.send_in_time(self._http, "POST", path, headers=headers)


def found_in(answer: dict[str, Any], reference: str) -> Outcome | None:
    details = answer.get("SmsSendDetailDTOs")
    listed = details.get("SmsSendDetailDTO") if isinstance(details, dict) else None
    for detail in listed or []:
        if detail.get("OutId") == reference:
            if detail.get("SendStatus") == FAILED:
                return Rejected("not-received", Stands.PERSON, str(detail.get("ErrCode", ""))[:50])
            return Delivered(None)
    return None


def outcome_of(response: httpx.Response, *, phone: str, now: datetime) -> Outcome:
    answer = outside.json_object(response) or {}
    code, words = str(answer.get("Code", "")), without(phone, str(answer.get("Message", "")))
    if not code or code.startswith(IN_DOUBT):
        return Ambiguous(code or f"no answer of the provider's, HTTP {response.status_code}")
    if code == "OK":
        return Delivered(str(answer["BizId"]) if answer.get("BizId") else None)
    if code in (RATE, DAYS_QUOTA) or code.startswith("Throttling"):
        return Retry(_wait(code, words, now), "rate")
    return rejected(code, words, REFUSALS)


def _wait(code: str, words: str, now: datetime) -> int:
    """Seconds. Per number: 1 a minute, 5 an hour, 10 a day."""
    if code == DAYS_QUOTA or DAILY in words:
        return seconds_to_midnight(now)
    return 60 * MINUTE if HOURLY in words else MINUTE
