"""Measures the import of a workbook in a scratch database; tests.bench.imports starts it and says what is measured:

DATABASE_URL=… VAR_DIR=… python -m tests.bench.portal.importing ROWS DATABASE"""

import io
import os
import random
import statistics
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.portal.settings")

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from import_export import fields, resources  # noqa: E402
from import_export.formats.base_formats import XLSX  # noqa: E402
from import_export.widgets import ForeignKeyWidget  # noqa: E402
from openpyxl import Workbook  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402
from stdnum.exceptions import ValidationError  # noqa: E402
from stdnum.vn import mst  # noqa: E402

from firms.codes import code_of  # noqa: E402
from firms.models import Edition, Firm, Project, Sector, Upload, Zone  # noqa: E402
from firms.uploads import preview, steps  # noqa: E402
from parkportal.models import User  # noqa: E402

DEFAULTS, ROUNDS = 1_000, 3
HEADS = [
    "Mã số thuế", "Tên doanh nghiệp", "Tên tiếng Anh", "Khu", "Ngành", "Quốc gia", "Khu vực vốn", "Tình trạng", "Địa chỉ",
    "Tên dự án", "Mã số dự án", "Vốn đăng ký (USD)", "Ngày cấp", "Diện tích (ha)", "Lao động",
]  # fmt: skip
FIRST = [
    "An",
    "Bình",
    "Châu",
    "Đông",
    "Giang",
    "Hải",
    "Khánh",
    "Lâm",
    "Minh",
    "Nam",
    "Phong",
    "Quang",
    "Sơn",
    "Thành",
    "Việt",
    "Xuân",
]
LINES = ["Cơ khí", "Điện tử", "Bao bì", "Thủy sản", "Khuôn mẫu", "Phần mềm", "Dược phẩm", "Cao su", "Nội thất", "Vật liệu"]


def rows_of(count):
    """The same rows every time; tax codes with the right check digit, names that no two rows share."""

    dice, number, made = random.Random(2812), 0, []
    while len(made) < count:
        number += 1
        digits = f"04{number:07d}"
        try:
            code = digits + mst.calc_check_digit(digits + "0")
            mst.validate(code)
        except ValidationError:  # one in eleven numbers has no check digit
            continue
        words = f"{dice.choice(LINES)} {dice.choice(FIRST)} {dice.choice(FIRST)} {dice.choice(FIRST)} {number}"
        made.append([
            code, f"Công ty TNHH {words}", f"{words} Co., Ltd", f"KCN-{dice.randrange(20):02d}", f"Ngành số {dice.randrange(30)}",
            dice.choice(["Nhật Bản", "Hàn Quốc", "Việt Nam", "Hoa Kỳ"]), dice.choice(["FDI", "trong nước"]), "đang hoạt động",
            f"Lô {dice.randrange(99)}, đường số {dice.randrange(20)}, phường Liên Chiểu", f"Nhà máy {words}",
            f"43{number:08d}", dice.randrange(1, 400) * 50_000, date(2008, 1, 1) + timedelta(dice.randrange(6500)),
            dice.randrange(1, 2000) / 100, dice.randrange(5, 3000),
        ])  # fmt: skip
    return made


