"""Every page by every role, as one table. A new page has to take its place in it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from firms import merging
from firms import urls as registry_urls
from firms.gatekeeper import hashed
from firms.models import ConfirmationLink, Correction, Dossier, Enquiry, LikelyPair, SavedSearch, Sector, Zone
from linkages import market
from linkages import urls as linkage_urls
from linkages.models import (
    Agreement,
    Application,
    ChainRole,
    Commitment,
    FollowUp,
    FormationRule,
    Interest,
    LinkConfirmation,
    LinkEvidence,
    Match,
    MatchingSession,
    Meeting,
    Party,
    SkillNeed,
    Target,
    TrainingProgramme,
)
from parkportal import urls as portal_urls
from parkportal.models import Heartbeat, OutgoingMail, User
from tasks import urls as plan_urls
from tasks.models import ConsolidatedReport, Contribution, Evidence, KeptText, Reminder, Rendition, ReportParagraph
from tasks.views.unsent import page_token
from tests.builders import (
    make_agency,
    make_consolidator,
    make_cycle,
    make_filled_report,
    make_head,
    make_member,
    make_task,
    make_user,
)
from tests.builders_firms import make_firm, make_project, make_upload, make_zone
from tests.builders_linkages import (
    make_link,
    make_participant,
    make_party,
    make_posting,
    make_session,
    make_supplied_chain,
)

pytestmark = pytest.mark.django_db

ROLES = ["stranger", "officer", "head", "other", "consolidator", "leadership", "editor", "administrator"]
# What some addresses need to be told before they ask who is there.
WORDS = {
    "choice": "both", "format": "xlsx", "rows": "in_progress", "kind": "zone", "code": "KCN-HK", "note": "came",
}  # fmt: skip
UPLOAD_PAGES = [f"upload_{step}" for step in ("annotated", "decide", "detail", "import", "map", "rows", "withdraw")]
TABLE = """
#                           stran offic head  other conso leade edito admin
get  agency_detail          door  yes   yes   yes   yes   yes   yes   yes
get  agency_list            door  yes   yes   yes   yes   yes   yes   yes
get  agreement_create       door  no    no    no    no    no    yes   yes
post agreement_create       door  no    no    no    no    no    yes   yes
get  agreement_detail       yes   yes   yes   yes   yes   yes   yes   yes
get  agreement_edit         door  no    no    no    no    no    yes   yes
post agreement_edit         door  no    no    no    no    no    yes   yes
get  agreement_file         door  no    no    no    no    no    yes   yes
get  agreement_list         yes   yes   yes   yes   yes   yes   yes   yes
post agreement_party_add    door  no    no    no    no    no    yes   yes
post agreement_party_remove door  no    no    no    no    no    yes   yes
get  api_docs               yes   yes   yes   yes   yes   yes   yes   yes
get  api_docs_asked         yes   yes   yes   yes   yes   yes   yes   yes
get  api_firm_detail        yes   yes   yes   yes   yes   yes   yes   yes
get  api_firm_list          yes   yes   yes   yes   yes   yes   yes   yes
get  api_missing            no    no    no    no    no    no    no    no
get  api_project_detail     yes   yes   yes   yes   yes   yes   yes   yes
get  api_project_list       yes   yes   yes   yes   yes   yes   yes   yes
get  api_root               yes   yes   yes   yes   yes   yes   yes   yes
get  api_schema             yes   yes   yes   yes   yes   yes   yes   yes
get  api_sector_detail      yes   yes   yes   yes   yes   yes   yes   yes
get  api_sector_list        yes   yes   yes   yes   yes   yes   yes   yes
get  api_zone_detail        yes   yes   yes   yes   yes   yes   yes   yes
get  api_zone_list          yes   yes   yes   yes   yes   yes   yes   yes
get  application_detail     door  no    no    no    no    no    yes   yes
post application_detail     door  no    no    no    no    no    yes   yes
get  application_list       door  no    no    no    no    no    yes   yes
get  audit                  door  no    no    no    yes   no    no    yes
get  board                  door  no    no    no    yes   yes   no    yes
get  board_home             door  no    no    no    no    no    no    no
get  board_tasks            door  no    no    no    yes   yes   no    yes
get  chain_create           door  no    no    no    no    no    yes   yes
post chain_create           door  no    no    no    no    no    yes   yes
get  chain_detail           yes   yes   yes   yes   yes   yes   yes   yes
get  chain_edit             door  no    no    no    no    no    yes   yes
post chain_link_add         door  no    no    no    no    no    yes   yes
get  chain_link_create      door  no    no    no    no    no    yes   yes
post chain_link_create      door  no    no    no    no    no    yes   yes
post chain_link_remove      door  no    no    no    no    no    yes   yes
get  chain_list             yes   yes   yes   yes   yes   yes   yes   yes
post chain_move             door  no    no    no    no    no    yes   yes
get  chain_part             door  no    no    no    no    no    yes   yes
post chain_part             door  no    no    no    no    no    yes   yes
get  chain_pdf              yes   yes   yes   yes   yes   yes   yes   yes
post chain_put_back         door  no    no    no    no    no    yes   yes
post chain_show             door  no    no    no    no    no    yes   yes
get  commitment_create      door  no    no    no    no    no    yes   yes
post commitment_create      door  no    no    no    no    no    yes   yes
get  commitment_edit        door  no    no    no    no    no    yes   yes
post commitment_edit        door  no    no    no    no    no    yes   yes
get  compare                yes   yes   yes   yes   yes   yes   yes   yes
get  confirm_edit           yes   yes   yes   yes   yes   yes   yes   yes
post confirm_edit           yes   yes   yes   yes   yes   yes   yes   yes
get  confirm_firm           yes   yes   yes   yes   yes   yes   yes   yes
post confirm_firm           yes   yes   yes   yes   yes   yes   yes   yes
get  confirmation_send      door  no    no    no    no    no    yes   yes
post confirmation_send      door  no    no    no    no    no    yes   yes
post confirmation_withdraw  door  no    no    no    no    no    yes   yes
get  consolidated_detail    door  no    no    no    yes   no    no    yes
post consolidated_detail    door  no    no    no    yes   no    no    no
get  consolidated_issue     door  no    no    no    yes   no    no    no
post consolidated_issue     door  no    no    no    yes   no    no    no
get  consolidated_preview   door  no    no    no    yes   no    no    yes
post consolidated_refill    door  no    no    no    yes   no    no    no
post consolidated_start     door  no    no    no    yes   no    no    no
get  contribution_answer    door  no    no    yes   no    no    no    no
post contribution_answer    door  no    no    yes   no    no    no    no
get  contribution_ask       door  yes   yes   no    no    no    no    no
post contribution_ask       door  yes   yes   no    no    no    no    no
get  contribution_list      door  yes   yes   yes   yes   yes   yes   yes
post contribution_list      door  yes   yes   yes   yes   yes   yes   yes
get  correction_create      yes   yes   yes   yes   yes   yes   yes   yes
post correction_create      yes   yes   yes   yes   yes   yes   yes   yes
get  correction_decide      door  no    no    no    no    no    yes   yes
post correction_decide      door  no    no    no    no    no    yes   yes
get  correction_list        door  no    no    no    no    no    yes   yes
post cover_save             door  yes   yes   no    no    no    no    no
post cycle_close            door  no    no    no    yes   no    no    yes
get  cycle_create           door  no    no    no    yes   no    no    yes
post cycle_create           door  no    no    no    yes   no    no    yes
get  cycle_detail           door  no    no    no    yes   yes   no    yes
get  cycle_edit             door  no    no    no    yes   no    no    yes
post cycle_edit             door  no    no    no    yes   no    no    yes
get  cycle_list             door  no    no    no    yes   yes   no    yes
post cycle_open             door  no    no    no    yes   no    no    yes
post cycle_reopen           door  no    no    no    yes   no    no    yes
post dossier_ask            yes   yes   yes   yes   yes   yes   yes   yes
get  dossier_detail         yes   yes   yes   yes   yes   yes   yes   yes
get  dossier_download       yes   yes   yes   yes   yes   yes   yes   yes
get  embed_firms            yes   yes   yes   yes   yes   yes   yes   yes
get  enquiry_answer         yes   yes   yes   yes   yes   yes   yes   yes
post enquiry_answer         yes   yes   yes   yes   yes   yes   yes   yes
get  enquiry_create         yes   yes   yes   yes   yes   yes   yes   yes
post enquiry_create         yes   yes   yes   yes   yes   yes   yes   yes
get  enquiry_detail         door  no    no    no    no    no    yes   yes
post enquiry_detail         door  no    no    no    no    no    yes   yes
get  enquiry_list           door  no    no    no    no    no    yes   yes
post evidence_add           door  yes   yes   no    no    no    no    no
get  evidence_download      door  yes   yes   yes   yes   no    no    yes
post evidence_remove        door  yes   yes   no    no    no    no    no
post evidence_restore       door  yes   yes   no    no    no    no    no
get  figure_rows            yes   yes   yes   yes   yes   yes   yes   yes
get  figures                yes   yes   yes   yes   yes   yes   yes   yes
get  firm_create            door  no    no    no    no    no    yes   yes
post firm_create            door  no    no    no    no    no    yes   yes
get  firm_detail            yes   yes   yes   yes   yes   yes   yes   yes
get  firm_download          yes   yes   yes   yes   yes   yes   yes   yes
get  firm_edit              door  no    no    no    no    no    yes   yes
get  firm_list              yes   yes   yes   yes   yes   yes   yes   yes
get  firm_map               yes   yes   yes   yes   yes   yes   yes   yes
get  firm_part              door  no    no    no    no    no    yes   yes
post firm_part              door  no    no    no    no    no    yes   yes
post firm_put_back          door  no    no    no    no    no    yes   yes
post firm_review            door  no    no    no    no    no    yes   yes
get  firm_row               door  no    no    no    no    no    yes   yes
post firm_row               door  no    no    no    no    no    yes   yes
get  firm_row_new           door  no    no    no    no    no    yes   yes
post firm_row_new           door  no    no    no    no    no    yes   yes
post firms_review           door  no    no    no    no    no    yes   yes
get  follow_up_edit         door  no    no    no    no    no    yes   yes
post follow_up_edit         door  no    no    no    no    no    yes   yes
get  follow_up_list         door  no    no    no    no    no    yes   yes
get  healthz                yes   yes   yes   yes   yes   yes   yes   yes
get  home                   yes   yes   yes   yes   yes   yes   yes   yes
get  import_gaps            door  no    no    no    no    no    yes   yes
get  import_gaps_download   door  no    no    no    no    no    yes   yes
get  interest_detail        door  no    no    no    no    no    yes   yes
post interest_detail        door  no    no    no    no    no    yes   yes
get  interest_list          door  no    no    no    no    no    yes   yes
post kept_text_settle       door  yes   yes   no    no    no    no    no
get  link_ask               door  no    no    no    no    no    yes   yes
post link_ask               door  no    no    no    no    no    yes   yes
get  link_confirm           yes   yes   yes   yes   yes   yes   yes   yes
post link_confirm           yes   yes   yes   yes   yes   yes   yes   yes
get  link_create            door  no    no    no    no    no    yes   yes
post link_create            door  no    no    no    no    no    yes   yes
get  link_detail            yes   yes   yes   yes   yes   yes   yes   yes
get  link_edit              door  no    no    no    no    no    yes   yes
post link_edit              door  no    no    no    no    no    yes   yes
get  link_evidence_add      door  no    no    no    no    no    yes   yes
post link_evidence_add      door  no    no    no    no    no    yes   yes
get  link_evidence_download door  no    no    no    no    no    yes   yes
post link_evidence_remove   door  no    no    no    no    no    yes   yes
post link_evidence_restore  door  no    no    no    no    no    yes   yes
get  link_list              yes   yes   yes   yes   yes   yes   yes   yes
post link_move              door  no    no    no    no    no    yes   yes
post link_review            door  no    no    no    no    no    yes   yes
post link_show              door  no    no    no    no    no    yes   yes
get  mail_detail            door  yes   yes   no    yes   yes   no    yes
post mail_retry             door  no    no    no    yes   no    no    yes
post mails_retry            door  no    no    no    yes   no    no    yes
get  match_detail           door  no    no    no    no    no    yes   yes
post match_detail           door  no    no    no    no    no    yes   yes
post match_link             door  no    no    no    no    no    yes   yes
get  match_list             door  no    no    no    no    no    yes   yes
post match_move             door  no    no    no    no    no    yes   yes
get  match_suggest          door  no    no    no    no    no    yes   yes
post match_suggest          door  no    no    no    no    no    yes   yes
post meeting_link           door  no    no    no    no    no    yes   yes
post meeting_match          door  no    no    no    no    no    yes   yes
post meeting_move           door  no    no    no    no    no    yes   yes
get  meeting_result         door  no    no    no    no    no    yes   yes
post meeting_result         door  no    no    no    no    no    yes   yes
get  member_add             door  no    no    no    no    no    yes   yes
post member_add             door  no    no    no    no    no    yes   yes
post member_end             door  no    no    no    no    no    yes   yes
post member_remove          door  no    no    no    no    no    yes   yes
post member_return          door  no    no    no    no    no    yes   yes
post merge_confirm          door  no    no    no    no    no    no    no
get  merge_create           door  no    no    no    no    no    yes   yes
get  merge_list             door  no    no    no    no    no    yes   yes
get  merge_preview          door  no    no    no    no    no    no    no
get  merge_undo             door  no    no    no    no    no    yes   yes
post merge_undo             door  no    no    no    no    no    yes   yes
get  my_work                door  yes   yes   yes   yes   yes   yes   yes
post my_work                door  yes   yes   yes   yes   yes   yes   yes
get  open_data              yes   yes   yes   yes   yes   yes   yes   yes
get  opportunity_detail     yes   yes   yes   yes   yes   yes   yes   yes
post opportunity_detail     yes   yes   yes   yes   yes   yes   yes   yes
get  opportunity_list       yes   yes   yes   yes   yes   yes   yes   yes
post pair_decide            door  no    no    no    no    no    no    no
get  pair_list              door  no    no    no    no    no    yes   yes
post paragraph_add          door  no    no    no    yes   no    no    no
post paragraph_move         door  no    no    no    yes   no    no    no
post paragraph_remove       door  no    no    no    yes   no    no    no
post paragraph_restore      door  no    no    no    yes   no    no    no
post paragraph_save         door  no    no    no    yes   no    no    no
get  participant_add        door  no    no    no    no    no    yes   yes
post participant_add        door  no    no    no    no    no    yes   yes
get  participant_add_many   door  no    no    no    no    no    yes   yes
post participant_add_many   door  no    no    no    no    no    yes   yes
get  participant_answer     door  no    no    no    no    no    yes   yes
post participant_answer     door  no    no    no    no    no    yes   yes
post participant_attend     door  no    no    no    no    no    yes   yes
get  participant_edit       door  no    no    no    no    no    yes   yes
post participant_edit       door  no    no    no    no    no    yes   yes
post participant_invite     door  no    no    no    no    no    yes   yes
post participant_remove     door  no    no    no    no    no    yes   yes
get  partner_create         door  no    no    no    no    no    yes   yes
post partner_create         door  no    no    no    no    no    yes   yes
get  partner_edit           door  no    no    no    no    no    yes   yes
post partner_edit           door  no    no    no    no    no    yes   yes
get  partner_list           door  no    no    no    no    no    yes   yes
get  phase_report           door  no    no    no    no    no    yes   yes
get  plan_public            yes   yes   yes   yes   yes   yes   yes   yes
get  plan_task_public       yes   yes   yes   yes   yes   yes   yes   yes
get  posting_create         yes   yes   yes   yes   yes   yes   yes   yes
post posting_create         yes   yes   yes   yes   yes   yes   yes   yes
get  posting_decide         door  no    no    no    no    no    yes   yes
post posting_decide         door  no    no    no    no    no    yes   yes
get  posting_detail         yes   yes   yes   yes   yes   yes   yes   yes
post posting_detail         yes   yes   yes   yes   yes   yes   yes   yes
get  posting_edit           door  no    no    no    no    no    yes   yes
post posting_edit           door  no    no    no    no    no    yes   yes
get  posting_enter          door  no    no    no    no    no    yes   yes
post posting_enter          door  no    no    no    no    no    yes   yes
get  posting_list           yes   yes   yes   yes   yes   yes   yes   yes
get  posting_own            yes   yes   yes   yes   yes   yes   yes   yes
post posting_own            yes   yes   yes   yes   yes   yes   yes   yes
get  posting_own_edit       yes   yes   yes   yes   yes   yes   yes   yes
post posting_own_edit       yes   yes   yes   yes   yes   yes   yes   yes
get  posting_review         door  no    no    no    no    no    yes   yes
get  profile                door  yes   yes   yes   yes   yes   yes   yes
post profile                door  yes   yes   yes   yes   yes   yes   yes
get  programme_create       door  no    no    no    no    no    yes   yes
post programme_create       door  no    no    no    no    no    yes   yes
get  programme_edit         door  no    no    no    no    no    yes   yes
post programme_edit         door  no    no    no    no    no    yes   yes
get  registry_desk          door  no    no    no    no    no    yes   yes
get  registry_export        door  no    no    no    no    no    yes   yes
get  registry_firms         door  no    no    no    no    no    yes   yes
get  registry_template      door  no    no    no    no    no    yes   yes
get  registry_zones         door  no    no    no    no    no    yes   yes
post remind_now             door  no    no    no    yes   no    no    no
get  reminder_ledger        door  yes   yes   yes   yes   yes   no    yes
get  reminder_preview       door  no    no    no    yes   no    no    yes
get  rendition_ask          door  no    no    no    yes   no    no    yes
post rendition_ask          door  no    no    no    yes   no    no    yes
get  rendition_download     door  no    no    no    no    no    no    no
get  rendition_status       door  no    no    no    yes   no    no    yes
post report_accept          door  no    no    no    yes   no    no    no
get  report_detail          door  yes   yes   no    yes   no    no    yes
post report_detail          door  yes   yes   no    yes   no    no    yes
get  report_edit            door  yes   yes   no    no    no    no    no
post report_edit            door  yes   yes   no    no    no    no    no
post report_presence        door  yes   yes   no    no    no    no    no
post report_ready           door  yes   yes   no    no    no    no    no
get  report_review          door  no    no    no    yes   no    no    yes
post report_send_back       door  no    no    no    yes   no    no    no
post report_submit          door  no    yes   no    no    no    no    no
post report_withdraw        door  no    yes   no    no    no    no    no
get  robots                 yes   yes   yes   yes   yes   yes   yes   yes
get  role_create            door  no    no    no    no    no    yes   yes
post role_create            door  no    no    no    no    no    yes   yes
get  role_edit              door  no    no    no    no    no    yes   yes
post role_edit              door  no    no    no    no    no    yes   yes
post role_open              door  no    no    no    no    no    yes   yes
post role_remove            door  no    no    no    no    no    yes   yes
post row_copy               door  yes   yes   no    no    no    no    no
post row_nothing            door  yes   yes   no    no    no    no    no
post row_save               door  yes   yes   no    no    no    no    no
get  rule_list              door  no    no    no    no    no    yes   yes
get  rule_set               door  no    no    no    no    no    yes   yes
post rule_set               door  no    no    no    no    no    yes   yes
post rule_withdraw          door  no    no    no    no    no    yes   yes
get  search                 yes   yes   yes   yes   yes   yes   yes   yes
get  search_confirm         yes   yes   yes   yes   yes   yes   yes   yes
post search_confirm         yes   yes   yes   yes   yes   yes   yes   yes
get  search_end             yes   yes   yes   yes   yes   yes   yes   yes
post search_end             yes   yes   yes   yes   yes   yes   yes   yes
get  search_save            yes   yes   yes   yes   yes   yes   yes   yes
post search_save            yes   yes   yes   yes   yes   yes   yes   yes
get  session_answer         yes   yes   yes   yes   yes   yes   yes   yes
post session_answer         yes   yes   yes   yes   yes   yes   yes   yes
get  session_attendance     door  no    no    no    no    no    yes   yes
get  session_badges         door  no    no    no    no    no    yes   yes
get  session_calendar       yes   yes   yes   yes   yes   yes   yes   yes
get  session_create         door  no    no    no    no    no    yes   yes
post session_create         door  no    no    no    no    no    yes   yes
get  session_detail         yes   yes   yes   yes   yes   yes   yes   yes
get  session_edit           door  no    no    no    no    no    yes   yes
post session_edit           door  no    no    no    no    no    yes   yes
get  session_history        door  no    no    no    no    no    yes   yes
get  session_list           yes   yes   yes   yes   yes   yes   yes   yes
post session_move           door  no    no    no    no    no    yes   yes
get  session_sheets         door  no    no    no    no    no    yes   yes
get  session_timetable      door  no    no    no    no    no    yes   yes
post session_timetable      door  no    no    no    no    no    yes   yes
post session_timetable_send door  no    no    no    no    no    yes   yes
get  shortlist              yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_add          yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_clear        yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_move         yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_note         yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_remove       yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_take         yes   yes   yes   yes   yes   yes   yes   yes
post shortlist_undo         yes   yes   yes   yes   yes   yes   yes   yes
get  sitemap                yes   yes   yes   yes   yes   yes   yes   yes
get  sitemap_part           yes   yes   yes   yes   yes   yes   yes   yes
get  skill_need_create      door  no    no    no    no    no    yes   yes
post skill_need_create      door  no    no    no    no    no    yes   yes
get  skill_need_edit        door  no    no    no    no    no    yes   yes
post skill_need_edit        door  no    no    no    no    no    yes   yes
get  target_edit            door  no    no    no    no    no    yes   yes
post target_edit            door  no    no    no    no    no    yes   yes
get  target_list            yes   yes   yes   yes   yes   yes   yes   yes
get  task_detail            door  yes   yes   yes   yes   yes   yes   yes
get  task_list              door  yes   yes   yes   yes   yes   yes   yes
get  tax_code_doctor        yes   yes   yes   yes   yes   yes   yes   yes
post tax_code_doctor        yes   yes   yes   yes   yes   yes   yes   yes
get  training_list          yes   yes   yes   yes   yes   yes   yes   yes
get  upload_annotated       door  no    no    no    no    no    yes   yes
post upload_create          door  no    no    no    no    no    yes   yes
post upload_decide          door  no    no    no    no    no    yes   yes
get  upload_detail          door  no    no    no    no    no    yes   yes
post upload_import          door  no    no    no    no    no    yes   yes
get  upload_list            door  no    no    no    no    no    yes   yes
post upload_map             door  no    no    no    no    no    yes   yes
get  upload_rows            door  no    no    no    no    no    yes   yes
post upload_withdraw        door  no    no    no    no    no    yes   yes
get  verify                 no    no    no    no    no    no    no    no
get  zone_correct           yes   yes   yes   yes   yes   yes   yes   yes
post zone_correct           yes   yes   yes   yes   yes   yes   yes   yes
get  zone_create            door  no    no    no    no    no    yes   yes
post zone_create            door  no    no    no    no    no    yes   yes
get  zone_detail            yes   yes   yes   yes   yes   yes   yes   yes
get  zone_download          yes   yes   yes   yes   yes   yes   yes   yes
get  zone_edit              door  no    no    no    no    no    yes   yes
get  zone_enquiry           yes   yes   yes   yes   yes   yes   yes   yes
post zone_enquiry           yes   yes   yes   yes   yes   yes   yes   yes
get  zone_list              yes   yes   yes   yes   yes   yes   yes   yes
get  zone_part              door  no    no    no    no    no    yes   yes
post zone_part              door  no    no    no    no    no    yes   yes
post zone_put_back          door  no    no    no    no    no    yes   yes
post zone_review            door  no    no    no    no    no    yes   yes
"""


@pytest.fixture
def world():
    """One agency's report that is being filled in this year, with one of everything that has an address."""
    cache.clear()  # what others asked of the API a moment ago is not held against this one
    today = timezone.localdate()
    cycle = make_cycle(
        year=today.year, opens_on=today - timedelta(days=30), agencies_due_on=today + timedelta(days=10),
        consolidation_due_on=today + timedelta(days=15), cutoff_on=today,
    )  # fmt: skip
    agency, other = make_agency(), make_agency("Sở Nội vụ")
    report = make_filled_report(agency, cycle, tasks=2)
    row = report.rows.first()
    lan = make_member(agency)
    people = {
        "stranger": None,
        "officer": lan,
        "head": make_head(agency),
        "other": make_member(other, "Phạm Văn Minh"),
        "consolidator": make_consolidator(),
        "leadership": make_user("Huỳnh Ngọc Ánh", User.Role.LEADERSHIP),
        "editor": make_user("Bùi Hải Yến", User.Role.EDITOR),
        "administrator": make_user("Đặng Quốc Việt", User.Role.ADMINISTRATOR),
    }
    now = timezone.now()
    Heartbeat.objects.create(name="schedule", at=now)
    consolidated = ConsolidatedReport.objects.create(cycle=cycle)
    paragraph = ReportParagraph.objects.create(report=consolidated, section="I", position=1, text="Đoạn một.")
    contribution = Contribution.objects.create(row=row, agency=other, due_on=today, asked_by=lan, asked_at=now)
    evidence = Evidence.objects.create(
        row=row, file=ContentFile(b"x", "x"), name="minh-chung.pdf", content_type="application/pdf", size=1, sha256="0" * 64,
        uploaded_by=lan, uploaded_at=now,
    )  # fmt: skip
    kept = KeptText.objects.create(report=report, row=row, field="results", text="Bản thứ hai.", by=lan, at=now)
    letter = OutgoingMail.objects.create(key="1", person=lan, to=lan.email, subject="Nhắc", text="Nhắc", message_id="<1@portal>")
    Reminder.objects.create(
        cycle=cycle, report=report, agency=agency, obligation=f"report:{report.pk}", due_on=today, rung=7, person=lan,
        reason="officer", mail=letter, created_at=now,
    )  # fmt: skip
    rendition = Rendition.objects.create(
        report=consolidated, format="pdf", sha256="0" * 64, asked_by=people["consolidator"], asked_at=now
    )
    task = make_task(agency)
    numbers = {
        "reports": report, "rows": row, "kept": kept, "evidence": evidence, "contributions": contribution, "cycles": cycle,
        "consolidated": consolidated, "paragraphs": paragraph, "renditions": rendition, "mails": letter,
    }  # fmt: skip
    make_zone("Khu công nghiệp Hòa Khánh", WORDS["code"])
    dossier = Dossier.objects.create(number=uuid4(), format="xlsx", content={"made_on": f"{today}", "entries": []})
    # What stands outside the languages, by the name of its address.
    project = make_project(make_firm(zone=Zone.objects.get(code=WORDS["code"])))
    sector = Sector.objects.create(key="co-khi", name="Cơ khí", name_en="Mechanical engineering")
    opened = {
        "api_firm_detail": project.firm.code, "api_project_detail": project.pk, "api_sector_detail": sector.key,
        "api_zone_detail": WORDS["code"], "api_missing": "khong-co", "sitemap_part": "firms",
    }  # fmt: skip
    opened |= left_by_visitors(project.firm, people["editor"], now)
    opened |= kept_by_editors(project, people["editor"], now)
    opened |= linked_by_officers(people["editor"], now)
    opened |= sought_and_offered()
    opened |= chained(people["editor"])
    opened |= agreed_and_taught() | invited(now)
    return {
        "people": people, "report": report, "task": task, "agency": agency, "numbers": numbers, "dossier": dossier,
        "open": opened,
    }  # fmt: skip


