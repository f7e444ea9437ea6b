"""Fills the scratch database with generated firms, the same ones every time:

    DATABASE_URL=… VAR_DIR=… python -m tests.bench.portal.registry [firms]

Names are built of real words and a number, so that a search finds many and a slip finds some; every firm is marked as
demonstration. No history is written: what is measured is reading."""

import io
import json
import os
import random
import sys
import time
from datetime import date
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.portal.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from stdnum.vn import mst  # noqa: E402

from firms.codes import code_of  # noqa: E402
from firms.models import (  # noqa: E402
    Capability,
    CodeCounter,
    Confidence,
    Firm,
    FirmName,
    FirmYear,
    Project,
    Qualification,
    Sector,
    Zone,
)
from firms.names import firm_key  # noqa: E402

SEED, BATCH = 2812, 5000
KINDS = [("KCNC", 2), ("KCN", 18), ("CCN", 15), ("KCNTT", 3), ("KKT", 2)]
SECTORS = {
    "co-khi": ("Cơ khí", "Mechanical engineering", ["Cơ khí chính xác", "Khuôn mẫu", "Đúc kim loại", "Gia công kim loại tấm"]),
    "dien-tu": ("Điện tử", "Electronics", ["Linh kiện điện tử", "Bán dẫn", "Bảng mạch", "Thiết bị viễn thông"]),
    "phan-mem": ("Phần mềm", "Software", ["Phát triển phần mềm", "Trí tuệ nhân tạo", "Dịch vụ số"]),
    "y-te": ("Y tế", "Health", ["Thiết bị y tế", "Dược phẩm", "Vật tư nha khoa"]),
    "vat-lieu": ("Vật liệu mới", "New materials", ["Nhựa kỹ thuật", "Cao su", "Vật liệu composite"]),
    "det-may": ("Dệt may", "Textiles", ["May mặc", "Sợi và vải", "Da giày"]),
    "thuc-pham": ("Thực phẩm", "Food", ["Chế biến thủy sản", "Đồ uống", "Nông sản"]),
    "kho-van": ("Kho vận", "Logistics", ["Kho lạnh", "Vận tải", "Bao bì"]),
}
ENGLISH = {
    "Cơ khí chính xác": "Precision engineering",
    "Khuôn mẫu": "Moulds",
    "Đúc kim loại": "Metal casting",
    "Bán dẫn": "Semiconductors",
    "Gia công kim loại tấm": "Sheet metal",
    "Linh kiện điện tử": "Electronic components",
    "Bảng mạch": "Circuit boards",
}
FORMS = ["Công ty TNHH", "Công ty Cổ phần", "Công ty TNHH MTV", "Doanh nghiệp tư nhân", "Chi nhánh Công ty TNHH"]
FOREIGN = ["Tokyo", "Sunshine", "Daiwa", "Hanil", "Murata", "Foster", "Alloy", "Keiki", "Vina", "Mabuchi", "Nippon", "Seoul"]
PLACES = [
    "Sông Hàn",
    "Hải Vân",
    "Bà Nà",
    "Hòa Khánh",
    "Liên Chiểu",
    "Cẩm Lệ",
    "Ngũ Hành Sơn",
    "Điện Ngọc",
    "Chu Lai",
    "Thuận Yên",
]
QUALITIES = ["Minh Phát", "Thành Công", "Đại Việt", "Hưng Thịnh", "Trường Giang", "An Khang", "Tân Tiến", "Phú Quý", "Việt Nhật"]
COUNTRIES = ["VN"] * 10 + ["JP"] * 4 + ["KR"] * 3 + ["US", "US", "TW", "CN", "SG", "DE", "FR", "NL", "GB", "TH", "MY", "HK", "IN"]
PROCESSES = [
    "Gia công CNC 5 trục",
    "Phay",
    "Tiện",
    "Ép nhựa",
    "Dập nguội",
    "Hàn robot",
    "Mạ kẽm",
    "Lắp ráp SMT",
    "Kiểm thử",
    "In 3D",
]
PRODUCTS = [
    "van thủy lực",
    "linh kiện hàng không",
    "vỏ động cơ",
    "cảm biến",
    "bảng mạch",
    "khuôn ép",
    "dây điện",
    "ốc vít",
    "bạc đạn",
]
MATERIALS = ["nhôm", "thép không gỉ", "titan", "nhựa PEEK", "đồng", "gang"]
CERTIFICATES = ["ISO 9001", "ISO 14001", "IATF 16949", "AS9100", "ISO 13485", "ISO 27001", "HACCP"]
STATES = [Firm.Status.OPERATING] * 12 + [Firm.Status.BUILDING] * 3 + [Firm.Status.PROCEDURE, Firm.Status.SUSPENDED]
STATES += [Firm.Status.INTERESTED, Firm.Status.CLOSED, Firm.Status.UNKNOWN]


