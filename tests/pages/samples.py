"""One invented view for every page, as full as it gets: what the tests render and look at."""

from datetime import UTC, date, datetime
from typing import Any

from app.pages.views import (
    Category,
    CategoryGroup,
    ClosedStationPage,
    Commitment,
    DutyDelegate,
    ErrorPage,
    FieldError,
    FollowUpForm,
    FollowUpPage,
    Frame,
    HomePage,
    KeptPhoto,
    Message,
    OpinionForm,
    Photo,
    PrivacyNotice,
    PublishedAnswer,
    Rating,
    ReceiptUnknownPage,
    Result,
    StationLink,
    StationPage,
    SubmittedPage,
    TimelineEntry,
    TooManyPage,
)

RECEIPT = "K7QM-2WXH-9DPC-R4TB"
LINK = f"https://lianluo.example/o/{RECEIPT}"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAO7x7QAAACwAAAAAAQABAAACAkQBADs="

FRAME = Frame(county="示例县", path="/s/QX7K2M", demo=True)

CATEGORIES = tuple(
    CategoryGroup(
        name=group,
        categories=tuple(Category(code=f"{group}{name}", name=name) for name in names),
    )
    for group, names in {
        "出行与住房": ("道路桥梁", "公交客运", "农村危房"),
        "水电与环境": ("饮水供水", "用电", "垃圾污水", "河道"),
        "看病上学养老": ("看病", "上学", "养老", "社保"),
    }.items()
)

STATIONS = (
    StationLink(code="QX7K2M", name="云岭镇中心联络站", tier="中心联络站", township="云岭镇"),
    StationLink(
        code="HN3T8W",
        name="大坪村人大代表联络点",
        tier="联络点",
        township="云岭镇",
        address="大坪村文化广场东侧",
    ),
)

STATION = StationPage(
    code="QX7K2M",
    name="云岭镇中心联络站",
    tier="中心联络站",
    township="云岭镇",
    address="云岭镇文昌路 18 号便民服务中心一楼",
    hours="周一至周五 9:00—17:00",
    phone="0766-0000123",
    township_office="镇人大",
    duty=(
        DutyDelegate(name="林秀兰", title="县、镇人大代表", hours="9:00—11:30", phone="0766-0000456"),
        DutyDelegate(name="黄志明", title="镇人大代表", hours="9:00—11:30"),
    ),
    next_reception="12月10日（星期四）上午",
    categories=CATEGORIES,
    answers=(
        PublishedAnswer(
            township="云岭镇",
            category="饮水供水",
            question="山上几个组夏天停水，能不能修个蓄水池？",
            answer="镇政府已列入今年饮水工程，蓄水池 9 月 20 日建成通水。\n水压不稳的，请再告诉我们。",
            answered_by="云岭镇人民政府",
            answered_on=date(2026, 10, 16),
        ),
        PublishedAnswer(
            township="河东街道",
            category="公交客运",
            question="晚上八点以后没有回城的班车",
            answer="自 11 月 1 日起末班车延到 21:10，试行三个月后再定。",
            answered_by="县交通运输局",
            answered_on=date(2026, 10, 28),
        ),
    ),
    privacy=PrivacyNotice(handler="示例县人大常委会", phone="0766-0000789"),
    form=OpinionForm(key="0198b7a2-7d1f-7c3a-9c55-2f6f0a9f3f11", form_token="form-token"),
)

STATION_WITH_ERRORS = StationPage(
    **{
        **vars(STATION),
        "form": OpinionForm(
            key="0198b7a2-7d1f-7c3a-9c55-2f6f0a9f3f11",
            form_token="form-token",
            content="\n村口的桥栏杆断了。\n<script>alert(1)</script>",
            category="出行与住房道路桥梁",
            place='大坪村"老桥"',
            contact_name="陈",
            contact_phone="1380000",
            share_with_unit=True,
            route="township",
            confidential=True,
            kept_photos=(KeptPhoto(id="0198b7a2-0000", name="桥.jpg"),),
        ),
        "errors": (
            FieldError(field="contact_phone", message="电话号码应是 11 位手机号，或带区号的座机号"),
            FieldError(field="photos", message="“远景.jpg”超过 10 MB，请换一张小一点的"),
            FieldError(field="route", message="请选择交给谁"),
        ),
    }
)

CLOSED = ClosedStationPage(
    name="石桥村人大代表联络点",
    tier="联络点",
    township="云岭镇",
    township_office="镇人大",
    phone="0766-0000123",
    elsewhere=STATIONS,
)

SUBMITTED = SubmittedPage(
    number="示例2026-000392",
    receipt=RECEIPT,
    shown=RECEIPT,
    link=LINK,
    station="云岭镇中心联络站",
    triage_due_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
    photos=2,
)