def left_by_visitors(firm, editor, now):
    """One of everything that people without an account leave behind, by the address that leads to it."""
    until = now + timedelta(days=9)
    link = ConfirmationLink.objects.create(
        firm=firm, email="songhan@firm.test", token_hash=hashed("lien-ket"), sent_by=editor, expires_at=until
    )
    enquiry = Enquiry.objects.create(
        firm=firm, name="Anna", email="anna@investor.test", message="Xin báo giá.", token_hash=hashed("cau-hoi"),
        state="forwarded", forwarded_at=now,
    )  # fmt: skip
    SavedSearch.objects.create(email="anna@investor.test", query="q=co+khi", token_hash=hashed("tim-kiem"))
    correction = Correction.objects.create(firm=firm, message="Sai địa chỉ.", fields={"address": ["", "Lô 9"]})
    return {
        **dict.fromkeys(UPLOAD_PAGES, make_upload(editor).pk),
        "firm_detail": firm.code, "correction_create": firm.code, "enquiry_create": firm.code, "confirmation_send": firm.code,
        "confirmation_withdraw": link.pk, "confirm_firm": "lien-ket", "confirm_edit": "lien-ket",
        "enquiry_answer": "cau-hoi", "enquiry_detail": enquiry.pk, "correction_decide": correction.pk,
        "search_confirm": "tim-kiem", "search_end": "tim-kiem",
    }  # fmt: skip


