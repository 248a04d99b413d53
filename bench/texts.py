"""Made-up petitions: 150 to 300 Chinese characters each, the same ones for the same seed.

Only what the rules read surely is used, so that every life is exactly the eight events of the classic chain.
"""

import random
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from bench.district import policy
from schemas.words import Disposition, Severity
from severity.policy import SeverityPolicy

SHORTEST, LONGEST = 150, 300
DIFFERENT = 1_000
SEED = 20261122

MATTERS: dict[str, tuple[str, ...]] = {
    "楼道灯不亮": (
        "我们单元的楼道灯从三楼到五楼全都不亮，声控灯拍手跺脚都没有反应。",
        "楼道灯坏了以后换过一次灯泡，没过几天楼道灯又不亮了，估计是线路接触不良。",
    ),
    "垃圾清运不及时": (
        "楼下的垃圾桶已经满了好几天，垃圾清运不及时，生活垃圾堆得到处都是。",
        "垃圾桶旁边常年有暴露垃圾，没有人按时清运，风一吹塑料袋满院子跑。",
    ),
    "路面坑洼破损": (
        "小区门口这条马路路面坑洼破损严重，车轮一压石子乱飞，骑车的人只好绕到对面。",
        "道路坑洼的地方补过一回，补得不平，雨后积成水坑，根本看不出深浅。",
    ),
    "流动摊贩占道经营": (
        "每天傍晚路口都有流动摊贩占道经营，摊位摆到机动车道上，公交车进站都要鸣笛。",
        "流动摊贩收摊以后油污和菜叶留了一地，占道经营的摊位一天比一天多。",
    ),
    "违章建筑": (
        "顶楼的住户在露台上私搭乱建，砖墙已经砌到两米多高，明显是违法建设。",
        "违法建设挡住了后面两户人家的采光，邻居去劝说，对方说自己办过手续但拿不出来。",
    ),
    "夜间施工噪音": (
        "对面工地夜间施工，过了晚上十一点还在打桩，噪音大得关上窗户都没用。",
        "夜间施工已经连续很多天，混凝土罐车排队等候，发动机不熄火，工地噪音一直到凌晨。",
    ),
    "饭店油烟扰民": (
        "一楼的烧烤店油烟直接排到居民窗下，餐饮油烟呛人，夏天根本不敢开窗。",
        "这家饭店的油烟净化设备好像没有打开，油烟顺着外墙往上走，墙面都熏黑了。",
    ),
    "物业服务差": (
        "小区物业服务很差，物业费年年照收，保安不在岗，绿化带的草长到膝盖高也没人管。",
        "业主去物业办公室反映问题，物业人员只是登记，从来没有回音，物业服务越来越差。",
    ),
    "共享单车乱停放": (
        "地铁口的共享单车乱停放，盲道和人行道全部被占，推婴儿车的家长只能走机动车道。",
        "共享单车倒了一大片，没有人整理，早高峰的时候根本过不去。",
    ),
    "道路违停": (
        "学校门前的道路两侧全是违停车辆，双向车道只剩中间一条缝，会车的时候谁也不让谁。",
        "违停的车辆贴过单子，可是第二天照样停，这条路的违停已经成了习惯。",
    ),
    "供暖不热": (
        "今年供暖以后家里暖气一直不热，室内温度只有十五度，老人在家要穿棉袄。",
        "供热公司来放过一次气，暖气热了半天又凉了，供暖温度始终不达标。",
    ),
    "下水管道堵塞": (
        "楼下的下水管道堵塞，污水从井口外溢，整个院子都有臭味。",
        "下水堵了找人疏通过，管道太旧，用不了几天又堵，污水外溢到单元门口。",
    ),
    "停车收费不合理": (
        "小区停车位本来就紧张，停车收费又涨了价，外来车辆随便进，业主反而没有停车位。",
        "停车收费没有公示牌，收费员只收现金不给票据，大家对小区停车位的管理意见很大。",
    ),
    "拖欠工资": (
        "我们十几个工人在工地干了四个月，拖欠农民工工资至今没有结清，包工头总说再等等。",
        "老板拖欠工资，打了欠条又说没有钱，大家都等着这笔工资回家过年。",
    ),
    "健身器材损坏": (
        "广场上的健身器材损坏，漫步机的踏板掉了一边，公共座椅的木条也断了两根。",
        "健身器材损坏以后用绳子拦了一下，绳子早就断了，没有人来维修。",
    ),
}
BACKGROUND = (
    "我是附近的居民，在这里住了十多年。",
    "这个情况不是一家两家，整栋楼的邻居都有同感。",
    "前前后后大约有两个月了，一直没有改善。",
    "上个月我向社区反映过，当时说会有人来看，后来没有下文。",
    "我也在业主群里问过，大家都说不知道应该归哪个部门管。",
    "楼里住的多数是退休的老人和带孩子的年轻父母。",
    "每次打电话得到的答复都不一样，让人不知道该找谁。",
    "旁边的小区同样的问题早就处理好了，只有我们这里还是老样子。",
)
EFFECTS = (
    "给大家的日常生活带来很大不便。",
    "老人出门很不方便，家里人总是放心不下。",
    "孩子上学放学都要绕路，多走十几分钟。",
    "时间长了，邻里之间也为这件事闹得不太愉快。",
    "来走亲戚的人看了都摇头，影响也不好。",
    "白天还好一些，到了早晚高峰就更加明显。",
)
ASKS = (
    "希望有关部门尽快派人到现场看一看，给一个明确的答复。",
    "请问这件事由哪个单位负责，什么时候能够解决？",
    "恳请领导重视，把处理的时间和结果告诉我们。",
    "如果需要居民配合，我们可以随时提供照片和说明。",
)
ROADS = ("迎客路", "槐香街", "松涛路", "明月巷", "金穗街", "望海路", "青禾路", "书院街")


