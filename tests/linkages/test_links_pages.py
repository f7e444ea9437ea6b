"""Links on the screen: a stranger reads, an officer enters, corrects, proves, and takes further."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from firms import registry
from linkages.models import Link, LinkEvidence, Party
from tests.builders import make_user
from tests.builders_firms import make_editor, make_firm, make_zone
from tests.builders_linkages import make_link, make_party

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def yen():
    return make_editor()


@pytest.fixture
def client(yen):
    client = Client()
    client.force_login(yen)
    return client


@pytest.fixture
def firms():
    park = make_zone()
    return make_firm("Công ty TNHH Niwa Foundry", park, name_en="Niwa Foundry"), make_firm("Tokyo Keiki", park)


def filled(**changes):
    form = {
        "source_party": "niwa",
        "target_party": "tokyo keiki",
        "kind": "supporting",
        "product": "sản phẩm đúc",
        "state": "possible",
    }
    return form | {"confidence": "unstated", "seen": "0"} | changes


class TestEntering:
    def test_firms_are_named_by_words_and_become_partners_by_themselves(self, client, firms):
        assert not Party.objects.exists()
        response = client.post(reverse("link_create"), filled())
        link = Link.objects.get()
        assert response.url == link.get_absolute_url()
        assert (link.source_party.firm, link.target_party.firm) == firms
        assert (link.state, link.is_public) == (Link.State.POSSIBLE, False)

    @pytest.mark.parametrize("named", ["code", "tax_code"])
    def test_a_number_names_a_firm_too(self, client, firms, named):
        niwa = firms[0]
        niwa.tax_code = "0100109106"
        niwa.save()
        client.post(reverse("link_create"), filled(source_party=getattr(niwa, named)))
        assert Link.objects.get().source_party.firm == niwa

    def test_where_several_are_called_so_all_are_offered_and_one_is_chosen(self, client, firms):
        other = make_firm("Niwa Logistics")
        page = client.post(reverse("link_create"), filled())
        assert page.status_code == 422 and not Link.objects.exists()
        assert firms[0].code in page.text and f'value="firm:{other.code}"' in page.text and "Chọn một dòng" in page.text
        chosen = {"source_party-chosen": f"firm:{other.code}", "source_party-said": "niwa"}
        client.post(reverse("link_create"), filled() | chosen)
        assert Link.objects.get().source_party.firm == other

    def test_other_words_let_go_of_what_was_chosen(self, client, firms):
        chosen = {"source_party-chosen": f"firm:{firms[1].code}", "source_party-said": "tokyo"}
        client.post(reverse("link_create"), filled() | chosen)
        assert Link.objects.get().source_party.firm == firms[0]

    def test_whoever_is_not_known_is_told_where_to_enter_it(self, client, firms):
        page = client.post(reverse("link_create"), filled(target_party="Sabeco"))
        assert page.status_code == 422 and reverse("partner_create") + "?name=Sabeco" in page.text
        assert 'value="Sabeco"' in page.text

    def test_a_firm_does_not_supply_itself(self, client, firms):
        page = client.post(reverse("link_create"), filled(target_party="niwa"))
        assert page.status_code == 422 and "hai đối tác khác nhau" in page.text

    def test_a_link_that_goes_on_has_no_last_day(self, client, firms):
        page = client.post(reverse("link_create"), filled(state="running", ends_on="2026-05-01"))
        assert page.status_code == 422 and "Chỉ liên kết đã ngừng" in page.text

    def test_an_introduction_comes_with_both_firms_in_their_boxes(self, client, firms):
        asked = f"?source={firms[0].code}&target={firms[1].code}&kind=input&product=khuôn"
        page = client.get(reverse("link_create") + asked).text
        assert firms[0].name in page and firms[1].name in page and 'value="khuôn"' in page
        assert not Party.objects.exists(), "looking writes nothing"

    def test_an_introduction_of_nobody_is_an_empty_form(self, client):
        assert client.get(reverse("link_create") + "?source=DN9999999&target=x&kind=?").status_code == 200


class TestCorrecting:
    def test_what_somebody_else_wrote_meanwhile_is_not_lost(self, client, firms, yen):
        link = make_link(make_party(firm=firms[0]), make_party(firm=firms[1]), product="đúc")
        seen = registry.version_of(link)
        link.product = "đúc gang"
        link._history_user = make_editor("Người khác")
        link.save()
        page = client.post(reverse("link_edit", args=[link.pk]), self.form(link, product="đúc nhôm", seen=seen))
        assert "Người khác" in page.text and "đúc gang" in page.text and "đúc nhôm" in page.text
        link.refresh_from_db()
        assert link.product == "đúc gang"
        client.post(reverse("link_edit", args=[link.pk]), self.form(link, product="đúc nhôm", seen=registry.version_of(link)))
        link.refresh_from_db()
        assert link.product == "đúc nhôm"

    def test_the_other_side_may_be_another_one(self, client, firms):
        link, body = (
            make_link(make_party(firm=firms[0]), make_party(firm=firms[1])),
            make_party(kind="school", name="Trường Nghề"),
        )
        page = client.get(reverse("link_edit", args=[link.pk])).text
        assert f'value="firm:{firms[0].code}" checked' in page
        client.post(reverse("link_edit", args=[link.pk]), self.form(link, target_party="truong nghe"))
        link.refresh_from_db()
        assert link.target_party == body

    def test_the_state_is_no_box_of_the_form(self, client, firms):
        link = make_link(make_party(firm=firms[0]), make_party(firm=firms[1]))
        client.post(reverse("link_edit", args=[link.pk]), self.form(link, state="ended"))
        link.refresh_from_db()
        assert link.state == Link.State.RUNNING

    @staticmethod
    def form(link, seen=None, **changes):
        form = {"kind": link.kind, "product": link.product, "confidence": link.confidence, "starts_on": "2025-01-01"}
        for side in ("source_party", "target_party"):
            party = getattr(link, side)
            form |= {side: party.title, f"{side}-chosen": f"firm:{party.firm.code}", f"{side}-said": party.title}
        return form | {"seen": registry.version_of(link) if seen is None else seen} | changes


class TestSteps:
    def test_an_officer_takes_a_link_up(self, client):
        link = make_link(state=Link.State.POSSIBLE, starts_on=None)
        page = client.post(reverse("link_move", args=[link.pk]), {"to": "running", "on": f"{TODAY}", "reason": ""}, follow=True)
        link.refresh_from_db()
        assert (link.state, link.starts_on) == (Link.State.RUNNING, TODAY) and "ghi nhận đang thực hiện" in page.text

    @pytest.mark.parametrize("given", [{"to": "possible", "on": "2026-01-01"}, {"to": "x", "on": "2026-01-01"}, {"to": "ended"}])
    def test_a_step_that_there_is_not_is_told_beside_what_was_typed(self, client, given):
        link = make_link()
        page = client.post(reverse("link_move", args=[link.pk]), given | {"reason": "Hợp đồng hết hạn"})
        link.refresh_from_db()
        assert link.state == Link.State.RUNNING and page.status_code == 422
        assert "error-summary" in page.text and 'value="Hợp đồng hết hạn"' in page.text

    def test_review_and_visibility_are_one_press_each(self, client):
        link = make_link(is_public=False)
        client.post(reverse("link_review", args=[link.pk]))
        client.post(reverse("link_show", args=[link.pk]), {"public": "yes"})
        link.refresh_from_db()
        assert (link.reviewed_on, link.is_public) == (TODAY, True)
        assert "đã rà soát" in client.get(link.get_absolute_url()).text
        again = client.post(reverse("link_review", args=[link.pk]), follow=True)
        assert "notice--info" in again.text


class TestEvidence:
    def form(self, **changes):
        return {"level": "3", "title": "Hợp đồng khung", "source": "", "dated_on": "2026-02-01"} | changes

    def test_a_file_is_attached_and_only_officers_get_it(self, client, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        link = make_link()
        upload = SimpleUploadedFile("hop-dong.pdf", b"%PDF-1.4 x")
        assert client.post(reverse("link_evidence_add", args=[link.pk]), self.form(upload=upload)).status_code == 302
        piece = LinkEvidence.objects.get()
        answer = client.get(reverse("link_evidence_download", args=[piece.pk]))
        assert b"".join(answer.streaming_content) == b"%PDF-1.4 x" and answer["Content-Security-Policy"].startswith(
            "default-src 'none'"
        )
        page = Client().get(link.get_absolute_url()).text
        assert "hợp đồng" in page and "Hợp đồng khung" not in page and "hop-dong.pdf" not in page
        assert Client().get(reverse("link_evidence_download", args=[piece.pk])).status_code == 302

    def test_a_file_that_is_something_else_than_it_says_is_refused(self, client):
        upload = SimpleUploadedFile("hop-dong.pdf", b"MZ\x90\x00 program")
        page = client.post(reverse("link_evidence_add", args=[make_link().pk]), self.form(upload=upload))
        assert page.status_code == 422 and "hop-dong.pdf" in page.text and not LinkEvidence.objects.exists()

    def test_a_claim_needs_a_file_or_a_place(self, client):
        page = client.post(reverse("link_evidence_add", args=[make_link().pk]), self.form())
        assert page.status_code == 422 and "Đính kèm tệp" in page.text

    def test_it_does_not_run_out_before_its_date(self, client):
        given = self.form(source="Số 12/HĐ", valid_until="2026-01-01")
        assert "hai ngày" in client.post(reverse("link_evidence_add", args=[make_link().pk]), given).text

    def test_what_stands_in_public_is_named_to_everybody(self, client):
        link = make_link()
        given = self.form(level="0", title="Báo Đà Nẵng", source="https://baodanang.vn/x")
        client.post(reverse("link_evidence_add", args=[link.pk]), given)
        page = Client().get(link.get_absolute_url()).text
        assert "Báo Đà Nẵng" in page and 'href="https://baodanang.vn/x"' in page

    def test_it_is_taken_out_and_brought_back(self, client):
        piece = make_link(level=2).evidence.get()
        page = client.post(reverse("link_evidence_remove", args=[piece.pk]), follow=True).text
        assert "không tính nữa" in page and reverse("link_evidence_restore", args=[piece.pk]) in page
        client.post(reverse("link_evidence_restore", args=[piece.pk]))
        piece.refresh_from_db()
        assert piece.removed_at is None


class TestReading:
    def test_a_stranger_reads_what_is_public_and_nothing_internal(self):
        link = make_link(level=3, value_band="10-100", note="ghi chú kín")
        link.source = "biên bản họp"
        link.save()
        page = Client().get(link.get_absolute_url()).text
        assert link.source_party.title in page and "sản phẩm đúc" in page
        assert "10 đến" not in page and "ghi chú kín" not in page and "biên bản họp" not in page

    def test_a_stranger_gets_no_hint_of_an_internal_link(self):
        assert Client().get(make_link(is_public=False).get_absolute_url()).status_code == 404

    def test_staff_who_keep_nothing_see_what_a_stranger_sees(self):
        staff = Client()
        staff.force_login(make_user("Lan"))
        assert staff.get(make_link(is_public=False).get_absolute_url()).status_code == 404
        assert "Sửa liên kết" not in staff.get(make_link().get_absolute_url()).text

    def test_an_english_reader_gets_the_english_words(self):
        link = make_link(product_en="castings")
        assert "castings" in Client().get(f"/en{link.get_absolute_url()}").text

    def test_a_firms_page_names_its_public_links(self, client):
        link, hidden = make_link(), make_link(is_public=False)
        firm = link.source_party.firm
        page = Client().get(firm.get_absolute_url()).text
        assert link.get_absolute_url() in page and link.target_party.title in page
        assert hidden.get_absolute_url() not in Client().get(hidden.source_party.firm.get_absolute_url()).text
        assert hidden.get_absolute_url() in client.get(hidden.source_party.firm.get_absolute_url()).text

    def test_the_page_asks_as_much_for_ten_pieces_as_for_one(self, client):
        one, ten = make_link(level=1), make_link(level=1)
        for _number in range(9):
            LinkEvidence.objects.create(link=ten, level=1, title="Ảnh", dated_on=date(2026, 1, 1))
        counts = []
        for link in (one, ten):
            client.get(link.get_absolute_url())
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(link.get_absolute_url())
            counts.append(len(asked))
        assert counts[0] == counts[1]