def write_zones(dice):
    """40 zones of all kinds and four parts of the first; what load_registry has put there is used as it is."""
    if not Zone.objects.exists():
        wholes = [
            Zone.objects.create(
                code=f"{kind}-{number:02d}",
                name=f"Khu {kind} {PLACES[number % len(PLACES)]} {number}",
                kind=kind,
                rank=rank,
                name_en=f"Zone {kind} {number}",
                province="Đà Nẵng",
                state=Zone.State.OPERATING,
                latitude=Decimal(f"{dice.uniform(15.4, 16.2):.6f}"),
                longitude=Decimal(f"{dice.uniform(107.9, 108.6):.6f}"),
            )
            for rank, (kind, count) in enumerate(KINDS)
            for number in range(1, count + 1)
        ]
        for number in range(1, 5):
            kind, name = Zone.Kind.HIGH_TECH_PART, f"Phân khu {number}"
            Zone.objects.create(code=f"{wholes[0].code}-P{number}", parent=wholes[0], kind=kind, name=name)
    return list(Zone.objects.in_order())


def write_sectors():
    """The leaves of the sectors' tree."""
    if not Sector.objects.exists():
        for place, (key, (name, english, children)) in enumerate(SECTORS.items()):
            parent = Sector.objects.create(key=key, name=name, name_en=english, position=place)
            for number, child in enumerate(children):
                child_key, child_english = f"{key}-{number}", ENGLISH.get(child, f"{english} {number}")
                Sector.objects.create(key=child_key, parent=parent, name=child, name_en=child_english, position=number)
    return list(Sector.objects.filter(parent__isnull=False)) or list(Sector.objects.all())


def tax_code(number):
    digits = f"04{number:07d}"
    return digits + mst.calc_check_digit(digits)


def firms(dice, numbers, zones, sectors):
    """Half of the firms crowd into five zones and six sectors, as real ones do."""
    for number in numbers:
        sector = dice.choice(sectors[:6] if dice.random() < 0.5 else sectors)
        country = dice.choice(COUNTRIES)
        own = dice.choice(FOREIGN if country != "VN" else QUALITIES)
        place = dice.choice(PLACES)
        firm = Firm(
            code=code_of(number),
            name=f"{dice.choice(FORMS)} {sector.name} {own} {place} {number}",
            name_en=f"{own} {sector.name_en} {number} Co., Ltd" if country != "VN" or dice.random() < 0.3 else "",
            short_name=f"{own.split()[0].upper()}{number}" if dice.random() < 0.2 else "",
            zone=dice.choice(zones[:5] if dice.random() < 0.5 else zones),
            sector=sector,
            country=country,
            status=dice.choice(STATES),
            capital_type=Firm.Capital.DOMESTIC if country == "VN" else dice.choice([Firm.Capital.FOREIGN, Firm.Capital.JOINT]),
            high_tech=dice.choice(Firm.HighTech.values) if dice.random() < 0.15 else "",
            is_supporting=dice.random() < 0.2,
            founded_year=dice.randint(1998, 2026),
            address=f"Lô {dice.randint(1, 90)}, {place}",
            intro=f"{sector.name}: {dice.choice(PRODUCTS)}, {dice.choice(PROCESSES)} cho thị trường {dice.choice(COUNTRIES)}.",
            source="https://example.org/nguon",
            as_of=date(2025, dice.randint(1, 12), 1),
            confidence=dice.choice(Confidence.values),
            is_demonstration=True,
        )
        if dice.random() < 0.3:
            firm.tax_code = tax_code(number)
        firm.prepare()
        yield firm