def kept_by_editors(project, editor, now):
    """One of everything that editors open, by its address."""
    firm, alike, merged = project.firm, make_firm("Công ty Một"), make_firm("Công ty Hai")
    pair = LikelyPair.objects.create(first=firm, second=alike, score=90)
    merge = merging.merge(alike, merged, {}, editor, now)
    return {
        "firm_edit": firm.code, "firm_review": firm.code, "firm_put_back": firm.code, "firm_part": (firm.code, "identity"),
        "firm_row": (firm.code, "projects", project.pk), "firm_row_new": (firm.code, "products"),
        "zone_edit": firm.zone.code, "zone_review": firm.zone.code, "zone_put_back": firm.zone.code,
        "zone_part": (firm.zone.code, "land"), "pair_decide": pair.pk, "merge_undo": merge.pk,
    }  # fmt: skip


def linked_by_officers(editor, now):
    """One link with all that belongs to it, by its address."""
    link = make_link(level=2)
    evidence = LinkEvidence.objects.create(link=link, title="Hợp đồng", file=ContentFile(b"x", "x.pdf"), file_name="x.pdf")
    LinkConfirmation.objects.create(
        link=link, side="source", email="songhan@firm.test", token_hash=hashed("xac-nhan"), sent_by=editor,
        expires_at=now + timedelta(days=9),
    )  # fmt: skip
    names = ["detail", "edit", "move", "review", "show", "ask", "evidence_add"]
    pieces = ["download", "remove", "restore"]
    return (
        {f"link_{name}": link.pk for name in names}
        | {f"link_evidence_{name}": evidence.pk for name in pieces}
        | {"link_confirm": "xac-nhan", "partner_edit": make_party(kind=Party.Kind.SCHOOL).pk}
    )


