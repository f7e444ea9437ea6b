"""A whole yearly report as officers would write it: every row of Plan 2812, four kinds of answers, eighteen agencies."""

# ruff: noqa: E501 (sentences of real length)
import json
from dataclasses import replace
from itertools import cycle as around

from django.conf import settings

from tasks.yearreport import AgencyLine, Count, Paragraph, Section, Table, TaskLine, YearReport

RESULTS = [
    "Đã tham mưu Ủy ban nhân dân thành phố ban hành kế hoạch triển khai năm 2026; tổ chức 02 hội nghị phổ biến cho 145 lượt cán bộ, "
    "doanh nghiệp; hướng dẫn 17 doanh nghiệp lập hồ sơ hưởng chính sách ưu đãi, trong đó 09 hồ sơ đã được giải quyết đúng hạn.",
    "Hoàn thành dự thảo lần 3 của đề án, đã lấy ý kiến 14 sở, ngành, địa phương; tiếp thu, giải trình 38 ý kiến góp ý và gửi Sở Tư pháp thẩm định.",
    "Tổ chức 04 đoàn công tác xúc tiến, tiếp xúc 62 nhà đầu tư; ký 03 biên bản ghi nhớ về nghiên cứu, thử nghiệm vi mạch bán dẫn và "
    "trí tuệ nhân tạo; thu hút 02 dự án mới với tổng vốn đăng ký 41,5 triệu USD.",
    "Phát sóng 24 chuyên mục, đăng 96 tin, bài; lượt tiếp cận trên nền tảng số đạt 1.280.000 lượt, tăng 18,4% so với năm 2025.",
    "Nghiệm thu hạ tầng kỹ thuật giai đoạn 2; giải ngân 128,7 tỷ đồng, đạt 91,3% kế hoạch vốn năm; bàn giao 3,2 ha mặt bằng sạch cho nhà đầu tư.",
    "Tổ chức 06 lớp tập huấn cho 210 học viên là giảng viên, sinh viên và cán bộ vườn ươm; 11 nhóm dự án được chọn ươm tạo, 04 nhóm đã thành lập doanh nghiệp.",
    "Duy trì thường xuyên, không có thay đổi lớn so với năm trước.",
]
OBSTACLES = [
    "Chưa có hướng dẫn về thẩm quyền sau khi sắp xếp bộ máy; hồ sơ phải chuyển qua nhiều đơn vị.",
    "",
    "Kinh phí được giao chậm (tháng 8/2026), chỉ đáp ứng khoảng 60% dự toán.",
    "",
    "Vướng mắc trong giải phóng mặt bằng tại xã Hòa Ninh: 27 hộ chưa thống nhất phương án bồi thường.",
]
CAUSES = ["Nhân sự phụ trách biến động sau sáp nhập; chưa kịp phân công lại đầu mối.", "", "Thủ tục đấu thầu kéo dài.", ""]
PROPOSALS = [
    "",
    "Đề nghị Ủy ban nhân dân thành phố cho gia hạn đến hết quý II/2027.",
    "",
    "Đề nghị Sở Tài chính bố trí bổ sung 1,8 tỷ đồng trong dự toán năm 2027.",
    "",
]
STATES = [
    ("in_progress", "on_time", "đang thực hiện, trong hạn"),
    ("completed", "on_time", "đã hoàn thành trong hạn"),
    ("in_progress", "overdue", "đang thực hiện, quá hạn"),
    ("in_progress", "on_time", "đang thực hiện, trong hạn"),
    ("awaiting", "on_time", "chờ xác nhận, trong hạn"),
    ("in_progress", "due_soon", "đang thực hiện, sắp đến hạn"),
    ("not_started", "overdue", "chưa thực hiện, quá hạn"),
    ("suspended", "on_time", "tạm dừng, trong hạn"),
    ("completed", "overdue", "đã hoàn thành quá hạn"),
]
STATE_NAMES = {
    "completed": "đã hoàn thành",
    "awaiting": "chờ xác nhận",
    "in_progress": "đang thực hiện",
    "not_started": "chưa thực hiện",
    "suspended": "tạm dừng",
    "redo": "thực hiện lại",
}
TIMES = {"on_time": "trong hạn", "due_soon": "sắp đến hạn", "overdue": "quá hạn", "no_deadline": "không hạn"}
SUCCESSORS = {
    "Sở Kế hoạch và Đầu tư": "Sở Tài chính",
    "Sở Thông tin và Truyền thông": "Sở Khoa học và Công nghệ",
    "Sở Lao động Thương binh và Xã hội": "Sở Nội vụ",
}