def bodies(series: str, count: int) -> list[dict[str, Any]]:
    """`count` create bodies, each with a number of its own in this series; the words repeat after `DIFFERENT`."""
    pool = _pool()
    return [
        {**pool[number % DIFFERENT], "external": {"source": "bench", "number": f"{series}-{number}"}}
        for number in range(count)
    ]


@cache
def _pool() -> list[dict[str, Any]]:
    endless = _endless(random.Random(SEED))
    return list(islice((body for body in endless if _read_surely(body["title"], body["text"])), DIFFERENT))


def _endless(chance: random.Random) -> Iterator[dict[str, Any]]:
    grids = [unit.code for unit in policy().bundle.units if unit.tier == "grid"]
    while True:
        matter = chance.choice(list(MATTERS))
        address = f"{chance.choice(ROADS)}{chance.randint(1, 199)}号{chance.randint(1, 30)}号楼"
        yield {
            "channel": chance.choice(["hotline", "app", "wechat", "web", "grid_patrol"]),
            "title": f"{address}{matter}",
            "text": _text(chance, matter, address),
            "place": {"unit": chance.choice(grids), "address": address},
            "petitioner": {"name": f"王{chance.randint(1, 9999)}", "phone": f"139{chance.randint(0, 99999999):08}"},
        }


def _text(chance: random.Random, matter: str, address: str) -> str:
    wanted = chance.randint(SHORTEST, LONGEST - 40)
    rest = [*chance.sample(BACKGROUND, len(BACKGROUND)), *chance.sample(EFFECTS, len(EFFECTS))]
    text = f"{address}，{''.join(chance.sample(MATTERS[matter], 2))}"
    ask = chance.choice(ASKS)
    while len(text) + len(ask) < wanted:
        text += rest.pop()
    return (text + ask)[:LONGEST]


def _read_surely(title: str, text: str) -> bool:
    reading = _rules().read(title=title, text=text, filed_kind=None)
    return (
        reading.confidence >= policy().limits.review_below
        and reading.severity is not Severity.CRITICAL
        and reading.disposition is Disposition.HANDLE
    )


@cache
def _rules() -> SeverityPolicy:
    return SeverityPolicy(policy())