def sought_and_offered():
    """A need, who is interested in it, and a pair, by their addresses; the need's owner has a link of her own."""
    need = make_posting(contact_email="chu@need.test", owner=make_party())
    market.keep_link(need)
    interest = Interest.objects.create(posting=need, organisation="Xưởng", name="Anna", email="a@shop.test", message="Xin hỏi.")
    match = Match.objects.create(need=need, offer=make_posting(direction="offer"), verdict="fits")
    token, names = market.token_of(need), ["detail", "decide", "edit"]
    return {f"posting_{name}": need.code for name in names} | {
        "match_suggest": need.code, "posting_own": token, "posting_own_edit": token, "interest_detail": interest.pk,
        "match_detail": match.pk, "match_move": match.pk, "match_link": match.pk,
    }  # fmt: skip


def chained(editor):
    """One chain with a role that is open, a member, a link, an application and a rule to come, by their addresses."""
    chain = make_supplied_chain()
    role, member = chain.roles.last(), chain.members[0]
    ChainRole.objects.filter(pk=role.pk).update(is_open=True, opened_on=timezone.localdate(), needed=9)
    application = Application.objects.create(role=role, firm_name="Xưởng", name="Anna", email="a@shop.test", message="Mạ kẽm.")
    rule = FormationRule.objects.create(starts_on=timezone.localdate() + timedelta(days=30), set_by=editor)
    names = ["detail", "pdf", "edit", "move", "show", "put_back", "link_add", "link_create"]
    return {f"chain_{name}": chain.code for name in names} | {
        "chain_part": (chain.code, "facts"), "chain_link_remove": chain.chain_links.first().pk, "role_create": chain.code,
        "role_edit": role.pk, "role_open": role.pk, "role_remove": role.pk, "member_add": role.pk, "opportunity_detail": role.pk,
        "member_end": member.pk, "member_return": member.pk, "member_remove": member.pk, "rule_withdraw": rule.pk,
        "application_detail": application.pk,
    }  # fmt: skip


