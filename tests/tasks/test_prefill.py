"""The drafted sentences of the consolidated report: the agencies' own words, merged, with the rows behind each."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from parkportal import indicators
from tasks import drafting, figures, prefill
from tasks.models import AgencyReport, ReportingCycle
from tasks.prefill import Saying, merged
from tasks.status import State
from tests.builders import TODAY, at, make_agency, make_consolidator, make_cycle, make_report, make_task

AFTER = date(2026, 12, 14)


def saying(text, agency="Sở A", code="I.1"):
    return Saying(f"x:{code}", text, {"row": None, "report": 1, "code": code, "agency": agency})


def groups(*texts):
    return [[source["code"] for source in sources] for _first, _text, sources in merged(texts)]


def test_the_same_obstacle_of_two_agencies_is_said_once_and_names_both():
    said = [saying("Thiếu kinh phí thực hiện.", "Sở A", "I.1"), saying("thiếu  KINH PHÍ thực hiện", "Sở B", "II.3")]
    ((_first, text, sources),) = merged(said)
    assert text == "Thiếu kinh phí thực hiện."
    assert prefill.who(sources) == "Sở A: I.1; Sở B: II.3"


def test_nearly_the_same_words_are_merged_and_the_fuller_text_stays():
    short = "Đề nghị UBND thành phố sớm phê duyệt Đề án hỗ trợ doanh nghiệp khởi nghiệp"
    full = "Đề nghị UBND thành phố sớm xem xét phê duyệt Đề án hỗ trợ doanh nghiệp khởi nghiệp"
    ((_first, text, _sources),) = merged([saying(short, code="I.1"), saying(full, code="I.2")])
    assert text == full


def test_two_sums_are_two_proposals():
    assert groups(
        saying("Đề nghị Sở Tài chính bố trí bổ sung 1,8 tỷ đồng trong dự toán năm tới cho nhiệm vụ", code="I.1"),
        saying("Đề nghị Sở Tài chính bố trí bổ sung 2,8 tỷ đồng trong dự toán năm tới cho nhiệm vụ", code="I.2"),
    ) == [["I.1"], ["I.2"]]


def test_done_and_not_done_are_never_one():
    assert groups(
        saying("Các cơ quan phối hợp đã gửi ý kiến góp ý cho dự thảo đề án đúng thời hạn", code="I.1"),
        saying("Các cơ quan phối hợp chưa gửi ý kiến góp ý cho dự thảo đề án đúng thời hạn", code="I.2"),
    ) == [["I.1"], ["I.2"]]


@given(some.lists(some.sampled_from(["Thiếu vốn", "thiếu vốn.", "Thiếu người", "Chờ quy hoạch", "Vướng 27 hộ", "Vướng 28 hộ"])))
def test_merging_loses_nobody(texts):
    said = [saying(text, code=f"I.{n}") for n, text in enumerate(texts)]
    assert sorted(code for group in groups(*said) for code in group) == sorted(one.source["code"] for one in said)


# A small world --------------------------------------------------------------------------------------------------------
@pytest.fixture
def cycle(db):
    """Sở Công Thương reported late on a running, an overdue and a finished task; Thành đoàn has not reported on its one."""
    trade, youth = make_agency("Sở Công Thương"), make_agency("Thành đoàn")
    make_task(trade, "I.1", "Thu hút đầu tư")
    make_task(trade, "I.2", "Lập quy hoạch", ends=2025)
    make_task(trade, "II.1", "Truyền thông")
    make_task(youth, "II.2", "Diễn đàn thanh niên", ends=2025)
    cycle = make_cycle()
    report = make_report(
        trade,
        cycle,
        direction="Đã ban hành kế hoạch năm",
        shortcomings="Phối hợp còn chậm",
        causes_objective="Thay đổi địa giới",
        causes_subjective="- Chưa chủ động\n- Thiếu đôn đốc",
        proposals="Sớm giao vốn.",
        next_directions="Tiếp tục thực hiện",
    )
    write(
        report, "I.1", State.IN_PROGRESS, percent=60, results="Ký 02 biên bản.", obstacles="Thiếu vốn", proposals="Sớm giao vốn"
    )
    write(report, "I.2", State.IN_PROGRESS, results="Đang lấy ý kiến", obstacles="Thiếu vốn.", causes="Chờ hướng dẫn")
    write(report, "II.1", State.COMPLETED, results="Đã phát 24 số.", completed_on=date(2026, 5, 2))
    report.state, report.first_submitted_at = AgencyReport.State.ACCEPTED, at(date(2026, 12, 11))
    report.submitted_at = report.accepted_at = report.first_submitted_at
    report.save()
    make_report(youth, cycle)
    return cycle


def write(report, code, state, **fields):
    row = report.rows.get(task__code=code)
    for name, value in {"state": state, **fields}.items():
        setattr(row, name, value)
    row.save()


def suggested(cycle, today=AFTER):
    return {one.slot: one for one in prefill.suggest(figures.load(cycle, today))}


def texts(cycle, section):
    return [one.text for one in suggested(cycle).values() if one.section == section]


def test_the_overview_counts_says_who_was_late_and_who_is_missing(cycle):
    said = suggested(cycle)
    assert said["II.1:count"].text == (
        "Tổng số 04 nhiệm vụ, gồm: đã hoàn thành 01 (25,0%); "
        "đang thực hiện 02 (trong hạn 01, quá hạn 01); chưa báo cáo 01 (trong đó đã hết hạn 01)."
    )
    assert [source["code"] for source in said["II.1:count"].sources] == ["I.1", "I.2", "II.1", "II.2"]
    assert said["II.1:reports"].text == (
        "Có 01/02 cơ quan, đơn vị gửi báo cáo, trong đó 0 đúng hạn và 01 muộn so với hạn 09/12/2026: "
        "Sở Công Thương (muộn 02 ngày). Chưa có báo cáo của 01 cơ quan, đơn vị: Thành đoàn."
    )
    assert [source["code"] for source in said["II.1:missing"].sources] == ["II.2"]


def test_each_group_tells_done_running_late_and_missing(cycle):
    assert texts(cycle, "II.2") == [
        "Nhóm I có 02 nhiệm vụ: đã hoàn thành 0; đang thực hiện 02 (trong hạn 01, quá hạn 01).",
        "a) Nhiệm vụ đang thực hiện:",
        "- Nhiệm vụ I.1 (Sở Công Thương): Thu hút đầu tư; đạt 60%. Ký 02 biên bản.",
        "- Nhiệm vụ I.2 (Sở Công Thương): Lập quy hoạch. Đang lấy ý kiến.",
        "b) Nhiệm vụ quá hạn:",
        "- Nhiệm vụ I.2 (Sở Công Thương): Lập quy hoạch; hạn 31/12/2025, đang thực hiện. Nguyên nhân: Chờ hướng dẫn.",
    ]
    assert texts(cycle, "II.3") == [
        "Nhóm II có 02 nhiệm vụ: đã hoàn thành 01 (50,0%); đang thực hiện 0; chưa báo cáo 01 (trong đó đã hết hạn 01).",
        "a) Nhiệm vụ đã hoàn thành:",
        "- Nhiệm vụ II.1 (Sở Công Thương): Truyền thông; hoàn thành ngày 02/05/2026. Đã phát 24 số.",
        "Chưa có báo cáo của 01 nhiệm vụ: Thành đoàn (II.2). Trong đó đã hết thời hạn thực hiện: II.2.",
    ]


def test_the_words_of_cover_and_rows_go_where_they_belong(cycle):
    assert texts(cycle, "I")[1:] == ["- Sở Công Thương: Đã ban hành kế hoạch năm."]
    assert texts(cycle, "III")[-2:] == ["- Phối hợp còn chậm (Sở Công Thương).", "- Thiếu vốn (Sở Công Thương: I.1, I.2)."]
    assert texts(cycle, "IV.1") == ["- Thay đổi địa giới (Sở Công Thương)."]
    assert texts(cycle, "IV.2") == ["- Chưa chủ động (Sở Công Thương).", "- Thiếu đôn đốc (Sở Công Thương)."]
    assert texts(cycle, "V") == ["- Tiếp tục thực hiện (Sở Công Thương)."]
    assert texts(cycle, "VI") == ["- Sớm giao vốn (Sở Công Thương: I.1)."]
    (proposal,) = [one for one in suggested(cycle).values() if one.section == "VI"]
    assert [source["code"] for source in proposal.sources] == ["", "I.1"]  # the cover and the row


def test_what_was_not_sent_in_is_not_quoted(cycle):
    draft = cycle.reports.get(agency__name="Thành đoàn")
    draft.shortcomings, draft.state = "Bản nháp chưa ai ký", AgencyReport.State.DRAFT
    draft.save()
    assert not any("Bản nháp" in one.text for one in suggested(cycle).values())


def test_a_target_without_a_figure_says_so_and_one_with_a_figure_names_its_source(cycle):
    assert texts(cycle, "II.4")[1].endswith("mục tiêu ít nhất 50 doanh nghiệp; chưa có số liệu.")
    indicators.register(
        "startups_2026_2030", "Doanh nghiệp được hỗ trợ", 50, lambda as_of: as_of.year - 2014, "doanh nghiệp", "Sổ đăng ký"
    )
    try:
        assert texts(cycle, "II.4")[1] == (
            "- Doanh nghiệp được hỗ trợ: mục tiêu ít nhất 50 doanh nghiệp; "
            "đến ngày 30/11/2026 đạt 12 doanh nghiệp (nguồn: Sổ đăng ký)."
        )
    finally:
        indicators.unregister("startups_2026_2030")


def test_an_indicator_is_not_registered_twice():
    indicators.register("twice", "Hai lần", 1, lambda as_of: None, "lần", "không")
    try:
        with pytest.raises(ValueError, match="twice"):
            indicators.register("twice", "Hai lần", 1, lambda as_of: None, "lần", "không")
    finally:
        indicators.unregister("twice")


def test_a_final_review_asks_for_lessons_and_commendations(cycle):
    cycle.kind = ReportingCycle.Kind.FINAL
    cycle.save()
    said = suggested(cycle)
    assert "05 năm (2022 - 2026)" in said["lessons:none"].text
    assert "khen thưởng" in said["commendation:none"].text


def test_every_sentence_has_a_slot_of_its_own(cycle):
    made = prefill.suggest(figures.load(cycle, AFTER))
    assert len({one.slot for one in made}) == len(made)
    assert all(len(one.slot) <= 80 for one in made)


# Filling again --------------------------------------------------------------------------------------------------------
@pytest.fixture
def draft(cycle):
    return drafting.start(cycle, make_consolidator(), AFTER, at(AFTER))


def paragraph(draft, slot):
    return draft.paragraphs.get(slot=slot)


def reported_more(draft):
    """Thành đoàn sends its report in after the draft was made."""
    late = draft.cycle.reports.get(agency__name="Thành đoàn")
    write(late, "II.2", State.IN_PROGRESS, percent=10, results="Đã chọn địa điểm.")
    late.state, late.submitted_at, late.first_submitted_at = AgencyReport.State.SUBMITTED, at(AFTER), at(AFTER)
    late.save()


def test_filling_again_updates_what_nobody_touched_adds_what_is_new_and_drops_what_is_no_longer_so(draft):
    reported_more(draft)
    done = drafting.refill(draft, make_consolidator(), AFTER, at(AFTER, 15))
    assert "chưa báo cáo" not in paragraph(draft, "II.1:count").text
    assert paragraph(draft, "II.3:in_progress:II.2").text.endswith("Đã chọn địa điểm.")
    assert not draft.paragraphs.filter(slot__in=["II.3:missing", "II.1:missing", "III:unsent"]).exists()
    assert (done.added, done.dropped) == (4, 3)  # two headings, the task, and its line among the late ones
    order = list(draft.paragraphs.filter(section="II.3").order_by("position").values_list("slot", flat=True))
    assert order == [
        "II.3:count",
        "II.3:completed",
        "II.3:completed:II.1",
        "II.3:in_progress",
        "II.3:in_progress:II.2",
        "II.3:late",
        "II.3:late:II.2",
    ]


def test_filling_again_keeps_what_a_person_wrote_and_shows_the_new_wording_beside_it(draft):
    hoa = make_consolidator()
    count = paragraph(draft, "II.1:count")
    count.write("Năm nay có 04 nhiệm vụ.", count.revision, hoa, at(AFTER))
    silent = paragraph(draft, "III:unsent")
    silent.write("Thành đoàn chưa báo cáo, đã đôn đốc 02 lần.", silent.revision, hoa, at(AFTER))
    reported_more(draft)
    assert drafting.refill(draft, hoa, AFTER, at(AFTER, 15)).kept == 1
    assert paragraph(draft, "II.1:count").text == "Năm nay có 04 nhiệm vụ."
    assert paragraph(draft, "III:unsent").text == "Thành đoàn chưa báo cáo, đã đôn đốc 02 lần."
    news = drafting.news(draft.paragraphs.all(), prefill.suggest(figures.load(draft.cycle, AFTER)))
    assert set(news) == {count.pk, silent.pk}
    assert "đang thực hiện 03" in news[count.pk].suggestion.text
    assert news[silent.pk].suggestion is None


def test_taking_or_ignoring_the_new_wording_settles_it(draft):
    hoa = make_consolidator()
    count = paragraph(draft, "II.1:count")
    count.write("Của tôi.", count.revision, hoa, at(AFTER))
    reported_more(draft)
    new = suggested(draft.cycle)["II.1:count"]
    kept = count.keep_own(new.text, new.sources, hoa, at(AFTER))
    assert kept.text == "Của tôi." and kept.is_edited
    assert count.pk not in drafting.news([kept], suggested(draft.cycle).values())
    taken = count.take_suggestion(new.text, new.sources, hoa, at(AFTER))
    assert taken.text == new.text and not taken.is_edited


def test_a_paragraph_that_was_left_out_stays_out_but_up_to_date(draft):
    hoa = make_consolidator()
    paragraph(draft, "II.1:count").take_out(hoa, at(AFTER))
    reported_more(draft)
    drafting.refill(draft, hoa, AFTER, at(AFTER, 15))
    count = paragraph(draft, "II.1:count")
    assert count.is_removed and "đang thực hiện 03" in count.text


def test_filling_again_at_once_changes_nothing(draft):
    before = list(draft.paragraphs.values_list("slot", "text", "position", "revision"))
    done = drafting.refill(draft, make_consolidator(), AFTER, at(AFTER, 15))
    assert (done.added, done.changed, done.dropped, done.kept) == (0, 0, 0, 0)
    assert list(draft.paragraphs.values_list("slot", "text", "position", "revision")) == before


def test_moving_goes_up_down_and_over_the_edge_of_a_section(draft):
    first, second = draft.paragraphs.filter(section="IV.2").order_by("position")
    assert drafting.move(second, up=True)
    assert list(draft.paragraphs.filter(section="IV.2").order_by("position")) == [second, first]
    second.refresh_from_db()
    assert drafting.move(second, up=True)
    second.refresh_from_db()
    assert second.section == "IV.1" and second.position == 1
    lead = paragraph(draft, "I:lead")
    assert not drafting.move(lead, up=True)


def test_filling_costs_no_more_queries_for_twenty_agencies(draft, django_assert_max_num_queries):
    hoa = make_consolidator()
    with django_assert_max_num_queries(25):
        prefill.suggest(figures.load(ReportingCycle.objects.select_related("plan").get(pk=draft.cycle_id), AFTER))
    for n in range(20):
        agency = make_agency(f"Cơ quan {n}")
        late = make_report(agency, draft.cycle, tasks=3)
        late.state, late.submitted_at, late.first_submitted_at = AgencyReport.State.SUBMITTED, at(TODAY), at(TODAY)
        late.save()
    with django_assert_max_num_queries(37):
        drafting.refill(draft, hoa, AFTER, at(AFTER, 15))