FOLLOW_UP = FollowUpPage(
    number="示例2026-000392",
    receipt=RECEIPT,
    state="told",
    station="云岭镇中心联络站",
    submitted_at=datetime(2026, 11, 3, 1, 20, tzinfo=UTC),
    content="村口老桥的栏杆断了两节，小孩放学从那里过，很危险。\n\n希望赶快修好。",
    category="道路桥梁",
    place="大坪村老桥",
    next_due_at=datetime(2026, 12, 2, 16, tzinfo=UTC),
    late=False,
    timeline=(
        TimelineEntry(at=datetime(2026, 11, 3, 1, 20, tzinfo=UTC), title="收到您的意见"),
        TimelineEntry(
            at=datetime(2026, 11, 4, 8, 5, tzinfo=UTC),
            title="交给云岭镇人民政府办理",
            note="按微实事办理，5 个工作日内答复。",
        ),
        TimelineEntry(at=datetime(2026, 11, 9, 2, 40, tzinfo=UTC), title="答复了"),
    ),
    messages=(
        Message(
            at=datetime(2026, 11, 4, 3, tzinfo=UTC),
            by="office",
            content="请问断的是靠学校那一边吗？",
        ),
        Message(at=datetime(2026, 11, 4, 5, tzinfo=UTC), by="resident", content="是的，靠学校。"),
    ),
    photos=(
        Photo(url="/photos/1", thumbnail=PIXEL, width=240, height=180),
        Photo(url="/photos/2", thumbnail=PIXEL, width=180, height=240),
    ),
    result=Result(
        title="办理结果",
        by="云岭镇人民政府",
        at=datetime(2026, 11, 9, 2, 40, tzinfo=UTC),
        content="断开的栏杆 11 月 8 日已焊接加固，并设了警示牌。\n整座桥的栏杆年底前全部换新。",
    ),
    commitments=(
        Commitment(
            id="c1",
            content="全桥栏杆换新",
            due_on=date(2026, 12, 31),
            owner="云岭镇人民政府",
            may_confirm=True,
        ),
        Commitment(
            id="c2",
            content="设置警示牌",
            due_on=date(2026, 11, 10),
            owner="云岭镇人民政府",
            kept=True,
        ),
    ),
    rating=None,
    may_message=True,
    may_rate=True,
    may_reopen=True,
    form=FollowUpForm(key="0198b7a2-7d1f-7c3a-9c55-2f6f0a9f3f12"),
    notice="您的补充已收到。",
)

ASKED = FollowUpPage(
    **{
        **vars(FOLLOW_UP),
        "state": "awaiting_resident",
        "result": None,
        "commitments": (),
        "may_rate": False,
        "may_reopen": False,
        "notice": None,
        "messages": FOLLOW_UP.messages[:1],
        "errors": (FieldError(field="content", message="请写下您的回答"),),
    }
)

CLOSED_OPINION = FollowUpPage(
    **{
        **vars(FOLLOW_UP),
        "state": "closed",
        "next_due_at": None,
        "may_message": False,
        "may_rate": False,
        "notice": None,
        "rating": Rating(
            satisfied="basically",
            at=datetime(2026, 11, 12, 2, tzinfo=UTC),
            comment="修得快，\n希望全部换好。",
        ),
    }
)

PAGES: dict[str, tuple[str, Any]] = {
    "station": ("station.html", STATION),
    "station-with-errors": ("station.html", STATION_WITH_ERRORS),
    "station-closed": ("station_closed.html", CLOSED),
    "submitted": ("submitted.html", SUBMITTED),
    "follow-up": ("follow_up.html", FOLLOW_UP),
    "follow-up-asked": ("follow_up.html", ASKED),
    "follow-up-closed": ("follow_up.html", CLOSED_OPINION),
    "receipt-unknown": ("receipt_unknown.html", ReceiptUnknownPage(help_phone="0766-0000123")),
    "too-many": ("too_many.html", TooManyPage(retry_after=840)),
    "error": (
        "error.html",
        ErrorPage(
            status=503,
            title="系统正忙",
            detail="您的意见还没有收到，请过一分钟再点一次提交。",
            request_id="01JDQ8",
            back="/s/QX7K2M",
        ),
    ),
    "not-received": (
        "error.html",
        ErrorPage(
            status=503,
            title="暂时不可用",
            detail="您的意见还没有收到。",
            request_id="01JDQ8",
            back="/s/QX7K2M",
            again=STATION_WITH_ERRORS.form,
        ),
    ),
    "home": ("home.html", HomePage(stations=STATIONS)),
}