def agreed_and_taught():
    """One agreement with a party that owes something, people needed and taught, a target of a phase, by their addresses."""
    board, school = make_party(kind=Party.Kind.BOARD), make_party(kind=Party.Kind.SCHOOL)
    agreement = Agreement.objects.create(
        title="Khung hợp tác", kind=Agreement.Kind.FRAMEWORK, is_public=True, file=ContentFile(b"x", "x.pdf"), file_name="x.pdf"
    )
    agreement.parties.add(board)
    owed = Commitment.objects.create(agreement=agreement, text="Trao đổi số liệu", owner=board)
    need = SkillNeed.objects.create(party=make_party(), skill="Thợ hàn", level="worker", stated_on=timezone.localdate())
    taught = TrainingProgramme.objects.create(party=school, name="Hàn", skills="hàn", level="worker")
    target = Target.objects.create(
        key="khung", document="129/QĐ-UBND", phase_starts=2026, phase_ends=2030, name="Khung hợp tác", measure="frameworks"
    )
    names = ["agreement_detail", "agreement_file", "agreement_edit", "agreement_party_add", "commitment_create"]
    return dict.fromkeys(names, agreement.pk) | {
        "agreement_party_remove": (agreement.pk, board.pk), "commitment_edit": owed.pk, "skill_need_edit": need.pk,
        "programme_edit": taught.pk, "target_edit": target.key, "phase_report": target.phase_starts,
    }  # fmt: skip


