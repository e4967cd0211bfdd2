"""Tencent Cloud SMS (腾讯云短信), version 2021-01-11: SendSms, PullSmsSendStatusByPhoneNumber.

HTTP 200 says nothing: each number has its own code in SendStatusSet.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from app.adapters.sms.signing import Key, Tc3
from app.kernel.clock import Clock, machine_now

HOST = "https://sms.tencentcloudapi.com"
VERSION = "2021-01-11"
SEND, RECEIPTS = "SendSms", "PullSmsSendStatusByPhoneNumber"
LOOK_BACK = timedelta(days=1)

TODAY = 0  # stands for: till midnight
WAITS = {
    "LimitExceeded.DeliveryFrequencyLimit": 30,
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30,
    "LimitExceeded.PhoneNumberOneHourLimit": 60 * MINUTE,
    "LimitExceeded.PhoneNumberDailyLimit": TODAY,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": TODAY,
    "LimitExceeded.AppDailyLimit": TODAY,
    "LimitExceeded.DailyLimit": TODAY,
    "LimitExceeded.AppMainlandChinaDailyLimit": TODAY,
    "RequestLimitExceeded": MINUTE,
}
REFUSALS = {
    "FailedOperation.PhoneNumberInBlacklist": ("phone-refuses", Stands.PERSON),
    "InvalidParameterValue.IncorrectPhoneNumber": ("phone-unfit", Stands.PERSON),
    "FailedOperation.ContainSensitiveWord": ("sensitive-word", Stands.MESSAGE),
    "FailedOperation.TemplateIncorrectOrUnapproved": ("template-unknown", Stands.CHANNEL),
    "FailedOperation.SignatureIncorrectOrUnapproved": ("signature-unknown", Stands.CHANNEL),
    "FailedOperation.InsufficientBalanceInSmsPackage": ("balance-spent", Stands.CHANNEL),
    "InvalidParameterValue.SdkAppIdNotExist": ("refused", Stands.CHANNEL),
}
# Families in which each member means: nobody is reached until the operator has acted.
OPERATOR = ("AuthFailure", "UnauthorizedOperation", "InvalidAction", "NoSuchVersion", "UnsupportedRegion")


@dataclass(frozen=True)
class TencentAccount:
    """`app_id`: SdkAppId, `sign_name`: the approved 签名 without 【】."""

    key: Key
    app_id: str
    sign_name: str
    region: str = "ap-guangzhou"


class TencentSms:
    def __init__(
        self, account: TencentAccount, http: httpx.AsyncClient, *, clock: Clock = machine_now
    ) -> None:
        self._account = account
        self._http = http
        self._clock = clock

    async def send(self, sms: Sms) -> Outcome:
        phone = sms.mainland_phone()
        if phone is None:
            return Rejected("phone-unfit", Stands.PERSON)
        fields = {
            "PhoneNumberSet": [f"+86{phone}"],
            "SmsSdkAppId": self._account.app_id,
            "SignName": self._account.sign_name,
            "TemplateId": sms.template,
            "TemplateParamSet": list(sms.fitted().values()),
            "SessionContext": sms.reference,
        }
        try:
            response = await self._call(SEND, fields)
        except outside.Unreachable as silence:
            return after_silence(str(silence), arrived=silence.arrived)
        return outcome_of(response, phone=phone, now=self._clock())

    async def find(self, sms: Sms) -> Outcome | None:
        """What the carrier's receipt says of this reference within a day; None: no receipt (yet)."""
        phone, now = sms.mainland_phone(), self._clock()
        if phone is None:
            return None
        fields = {
            "BeginTime": int((now - LOOK_BACK).timestamp()),
            "EndTime": int(now.timestamp()),
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": f"+86{phone}",
            "SmsSdkAppId": self._account.app_id,
        }
        try:
            response = await self._call(RECEIPTS, fields)
        except outside.Unreachable:
            return None
        return found_in(outside.json_object(response) or {}, sms.reference)

    async def _call(self, action: str, fields: dict[str, Any]) -> httpx.Response:
        body = json.dumps(fields, ensure_ascii=False).encode()
        host = self._http.base_url.netloc.decode()
        headers = {
            **Tc3(host, "sms", body, self._clock()).headers(self._account.key),
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Region": self._account.region,
        }
        return await outside.send_in_time(self._http, "POST", "", content=body, headers=headers)


def found_in(answer: dict[str, Any], reference: str) -> Outcome | None:
    said = answer.get("Response")
    listed = said.get("PullSmsSendStatusSet") if isinstance(said, dict) else None
    for receipt in listed or []:
        if receipt.get("SessionContext") == reference:
            if receipt.get("ReportStatus") == "SUCCESS":
                return Delivered(str(receipt.get("SerialNo", "")) or None)
            return Rejected("not-received", Stands.PERSON, str(receipt.get("Description", ""))[:50])
    return None


def outcome_of(response: httpx.Response, *, phone: str, now: datetime) -> Outcome:
    answer = (outside.json_object(response) or {}).get("Response")
    told = _told(answer) if isinstance(answer, dict) else None
    if told is None:
        return Ambiguous(f"no answer of the provider's, HTTP {response.status_code}")
    code = str(told.get("Code", ""))
    if code == "Ok":
        return Delivered(str(told["SerialNo"]) if told.get("SerialNo") else None)
    if code in WAITS:
        return Retry(WAITS[code] or seconds_to_midnight(now), "rate")
    if code.startswith("InternalError"):
        return Ambiguous(code)  # some of them mean: sent, but the carrier's answer was lost
    words = without(phone, str(told.get("Message", "")))
    if code.startswith(OPERATOR):
        return Rejected("refused", Stands.CHANNEL, f"{code} {words}")
    return rejected(code, words, REFUSALS)


def _told(answer: dict[str, Any]) -> dict[str, Any] | None:
    """What is said of the whole request, else of our one number."""
    listed = answer.get("SendStatusSet")
    told = answer.get("Error") or (listed[0] if isinstance(listed, list) and listed else None)
    return told if isinstance(told, dict) else None