def sample_lines():
    rows = json.loads((settings.BASE_DIR / "fixtures" / "plan_2812.json").read_text())["rows"]
    results, obstacles, causes, proposals, states = map(around, (RESULTS, OBSTACLES, CAUSES, PROPOSALS, STATES))
    lines = []
    for position, row in enumerate(rows):
        printed = row["printed"]
        line = TaskLine(code=row["code"], depth=row["code"].count("."), is_heading=not printed["lead"], **printed)
        if not line.is_heading:
            line = replace(line, duty=SUCCESSORS.get(printed["lead"], ""))
            if position % 17 == 5:
                line = replace(line, answer="missing", status_label="chưa có báo cáo")
            elif position % 13 == 7:
                line = replace(
                    line, answer="nothing", state="in_progress", timeliness="on_time", status_label="đang thực hiện, trong hạn"
                )
            else:
                state, time, label = next(states)
                line = replace(
                    line,
                    answer="reported",
                    state=state,
                    timeliness=time,
                    status_label=label,
                    percent=100 if state in ("completed", "awaiting") else (position * 7) % 90,
                    results=next(results),
                    obstacles=next(obstacles),
                    causes=next(causes),
                    proposals=next(proposals),
                    next_directions="Tiếp tục thực hiện theo kế hoạch; báo cáo kết quả trong quý III/2027."
                    if position % 3
                    else "",
                )
        lines.append(line)
    return lines


def _counted(lines, key, names):
    return [
        Count(value, label, len(codes), codes)
        for value, label in names.items()
        if (codes := [line.code for line in lines if getattr(line, key) == value])
    ]


def _crossed(title, rows, axis, names):
    """rows: [(name, lines)]. What nobody reported has neither state nor timeliness and stands in a column of its own."""
    table = []
    for name, lines in rows:
        numbers = [sum(getattr(line, axis) == key for line in lines) for key in names]
        table.append([name, *numbers, len(lines) - sum(numbers), len(lines)])
    table.append(["Tổng số", *map(sum, zip(*(row[1:] for row in table), strict=True))])
    return Table(title, [*(label.capitalize() for label in names.values()), "Chưa báo cáo", "Tổng số"], table)


def _tables(lines):
    tasks = [line for line in lines if not line.is_heading]
    groups = [(f"Nhóm {group}", [line for line in tasks if line.code.partition(".")[0] == group]) for group in ("I", "II")]
    names = sorted({line.duty or line.lead for line in tasks})
    agencies = [(name, [line for line in tasks if (line.duty or line.lead) == name]) for name in names]
    return [
        _crossed("Kết quả theo nhóm nhiệm vụ", groups, "state", STATE_NAMES),
        _crossed("Tiến độ theo thời hạn", groups, "timeliness", TIMES),
        _crossed("Kết quả theo cơ quan chủ trì", agencies, "state", STATE_NAMES),
    ]


def _sections(lines):
    late = [line.code for line in lines if line.timeliness == "overdue"]
    told = [line for line in lines if line.results]

    def texts(part, count):
        return [
            Paragraph(f"{line.duty or line.lead} đã thực hiện nhiệm vụ {line.code}: {line.results}", [line.code])
            for line in told
            if line.code.split(".")[0] == part
        ][:count]

    obstacles = [Paragraph(f"{line.obstacles} (nhiệm vụ {line.code})", [line.code]) for line in told if line.obstacles][:8]
    return [
        Section(
            "I",
            "I.",
            "Công tác chỉ đạo, triển khai",
            1,
            [
                Paragraph(
                    "Ngay từ đầu năm, Ủy ban nhân dân thành phố đã giao nhiệm vụ cụ thể cho từng sở, ban, ngành; Sở Khoa học và Công nghệ "
                    "ban hành 05 văn bản đôn đốc, tổ chức 02 cuộc họp giao ban với các cơ quan chủ trì và cập nhật tiến độ trên Cổng thông tin."
                ),
                Paragraph(
                    "Các cơ quan chủ trì đã xây dựng kế hoạch thực hiện và dự toán kinh phí năm 2026 theo Phần III của Kế hoạch."
                ),
            ],
        ),
        Section("II", "II.", "Kết quả thực hiện", 1),
        Section(
            "II.1",
            "1.",
            "Tổng quan số liệu",
            2,
            [
                Paragraph(
                    "Kế hoạch có 68 nhiệm vụ có cơ quan chủ trì, trong đó Nhóm I có 20 nhiệm vụ và Nhóm II có 48 nhiệm vụ."
                ),
                Paragraph(f"Có {len(late)} nhiệm vụ quá hạn, gồm: {', '.join(late)}.", late),
            ],
        ),
        Section("II.2", "2.", "Nhóm nhiệm vụ về phát triển công nghiệp công nghệ cao", 2, texts("I", 14)),
        Section("II.3", "3.", "Nhóm nhiệm vụ về khởi nghiệp, đổi mới sáng tạo", 2, texts("II", 30)),
        Section(
            "II.4",
            "4.",
            "Tình hình thực hiện các chỉ tiêu",
            2,
            [
                Paragraph(
                    "Lũy kế hỗ trợ 74/100 doanh nghiệp khởi nghiệp đổi mới sáng tạo; hình thành 02/03 chuỗi liên kết.", ["II.6"]
                )
            ],
        ),
        Section("III", "III.", "Tồn tại, hạn chế", 1, obstacles),
        Section(
            "IV",
            "IV.",
            "Nguyên nhân",
            1,
            [
                Paragraph(
                    "Nguyên nhân khách quan: việc sắp xếp tổ chức bộ máy, sáp nhập đơn vị hành chính làm thay đổi đầu mối chủ trì."
                ),
                Paragraph("Nguyên nhân chủ quan: một số cơ quan chưa chủ động phối hợp, báo cáo chậm so với thời hạn."),
            ],
        ),
        Section(
            "V",
            "V.",
            "Phương hướng, nhiệm vụ năm 2027",
            1,
            [
                Paragraph(
                    "Tập trung hoàn thành các nhiệm vụ quá hạn trước ngày 30 tháng 6 năm 2027; rà soát nhiệm vụ trùng lặp sau sáp nhập."
                )
            ],
        ),
        Section(
            "VI",
            "VI.",
            "Đề xuất, kiến nghị",
            1,
            [
                Paragraph(
                    "Kính đề nghị Ủy ban nhân dân thành phố xem xét, cho phép điều chỉnh cơ quan chủ trì của các nhiệm vụ thuộc các cơ quan đã sáp nhập."
                ),
                Paragraph(
                    "Trên đây là báo cáo kết quả thực hiện Kế hoạch số 2812/KH-UBND năm 2026, Sở Khoa học và Công nghệ kính báo cáo."
                ),
            ],
        ),
    ]


