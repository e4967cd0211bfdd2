"""Names of places and people that exist nowhere; drawn from a seeded generator, the same every time."""

from random import Random

COUNTY = "示例县"
COUNTY_CODE = "990001"
TERM = 18  # 届

# Invented: odd characters together, so that no reader takes them for a place they know.
TOWNS = (
    "青稔镇",
    "禾洛镇",
    "榕砚镇",
    "石篱镇",
    "竹屿镇",
    "枫陌镇",
    "澜坪镇",
    "麦岚镇",
    "桐塬镇",
    "苇汐镇",
    "岩蕉镇",
    "荔畲镇",
    "雁圩镇",
    "槐汀镇",
    "陶垌镇",
    "葵岫镇",
    "沐樨镇",
)
STREETS = ("澄篱街道", "望砚街道", "启稔街道", "映葵街道")
BUREAUS = (
    "县交通运输局",
    "县水务局",
    "县住房和城乡建设局",
    "县教育局",
    "县卫生健康局",
    "县农业农村局",
    "县民政局",
    "县公安局",
    "县生态环境局",
    "县文化广电旅游体育局",
    "县城市管理局",
    "县发展和改革局",
    "县自然资源局",
)
INNER_OFFICES = ("农业农村办公室", "规划建设办公室")  # 内设机构: may not answer in their own name

VILLAGE_FIRST = "东西南北上下新老里外高长"
VILLAGE_LAST = "坪岗塘湾垌埔桥井圳坳"
SURNAMES = "陈林黄李张吴梁罗何郑谢邓冯曾彭萧蔡潘袁董余叶程苏魏吕丁任卢姚沈钟崔谭廖范陆石"
GIVEN = "稔禾砚棠樟桐穗岚汀葵畲笙篱屿陌澄蕉沐樨圳芃苒蓁桉柘枞榆楠栩洛"
MOBILE = "1700000"  # an invented range; nothing is ever sent to it


class Names:
    """Draws people and villages; no person's name twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def person(self) -> str:
        while True:
            name = self._rng.choice(SURNAMES) + "".join(self._rng.sample(GIVEN, 2))
            if name not in self._taken:
                self._taken.add(name)
                return name

    def villages(self, count: int) -> tuple[str, ...]:
        every = [f"{first}{last}村" for first in VILLAGE_FIRST for last in VILLAGE_LAST]
        return tuple(self._rng.sample(every, count))


def mobile(number: int) -> str:
    """The `number`-th of 10,000 invented mobile numbers."""
    return f"{MOBILE}{number:04d}"


def district(index: int) -> str:
    """第一选区, 第二选区 … as rosters write them: 第1选区."""
    return f"第{index}选区"
