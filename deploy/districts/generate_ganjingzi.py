"""Makes the tables of the sample district: python deploy/districts/generate_ganjingzi.py DIVISIONS [DIRECTORY]

DIVISIONS is a folder with `streets.csv` and `communities.csv` (statistical division codes, columns `code`, `name`).
Streets and communities are real. Grids, households, staff and the codes of the offices are SYNTHETIC: made here from a
fixed seed, so that a second run gives the same bytes. kinds.csv, signs.yaml and district.yaml are kept by hand.
"""

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

SEED = 210211
DISTRICT = "210211"
BASIC_GRIDS = 1546
EXCLUSIVE_GRIDS = (("学校", 10), ("市场", 8), ("医院", 6))
FEWEST, MOST = 4, 8
"""Basic grids in one community."""

STREETS_EN = {
    "210211001": "Zhoushuizi Street",
    "210211002": "Jiaojinshan Street",
    "210211004": "Ganjingzi Street",
    "210211006": "Nanguanling Street",
    "210211007": "Paoya Street",
    "210211008": "Zhonghua Road Street",
    "210211010": "Jichang Street",
    "210211014": "Xinzhaizi Street",
    "210211015": "Hongqi Street",
    "210211016": "Lingshui Street",
    "210211017": "Dalianwan Street",
    "210211018": "Quanshui Street",
    "210211019": "Gezhenpu Street",
    "210211020": "Yingchengzi Street",
    "210211021": "Qixianling Street",
    "210211400": "Dalian Overseas Chinese Fruit Farm",
}


class Office(NamedTuple):
    """An office and the one power it has; its code is `<unit>-<POWER>`."""

    power: str
    name: str
    name_en: str


DISTRICT_OFFICES = (
    Office("water", "甘井子区水务局", "Ganjingzi Water Bureau"),
    Office("housing", "甘井子区住房和城乡建设局", "Ganjingzi Housing and Construction Bureau"),
    Office("heating", "甘井子区住建局供热管理办公室", "Ganjingzi Heating Office"),
    Office("gas", "甘井子区住建局燃气管理办公室", "Ganjingzi Gas Office"),
    Office("municipal", "甘井子区市政设施管理处", "Ganjingzi Municipal Works Office"),
    Office("enforcement", "甘井子区城市管理综合行政执法局", "Ganjingzi Urban Management and Enforcement Bureau"),
    Office("sanitation", "甘井子区环境卫生管理中心", "Ganjingzi Sanitation Centre"),
    Office("greenery", "甘井子区园林绿化管理中心", "Ganjingzi Parks and Greenery Centre"),
    Office("fire", "甘井子区消防救援大队", "Ganjingzi Fire and Rescue Brigade"),
    Office("emergency", "甘井子区应急管理局", "Ganjingzi Emergency Management Bureau"),
    Office("police", "公安局甘井子分局", "Ganjingzi Police"),
    Office("traffic_police", "公安局甘井子分局交警大队", "Ganjingzi Traffic Police"),
    Office("transport", "甘井子区交通运输局", "Ganjingzi Transport Bureau"),
    Office("transport_enforcement", "甘井子区交通运输综合行政执法队", "Ganjingzi Transport Enforcement Team"),
    Office("market", "甘井子区市场监督管理局", "Ganjingzi Market Regulation Bureau"),
    Office("environment", "甘井子生态环境分局", "Ganjingzi Ecology and Environment Branch"),
    Office("labour", "甘井子区人力资源和社会保障局", "Ganjingzi Human Resources and Social Security Bureau"),
    Office("medical_insurance", "甘井子区医疗保障局", "Ganjingzi Medical Insurance Bureau"),
    Office("health", "甘井子区卫生健康局", "Ganjingzi Health Bureau"),
    Office("disease_control", "甘井子区疾病预防控制中心", "Ganjingzi Disease Control Centre"),
    Office("ambulance", "120急救中心甘井子分中心", "Ganjingzi Ambulance Centre"),
    Office("civil_affairs", "甘井子区民政局", "Ganjingzi Civil Affairs Bureau"),
    Office("disability", "甘井子区残疾人联合会", "Ganjingzi Disabled Persons' Federation"),
    Office("women", "甘井子区妇女联合会", "Ganjingzi Women's Federation"),
    Office("education", "甘井子区教育局", "Ganjingzi Education Bureau"),
    Office("land", "甘井子区自然资源局", "Ganjingzi Natural Resources Bureau"),
    Office("expropriation", "甘井子区房屋征收办公室", "Ganjingzi Expropriation Office"),
    Office("commerce", "甘井子区商务局", "Ganjingzi Commerce Bureau"),
    Office("finance", "甘井子区金融工作办公室", "Ganjingzi Finance Office"),
    Office("energy", "甘井子区发展和改革局", "Ganjingzi Development and Reform Bureau"),
    Office("industry", "甘井子区工业和信息化局", "Ganjingzi Industry and Information Bureau"),
    Office("letters_visits", "甘井子区信访局", "Ganjingzi Letters and Visits Bureau"),
    Office("political_legal", "甘井子区委政法委", "Ganjingzi Political and Legal Committee"),
    Office("discipline", "甘井子区纪委监委", "Ganjingzi Discipline and Supervision Commission"),
    Office("gas_supply", "燃气公司", "Gas company"),
    Office("water_supply", "供水公司", "Water company"),
    Office("power_supply", "供电公司", "Power company"),
    Office("heat_supply", "供热企业", "Heating company"),
    Office("telecom", "通信企业", "Telecom companies"),
    Office("bus", "公交集团", "Bus company"),
    Office("lift_rescue", "96333电梯应急处置中心", "96333 lift rescue centre"),
)
STREET_OFFICES = (
    Office("enforcement", "综合行政执法队", "Enforcement Team"),
    Office("municipal", "城建办公室", "Construction Office"),
    Office("housing", "物业管理办公室", "Housing and Property Office"),
    Office("sanitation", "环卫所", "Sanitation Office"),
    Office("greenery", "园林绿化所", "Greenery Office"),
    Office("fire", "应急消防所", "Emergency and Fire Office"),
    Office("civil_affairs", "民政办公室", "Civil Affairs Office"),
    Office("culture", "文体站", "Culture and Sports Station"),
    Office("employment", "就业服务站", "Employment Station"),
    Office("health", "社区卫生服务中心", "Community Health Centre"),
    Office("police", "派出所", "Police Station"),
    Office("market", "市场监管所", "Market Regulation Station"),
)