def workbook(rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(HEADS)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def empty():
    """Takes back what a round has written, history too; the statistics of the tables stay as they were."""

    tables = ["capability", "certificate", "project", "firmname", "firm"]
    names = [f"firms_{prefix}{table}" for table in tables for prefix in ("", "historical")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
        else:
            for name in names:
                cursor.execute(f"DELETE FROM {name}")


def bare(content):
    """The least that any import must do."""
    zones, sectors = dict(Zone.objects.values_list("code", "pk")), dict(Sector.objects.values_list("name", "pk"))
    countries = {"Nhật Bản": "JP", "Hàn Quốc": "KR", "Việt Nam": "VN", "Hoa Kỳ": "US"}
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    with transaction.atomic():
        firms = Firm.objects.bulk_create(
            [
                Firm(
                    code=code_of(number), tax_code=row[0], name=row[1], name_en=row[2], zone_id=zones[row[3]],
                    sector_id=sectors[row[4]], country=countries[row[5]],
                    capital_type="foreign" if row[6] == "FDI" else "domestic", status="operating", address=row[8],
                )
                for number, row in enumerate(rows, 1)
            ],
            batch_size=2000,
        )  # fmt: skip
        Project.objects.bulk_create(
            [
                Project(
                    firm=firm, zone_id=firm.zone_id, name=row[9], code=row[10], capital=Decimal(str(row[11])), currency="USD",
                    registered_on=row[12], land_ha=Decimal(str(row[13])), jobs_planned=int(row[14]),
                )
                for firm, row in zip(firms, rows, strict=True)
            ],
            batch_size=2000,
        )  # fmt: skip


class FirmResource(resources.ModelResource):
    tax_code = fields.Field("tax_code", "Mã số thuế")
    name = fields.Field("name", "Tên doanh nghiệp")
    name_en = fields.Field("name_en", "Tên tiếng Anh")
    zone = fields.Field("zone", "Khu", ForeignKeyWidget(Zone, "code"))
    sector = fields.Field("sector", "Ngành", ForeignKeyWidget(Sector, "name"))
    address = fields.Field("address", "Địa chỉ")

    class Meta:
        model = Firm
        import_id_fields = ["tax_code"]
        fields = ["tax_code", "name", "name_en", "zone", "sector", "address"]


def defaults(content):
    """django-import-export as its documentation begins: a ModelResource, a dry run to look at, then the import. The directory's
    token, which every single save() turns, is left out: it is ours, not the library's."""
    data, resource = XLSX().create_dataset(content), FirmResource()
    with patch.object(Edition, "turn"):
        looked_at = resource.import_data(data, dry_run=True)
        done = resource.import_data(data, dry_run=False, use_transactions=True)
    if looked_at.has_errors() or done.totals["new"] != len(data):
        raise SystemExit("The defaults imported something else than the file.")


def ours(content, user):
    """The path of an editor's file, without the pages: the same functions that the worker calls. Seconds of each step."""
    took, began = {}, time.perf_counter()

    def lap(name):
        nonlocal began
        now = time.perf_counter()
        took[name], began = now - began, now

    upload = steps.receive(SimpleUploadedFile("danh-sach.xlsx", content), user, "vi")
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    lap("look into the file")
    steps.choose_columns(upload, steps.meanings(upload), {"source": "Báo cáo"}, user, timezone.now())
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    lap("check every row")
    shown = preview.Preview(upload, steps.kept_rows(upload))
    rows, hindrance = preview.importable(upload, shown.kept, False)
    lap("preview")
    if hindrance or upload.state != Upload.State.READY:
        raise SystemExit(f"Not ready: {hindrance} {upload.problem} {upload.counts}")
    steps.start_import(upload, False)
    steps.work(upload.pk, timezone.now)
    upload.refresh_from_db()
    lap("import with history")
    if upload.state != Upload.State.DONE:
        raise SystemExit(f"Not imported: {upload.problem}")
    return took, rows


def fill():
    for number in range(20):
        Zone.objects.create(code=f"KCN-{number:02d}", name=f"Khu công nghiệp số {number}", kind=Zone.Kind.INDUSTRIAL_ZONE)
    for number in range(30):
        Sector.objects.create(key=f"nganh-{number}", name=f"Ngành số {number}", name_en=f"Sector {number}")
    return User.objects.create_user(email="editor@bench.invalid", full_name="Biên tập", role=User.Role.EDITOR)


def proof(count):
    """Everything was written, and its history with it."""

    found = [Firm.objects.count(), Firm.history.count(), Project.objects.count(), Project.history.count()]
    if found != [count] * 4:
        raise SystemExit(f"Written: {found}, expected {count} of each.")


def measure(count, database):
    call_command("migrate", verbosity=0)
    user, content, small = fill(), workbook(rows_of(count)), workbook(rows_of(min(DEFAULTS, count)))
    times, laps = {"bare": [], "defaults": [], "ours": []}, []
    for _round in range(ROUNDS):
        for name in times:
            empty()
            began = time.perf_counter()
            if name == "bare":
                bare(content)
            elif name == "defaults":
                defaults(small)
            else:
                took, _rows = ours(content, user)
                laps.append(took)
            times[name].append(time.perf_counter() - began)
            if name == "ours":
                proof(count)
    report(times, laps, count, database)


def report(times, laps, count, database):
    sizes = {"bare": count, "defaults": min(DEFAULTS, count), "ours": count}
    speed = {name: sizes[name] / statistics.median(took) for name, took in times.items()}
    print(f"{count} rows x {len(HEADS)} columns, {database}, medians of {ROUNDS} rounds")
    print(f"(a) reading and bulk_create alone            {speed['bare']:8.0f} rows/s")
    print(f"(b) django-import-export's defaults          {speed['defaults']:8.0f} rows/s  (measured on {sizes['defaults']} rows)")
    print(f"(c) check, preview, import with history      {speed['ours']:8.0f} rows/s")
    for step in laps[0]:
        print(f"      {step:38} {statistics.median(lap[step] for lap in laps):8.2f} s")
    _ratio("speed against (a)", speed["ours"] / speed["bare"], 0.5)
    _ratio("speed against (b)", speed["ours"] / speed["defaults"], 6)


def _ratio(words, ratio, least):
    print(f"{words:44} {ratio:8.2f}{'' if ratio >= least else f'  (aim: at least {least})'}")


if __name__ == "__main__":
    measure(int(sys.argv[1]), sys.argv[2])