def belongings(dice, firm):
    """What belongs to one firm: about five rows of it."""
    if firm.status in (Firm.Status.INTERESTED, Firm.Status.UNKNOWN) and dice.random() < 0.5:
        stage = Project.Stage.MEMORANDUM
    else:
        stage = dice.choice([Project.Stage.OPERATING, Project.Stage.CERTIFIED, Project.Stage.BUILDING])
    capital, currency = (dice.randint(20, 4000) * 10**9, "VND") if firm.country == "VN" else (dice.randint(1, 250) * 10**6, "USD")
    is_known = dice.random() < 0.8
    yield Project(
        firm=firm,
        zone_id=firm.zone_id,
        name=f"Nhà máy {firm.sector.name} {firm.code}",
        stage=stage,
        registered_year=dice.randint(firm.founded_year, 2026),
        jobs_planned=dice.randint(10, 3000),
        capital=Decimal(capital) if is_known else None,
        currency=currency if is_known else "",
        land_ha=Decimal(dice.randint(5, 300)) / 10,
    )
    for kind in dice.sample(Capability.Kind.values, dice.randint(1, 3)):
        made = f"{dice.choice(PROCESSES)}, {dice.choice(PRODUCTS)}"
        yield Capability(
            firm=firm,
            kind=kind,
            name=f"{made} bằng {dice.choice(MATERIALS)}",
            process=dice.choice(PROCESSES),
            materials=dice.choice(MATERIALS),
            spare_percent=dice.choice([None, 10, 30, 50]),
            markets=dice.choice(["JP", "US, EU", "VN"]),
        )
    for kind in dice.sample(CERTIFICATES, dice.choice([0, 0, 1, 2])):
        yield Qualification(firm=firm, kind=kind, expires_on=date(2027, dice.randint(1, 12), 28))
    yield FirmYear(firm=firm, year=2025, kind=FirmYear.Kind.JOBS, value=dice.randint(10, 3000), is_public=dice.random() < 0.7)
    if dice.random() < 0.05:
        name = f"{dice.choice(FOREIGN)} {dice.choice(QUALITIES)} {firm.pk}"
        yield FirmName(firm=firm, name=name, kind=FirmName.Kind.FORMER, name_key=firm_key(name))


def write(dice, numbers, zones, sectors):
    written = Firm.objects.bulk_create(firms(dice, numbers, zones, sectors))
    rows = {}
    for firm in written:
        for row in belongings(dice, firm):
            rows.setdefault(type(row), []).append(row)
    for model, some in rows.items():
        model.objects.bulk_create(some)


def fill(firms=100_000):
    """Writes so many firms into an empty, migrated database; says how many there are and how long it took."""
    began, dice = time.perf_counter(), random.Random(SEED)
    for command in ["compile_catalogue", "build_fonts", "migrate"]:
        call_command(command, verbosity=0, stdout=io.StringIO())
    call_command("collectstatic", verbosity=0, interactive=False)
    zones, sectors = write_zones(dice), write_sectors()
    numbers = CodeCounter.take(firms)
    for start in range(0, firms, BATCH):
        write(dice, numbers[start : start + BATCH], zones, sectors)
    Firm.objects.update(touched_at=timezone.now())
    # What the database does by itself in years of use: look at its tables, so that it plans for their real size.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    models = [Firm, Project, Capability, Qualification, FirmYear, FirmName, Zone, Sector]
    counts = {model._meta.model_name: model.objects.count() for model in models}
    return counts | {"seconds": round(time.perf_counter() - began, 1)}


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