UNIT_COLUMNS = ("code", "name", "name_en", "tier", "parent", "sort", "households", "staff")
DEPARTMENT_COLUMNS = ("code", "name", "name_en", "unit", "power")
Row = Sequence[str | int]


def units(divisions: Path) -> list[Row]:
    """The tree of units from the real divisions, highest first, with synthetic grids below every community."""
    chance = Random(SEED)  # noqa: S311 - sample data must come out the same again
    streets = _of_district(divisions / "streets.csv")
    communities = _of_district(divisions / "communities.csv")
    grids = {code: _grids(chance, code, _short(name), basic) for (code, name), basic in _shares(chance, communities)}
    exclusive = iter(chance.sample(sorted(grids), sum(count for _, count in EXCLUSIVE_GRIDS)))
    names = dict(communities)
    for purpose, count in EXCLUSIVE_GRIDS:
        for _ in range(count):
            code = next(exclusive)
            number = f"{code}{len(grids[code]) + 1:03d}"
            name = f"{_short(names[code])}{purpose}专属网格"
            grids[code].append((number, name, "", "grid", code, "exclusive", "", 1))
    homes = {code: sum(int(grid[6] or 0) for grid in below) for code, below in grids.items()}

    def homes_below(prefix: str) -> int:
        return sum(count for code, count in homes.items() if code.startswith(prefix))

    rows: list[Row] = [
        (DISTRICT, "甘井子区", "Ganjingzi District", "district", "", "basic", homes_below(DISTRICT), 60),
        *(
            (code, name, STREETS_EN[code], "street", DISTRICT, "basic", homes_below(code), chance.randint(18, 40))
            for code, name in streets
        ),
        *(
            (code, name, "", "community", code[:9], "basic", homes[code], chance.randint(5, 9))
            for code, name in communities
        ),
    ]
    return rows + [grid for code, _ in communities for grid in grids[code]]


def departments(divisions: Path) -> list[Row]:
    """The offices of the district, then those of each street."""
    rows: list[Row] = [
        (_office_code(DISTRICT, one), one.name, one.name_en, DISTRICT, one.power) for one in DISTRICT_OFFICES
    ]
    for street, name in _of_district(divisions / "streets.csv"):
        place = STREETS_EN[street]
        rows += [
            (_office_code(street, one), name + one.name, f"{place} {one.name_en}", street, one.power)
            for one in STREET_OFFICES
        ]
    return rows


def write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A CSV table in UTF-8 with `\\n` line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)


def _of_district(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted((row["code"], row["name"]) for row in csv.DictReader(file) if row["code"].startswith(DISTRICT))


def _shares(chance: Random, communities: list[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    """How many basic grids each community gets; together BASIC_GRIDS."""
    shares = [FEWEST] * len(communities)
    while sum(shares) < BASIC_GRIDS:
        lucky = chance.randrange(len(shares))
        shares[lucky] += shares[lucky] < MOST
    return list(zip(communities, shares, strict=True))


def _grids(chance: Random, community: str, name: str, count: int) -> list[Row]:
    return [
        (
            f"{community}{number:03d}",
            f"{name}第{number}网格",
            "",
            "grid",
            community,
            "basic",
            chance.randint(200, 300),
            chance.randint(1, 2),
        )
        for number in range(1, count + 1)
    ]


def _short(name: str) -> str:
    """What people call it: 周东社区居委会 → 周东社区, 后盐村委会 → 后盐村."""
    return re.sub("居委会$|(?<=村)(民委员会|委会)$", "", name)


def _office_code(unit: str, office: Office) -> str:
    return f"{unit}-{office.power.upper().replace('_', '-')}"


def main(arguments: list[str]) -> None:
    """Write units.csv and departments.csv."""
    divisions = Path(arguments[0])
    target = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parent / "ganjingzi"
    write(target / "units.csv", UNIT_COLUMNS, units(divisions))
    write(target / "departments.csv", DEPARTMENT_COLUMNS, departments(divisions))


if __name__ == "__main__":
    main(sys.argv[1:])