def _agency_lines(lines):
    agencies = {}
    for line in lines:
        if not line.is_heading:
            agencies.setdefault(line.duty or line.lead, []).append(line)
    times = around([("14:32 05/12/2026", 0), ("16:58 09/12/2026", 0), ("09:05 12/12/2026", 3)])
    rows = []
    for position, (agency, tasks) in enumerate(sorted(agencies.items())):
        answered = sum(task.answer != "missing" for task in tasks)
        if position % 7 == 4:
            rows.append(AgencyLine(agency, len(tasks), 0, "missing", "chưa báo cáo"))
            continue
        submitted_at, days_late = next(times)
        rows.append(
            AgencyLine(agency, len(tasks), answered, "accepted", "đã tiếp nhận", submitted_at, days_late, "10:00 13/12/2026")
        )
    return rows


def sample_report(**changes):
    """An issued report; `sample_draft` is the same before it is issued."""
    lines = sample_lines()
    report = YearReport(
        plan_code="2812/KH-UBND",
        plan_title="Kế hoạch thực hiện Chương trình số 36-CTr/TU ngày 13 tháng 01 năm 2020 của Thành ủy",
        year=2026,
        kind="annual",
        is_demonstration=False,
        edition=1,
        parent_body="ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG",
        issuing_body="SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        number="05/BC-SKHCN",
        place="Đà Nẵng",
        issued_on="2026-12-14",
        subject="Kết quả thực hiện Kế hoạch số 2812/KH-UBND ngày 29 tháng 4 năm 2020 của Ủy ban nhân dân thành phố năm 2026",
        addressees=["Ủy ban nhân dân thành phố Đà Nẵng"],
        opening=[
            "Căn cứ Kế hoạch số 2812/KH-UBND ngày 29 tháng 4 năm 2020 của Ủy ban nhân dân thành phố Đà Nẵng về thực hiện Chương trình số "
            "36-CTr/TU ngày 13 tháng 01 năm 2020 của Thành ủy;",
            "Căn cứ báo cáo của các cơ quan chủ trì tính đến ngày 30 tháng 11 năm 2026.",
            "Sở Khoa học và Công nghệ kính báo cáo Ủy ban nhân dân thành phố kết quả thực hiện Kế hoạch năm 2026, số liệu chốt đến ngày 30 "
            "tháng 11 năm 2026, như sau:",
        ],
        cutoff_on="2026-11-30",
        sections=_sections(lines),
        signing_as="KT.",
        signing_authority="GIÁM ĐỐC",
        signatory_title="PHÓ GIÁM ĐỐC",
        signatory_name="Nguyễn Thị Ánh Tuyết",
        recipients=["Như trên", "Thường trực Thành ủy (báo cáo)", "Các cơ quan chủ trì nhiệm vụ", "Lưu: VT, KHTC, 03 bản"],
        counts=[
            *_counted(lines, "state", STATE_NAMES),
            *_counted(lines, "timeliness", TIMES),
            *_counted(lines, "answer", {"reported": "có báo cáo", "nothing": "không phát sinh", "missing": "chưa báo cáo"}),
        ],
        tables=_tables(lines),
        appendix_1=lines,
        appendix_2=_agency_lines(lines),
        verify_url="https://khucongnghecao.danang.test/verify/5b0c3a52-7f0e-4b6e-9a59-1c7b0b7f3a11/",
    )
    return replace(report, **changes)


def sample_draft(**changes):
    return sample_report(number="/BC-SKHCN", issued_on="", verify_url="", **changes)