def invited(now):
    """One session whose timetable is out, with somebody invited, a meeting, and what is owed after it, by their addresses."""
    morning = (now + timedelta(days=9)).replace(hour=2, minute=0, second=0, microsecond=0)
    session = make_session(morning, state=MatchingSession.State.SCHEDULED)
    first, second = make_participant(session, token_hash=hashed("loi-moi")), make_participant(session)
    meeting = Meeting.objects.create(session=session, first=first, second=second, slot=0, table=0)
    owed = FollowUp.objects.create(meeting=meeting, days=30, due_on=timezone.localdate(now) + timedelta(days=39))
    steps = ["detail", "edit", "move", "history", "attendance", "badges", "sheets", "timetable", "timetable_send"]
    found = {f"session_{name}": session.code for name in steps}
    found |= {f"meeting_{name}": meeting.pk for name in ("move", "result", "link", "match")}
    found |= {f"participant_{name}": second.pk for name in ("edit", "answer", "invite", "remove", "attend")}
    found |= dict.fromkeys(["participant_add", "participant_add_many"], session.code)
    return found | dict.fromkeys(["session_answer", "session_calendar"], "loi-moi") | {"follow_up_edit": owed.pk}


def address(pattern, world):
    route = str(pattern.pattern)
    if pattern.name in world["open"]:
        given = world["open"][pattern.name]
        return reverse(pattern.name, args=given if isinstance(given, tuple) else [given])
    if "<int:pk>" in route:
        return reverse(pattern.name, args=[world["numbers"][route.split("/")[0]].pk])
    if route.startswith("zones/") and "<str:code>" in route:
        return reverse(pattern.name, args=[WORDS["code"]])
    if "<str:code>" in route:
        return reverse(pattern.name, args=[world["task"].code])
    if "<slug:key>" in route:
        return reverse(pattern.name, args=[world["agency"].key])
    if "<uuid:number>" in route:
        return reverse(pattern.name, args=[world["dossier"].number])
    if "<uuid:code>" in route:
        return reverse(pattern.name, args=[world["numbers"]["consolidated"].verification])
    return reverse(pattern.name)


