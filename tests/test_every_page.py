"""Every page as a person of each role sees it in a real browser: readable, accessible, within the width of a phone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from firms import loading as registry
from firms.gatekeeper import hashed
from firms.models import Authority, Firm, LikelyPair
from linkages import demonstration as invented
from linkages import demonstrationchains, demonstrationprogramme, demonstrationsessions, interests, market, matches, suggestions
from linkages import loading as linkages
from linkages.models import (
    Agreement,
    Application,
    BoardMember,
    Chain,
    ChainRole,
    FollowUp,
    Link,
    MatchingSession,
    Meeting,
    Participant,
    Party,
    Posting,
    SkillNeed,
    Target,
    TrainingProgramme,
)
from parkportal.models import User
from tasks import demonstration, loading
from tasks.models import AgencyReport, Contribution, ReportingCycle
from tests.builders import TODAY
from tests.builders_firms import check_upload, import_upload, make_upload, receive, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = {
    "wide, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture
def year(transactional_db):
    loading.load_all()
    registry.load_all()
    linkages.load_all()
    invented.load_postings(timezone.now())
    demonstration.load(TODAY)


def person(login):
    return User.objects.get(email=f"{login}@{demonstration.DOMAIN}")


def open_report(key):
    return AgencyReport.objects.get(cycle__state=ReportingCycle.State.OPEN, agency__key=key)


def pages_of_a_stranger():
    return [
        reverse("home"),
        reverse("plan_public"),
        reverse("plan_task_public", args=["I.4.2"]),
        reverse("zone_list"),
        reverse("zone_list") + "?kind=KCN&free=yes&sort=free",
        reverse("zone_detail", args=["KCNC-DN"]),
        reverse("zone_detail", args=["KCN-DNDN"]),
        reverse("figures"),
        reverse("figures") + "?on=2021-12-31&measure=USD&authority=dseza",
        reverse("figure_rows") + "?of=projects&zone=KCNC-DN",
        *pages_of_the_network(),
        *pages_of_the_programme(),
        *pages_of_the_exchange(),
        reverse("shortlist"),
        reverse("shortlist") + "?firm=DN0000018&firm=DN0000026&zone=KCNC-DN",
        reverse("compare"),
        reverse("compare") + "?firm=DN0000018&firm=DN0000026&zone=KCNC-DN&zone=KCN-HK&show=differences",
        reverse("tax_code_doctor"),
        reverse("open_data"),
        reverse("firm_download") + "?format=pdf",
        reverse("embed_firms") + "?zone=KCNC-DN",
        reverse("account_login"),
        reverse("account_reset_password"),
        "/khong-co-trang-nay/",
    ]


def pages_of_an_officer():
    report, board = open_report("bqlkcnc"), Authority.objects.exclude(is_ours=True).first()
    BoardMember.objects.create(user=person("canbo"), authority=board, starts_on=TODAY)
    return [
        reverse("home"),
        reverse("board_home"),
        reverse("my_work"),
        reverse("report_edit", args=[report.pk]),
        reverse("report_detail", args=[report.pk]),
        reverse("contribution_list"),
        reverse("task_list"),
        reverse("task_list") + "?q=co+khi+khong+co&timeliness=overdue",
        reverse("task_detail", args=["I.4.2"]),
        reverse("agency_list"),
        reverse("agency_detail", args=["stc"]),
        reverse("reminder_ledger"),
        reverse("profile"),
        reverse("search") + "?q=khoi+nghiep",
        reverse("mfa_index"),
        reverse("account_change_password"),
    ]


def pages_of_the_asked_agency():
    return [reverse("my_work"), reverse("contribution_answer", args=[Contribution.objects.get().pk])]


def pages_of_the_consolidator():
    cycle = ReportingCycle.objects.open().get()
    return [
        reverse("home"),
        reverse("board"),
        reverse("report_review", args=[open_report("dptth").pk]),
        reverse("report_review", args=[open_report("sct").pk]),
        reverse("cycle_list"),
        reverse("cycle_create"),
        reverse("cycle_detail", args=[cycle.pk]),
        reverse("cycle_edit", args=[cycle.pk]),
        reverse("reminder_preview"),
        reverse("audit"),
    ]


def pages_of_the_editor():
    firm, other = Firm.objects.filter(projects__isnull=False).distinct()[:2]
    LikelyPair.objects.get_or_create(first_id=min(firm.pk, other.pk), second_id=max(firm.pk, other.pk), defaults={"score": 90})
    names = ["identity", "work", "source", "names", "years", "contacts"]
    parts = [reverse("firm_part", args=[firm.code, name]) for name in names]
    zone = [reverse("zone_part", args=["KCNC-DN", name]) for name in ("facts", "place", "land", "authorities")]
    return [
        reverse("registry_desk"),
        reverse("registry_firms"),
        reverse("registry_firms") + "?q=cong+ty&show=loaded",
        reverse("registry_firms") + "?q=khong+co+ai",
        reverse("registry_zones"),
        reverse("firm_create"),
        reverse("firm_edit", args=[firm.code]),
        *parts,
        reverse("firm_row", args=[firm.code, "projects", firm.projects.first().pk]),
        reverse("firm_row_new", args=[firm.code, "products"]),
        reverse("zone_edit", args=["KCNC-DN"]),
        *zone,
        reverse("zone_create"),
        reverse("pair_list"),
        reverse("merge_list"),
        reverse("merge_create") + f"?kept={firm.code}&merged=cong+ty",
        reverse("merge_preview") + f"?kept={firm.code}&merged={other.code}",
        *pages_of_uploads(),
        *pages_of_the_network(),
        *pages_of_links(),
        *pages_of_matching(),
    ]


def pages_of_the_network():
    memorandum = Link.objects.get(evidence__level=2)
    return [
        reverse("link_list"),
        reverse("link_list") + "?kind=input&zone=KCN-LC&q=crown&sort=level",
        reverse("link_list") + "?q=khong+co+lien+ket+nao",
        memorandum.get_absolute_url(),
        memorandum.source_party.firm.get_absolute_url(),
        reverse("link_confirm", args=["khong-co"]),
    ]


def load_the_programme():
    """Chains with an open role, agreements, people needed and taught, one session that was held and one that lies ahead."""
    demonstrationchains.load_chains()
    demonstrationprogramme.load_programme(timezone.localdate())
    demonstrationsessions.load_sessions(timezone.now())
    Participant.objects.filter(pk=MatchingSession.objects.first().participants.first().pk).update(token_hash=hashed("moi"))


def pages_of_the_programme():
    load_the_programme()
    chain, ahead, held = Chain.objects.first(), *MatchingSession.objects.order_by("-starts_at")
    role = ChainRole.objects.filter(is_open=True).first()
    return [
        reverse("chain_list"),
        *(chain.get_absolute_url() + asked for asked in ("", "?on=2026-01-31")),
        reverse("opportunity_list"),
        reverse("opportunity_detail", args=[role.pk]),
        reverse("agreement_list"),
        *(it.get_absolute_url() for it in Agreement.objects.all()[:2]),
        reverse("training_list"),
        reverse("target_list"),
        reverse("session_list"),
        ahead.get_absolute_url(),
        held.get_absolute_url(),
        reverse("session_answer", args=["moi"]),
    ]


def pages_of_who_keeps_the_programme():
    public, chain, agreement = pages_of_the_programme(), Chain.objects.first(), Agreement.objects.first()
    ahead, held = MatchingSession.objects.order_by("-starts_at")
    role, words = chain.roles.first(), {"firm_name": "Xưởng", "name": "Anna", "email": "a@shop.invalid", "message": "Mạ kẽm."}
    application = Application.objects.create(role=role, **words)
    begins = {
        "chain_create": (), "chain_edit": [chain.code], "role_create": [chain.code], "role_edit": [role.pk],
        "member_add": [role.pk], "chain_link_create": [chain.code], "rule_list": (), "rule_set": (), "application_list": (),
        "application_detail": [application.pk], "agreement_create": (), "agreement_edit": [agreement.pk],
        "commitment_create": [agreement.pk], "commitment_edit": [agreement.commitments.first().pk], "skill_need_create": (),
        "skill_need_edit": [SkillNeed.objects.first().pk], "programme_create": (),
        "programme_edit": [TrainingProgramme.objects.first().pk], "target_edit": [Target.objects.first().key],
        "session_create": (), "session_edit": [ahead.code], "session_history": [held.code], "session_attendance": [held.code],
        "session_timetable": [ahead.code], "participant_add": [ahead.code], "participant_add_many": [ahead.code],
        "participant_edit": [ahead.participants.first().pk], "participant_answer": [ahead.participants.first().pk],
        "meeting_result": [Meeting.objects.filter(session=held).first().pk], "follow_up_list": (),
        "follow_up_edit": [FollowUp.objects.first().pk],
    }  # fmt: skip
    parts = [reverse("chain_part", args=[chain.code, part]) for part in ("facts", "work")]
    return [*public[:-1], *parts, *(reverse(name, args=given) for name, given in begins.items())]


def pages_of_links():
    link, school = Link.objects.get(evidence__level=2), Party.objects.filter(kind=Party.Kind.SCHOOL).first()
    names = ["link_edit", "link_ask", "link_evidence_add"]
    return [
        reverse("link_create") + f"?source={link.source_party.firm.code}&kind=input&product=khuon",
        *(reverse(name, args=[link.pk]) for name in names),
        reverse("partner_list"),
        reverse("partner_list") + "?q=hoa+khanh",
        reverse("partner_create") + "?name=truong",
        reverse("partner_edit", args=[school.pk]),
        reverse("import_gaps"),
        reverse("import_gaps") + "?found=no&origin=JP",
    ]


def pages_of_the_exchange():
    offer = Posting.objects.offers().first()
    return [
        reverse("posting_list"),
        reverse("posting_list") + "?direction=need&sector=mechanical&q=gia+cong&sort=needed",
        reverse("posting_list") + "?q=khong+co+gi",
        offer.get_absolute_url(),
        reverse("posting_create") + "?direction=need",
        reverse("posting_own", args=["khong-co"]),
    ]


def pages_of_matching():
    """A need with everything that can hang on it: somebody interested, a pair that is late, one that does not fit."""
    now, editor = timezone.now(), person("bientap")
    need = Posting.objects.needs().first()
    need.contact_email = "chu@need.invalid"
    market.written(need, editor)
    market.keep_link(need)
    words = {"organisation": "Xưởng", "name": "Anna", "email": "a@shop.invalid", "message": "Xin hỏi về loạt đầu tiên."}
    interest = interests.express(need, words, "vi", now)
    first, *_others, last = suggestions.suggest(need, timezone.localdate(now))
    match = matches.judge(need, first, "fits", "", editor, now)
    matches.move(match, "suggested", "met", editor, now, "Gửi mẫu", TODAY)
    matches.judge(need, last, "unfit", "Khác nghề.", editor, now)
    waiting = Posting(direction="offer", kind="research", title="Màng phủ nano", summary="Tìm xưởng cùng thử.")
    market.hand_in(waiting, "vi", now)
    return [
        *(reverse("posting_review") + query for query in ("", "?state=all", "?state=done")),
        reverse("posting_enter"),
        *(reverse(name, args=[waiting.code]) for name in ("posting_decide", "posting_edit", "posting_detail")),
        reverse("posting_own", args=[market.token_of(need)]),
        reverse("posting_own_edit", args=[market.token_of(need)]),
        reverse("interest_list"),
        reverse("interest_detail", args=[interest.pk]),
        reverse("match_list"),
        reverse("match_suggest", args=[need.code]),
        reverse("match_suggest", args=[Posting.objects.offers().filter(is_demonstration=True).first().code]),
        reverse("match_detail", args=[match.pk]),
    ]


def pages_of_uploads():
    """One upload at each of its steps: columns, progress, preview with every kind of row, failure, result."""
    heads = ["Tên doanh nghiệp", "MST", "Khu", "Vốn đăng ký (triệu USD)", "Địa chỉ"]
    rows = [["Công ty TNHH Tokyo Keiki Precision Technolgy", 400101404, "KCNC-DN", 40, "Lô 1"]]
    rows.append(["Công ty lỗi", "123", "x", "1.854", ""])
    rows.append(["Công ty hoàn toàn mới", "0400010002", "KCNC-DN", 5, "Lô 2"])
    editor = person("bientap")
    ready, done = check_upload(workbook(rows, heads), editor), check_upload(workbook(rows[2:], heads), editor)
    import_upload(done)
    uploads = [receive(workbook(rows, heads), editor), make_upload(editor, "checking", percent=40), ready, done]
    uploads += [make_upload(editor, "failed", problem="file_broken"), make_upload(editor, "withdrawn")]
    kinds = [reverse("upload_detail", args=[ready.pk]) + f"?kind={kind}" for kind in ("undecided", "problem", "new", "all")]
    return [reverse("upload_list"), *(reverse("upload_detail", args=[upload.pk]) for upload in uploads), *kinds]


def pages_of_the_administrator():
    return [reverse("admin:index"), reverse("admin:parkportal_user_changelist"), reverse("audit")]


PEOPLE = {
    "a stranger": (None, pages_of_a_stranger),
    "an officer": ("canbo", pages_of_an_officer),
    "the asked agency's officer": ("canbo.skhcn", pages_of_the_asked_agency),
    "the consolidator": ("tonghop", pages_of_the_consolidator),
    "the editor": ("bientap", pages_of_the_editor),
    "who keeps the programme": ("bientap", pages_of_who_keeps_the_programme),
    "the administrator": ("quantri", pages_of_the_administrator),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_readable_and_accessible(year, who, new_context, watch, signed_in_page, axe):
    login, pages = PEOPLE[who]
    paths, found = pages(), []
    for look in LOOKS.values():
        page = signed_in_page(person(login), **look) if login else watch(new_context(**look).new_page())
        found += all_shortcomings(page, paths, look, axe)
    assert not found, "\n".join(found)


def all_shortcomings(page, paths, look, axe):
    """What is wrong with these pages, in words; those of the dark look are read in English."""
    language = "en" if look["color_scheme"] == "dark" else "vi"
    found = []
    for path in paths:
        page.goto(f"/en{path}" if language == "en" else path)
        found += shortcomings(page, axe, language)
    return found


def shortcomings(page, axe, language):
    """What is wrong with the page that is open, in words."""
    found = []
    if page.locator("h1").count() != 1:
        found.append(f"{page.url} has {page.locator('h1').count()} main headings")
    if page.locator("html").get_attribute("lang") != language:
        found.append(f"{page.url} does not say that it is in “{language}”")
    if (wider := page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")) > 0:
        found.append(f"{page.url} is {wider} px wider than the window")
    try:
        axe(page)
    except AssertionError as barriers:
        found.append(str(barriers))
    return found