def patterns():
    found = [*plan_urls.urlpatterns, *registry_urls.urlpatterns, *linkage_urls.urlpatterns]
    for pattern in portal_urls.urlpatterns:
        parts = getattr(pattern, "url_patterns", [pattern])
        found += [part for part in parts if isinstance(part, URLPattern) and part.name not in {p.name for p in found}]
    return [pattern for pattern in found if pattern.name != "account_login"]


def answer(response):
    """yes (shown, done, or told what is wrong with the input), door (sign in first), no (not for this role), - (not so)."""
    status = response.status_code
    if status in (301, 302) and response.url.startswith(reverse("account_login")):
        return "door"
    return {403: "no", 404: "no", 405: "-"}.get(status, "yes" if status < 500 else str(status))


def ask(client, method, pattern, world, person):
    data = WORDS | ({"page": page_token(person, world["report"])} if person else {})
    with transaction.atomic():
        got = answer(getattr(client, method)(address(pattern, world), data))
        transaction.set_rollback(True)
    return got


def expected():
    lines = [line.split() for line in TABLE.strip().splitlines() if not line.startswith("#")]
    return {(method, name): list(words) for method, name, *words in lines}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_is_hers_and_nothing_else(role, world):
    client, person = Client(raise_request_exception=False), world["people"][role]
    if person:
        client.force_login(person)
    wanted = {key: answers[ROLES.index(role)] for key, answers in expected().items()}
    got = {(method, p.name): ask(client, method, p, world, person) for p in patterns() for method in ("get", "post")}
    # What the table leaves out is not answered at all: a GET of an action, a POST to a page.
    listed = {key: word for key, word in got.items() if key in wanted or word not in ("-", "door")}
    assert listed == wanted


def test_the_table_names_no_page_that_is_gone():
    assert {name for _method, name in expected()} == {pattern.name for pattern in patterns()}


def test_a_second_language_opens_no_other_door(world):
    for path in ["/en/board/", "/en/history/", "/en/my-work/"]:
        assert answer(Client().get(path)) == "door"
