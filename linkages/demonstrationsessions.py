"""Matching sessions for trying the portal out: invented firms, marked so wherever they are seen, and counted nowhere.

No real firm is said to come, to meet anybody or to sign anything."""

from datetime import datetime, time, timedelta
from itertools import chain, cycle

from django.db import transaction
from django.utils import timezone

from linkages import sessions, sessiontimetable
from linkages.loading import INVENTED
from linkages.models import MatchingSession, Participant, Party

FIELDS = ["cơ khí chính xác", "khuôn mẫu", "linh kiện nhựa", "điện tử", "tự động hóa", "xử lý bề mặt"]
NUMBER = 16
SESSIONS = [
    ("KN-MAU-01", "Phiên kết nối công nghiệp hỗ trợ (minh họa)", "Supporting industry matching session (demonstration)", -40),
    ("KN-MAU-02", "Phiên kết nối cơ khí – điện tử (minh họa)", "Machining and electronics matching session (demonstration)", 9),
]
RESULTS = ["again", "memorandum", "sample", "contract"]  # of the first meetings; then the others again and again
AND_THEN = ["again", "nothing", "sample", "missed", "again"]
VALUES = {"memorandum": 2, "contract": 6}


@transaction.atomic
def load_sessions(now):
    """One that was held with its results, one that lies ahead with its timetable; gives how many were made."""
    if MatchingSession.objects.filter(code__in=[it[0] for it in SESSIONS]).exists():
        return 0
    parties = [_party(number) for number in range(NUMBER)]
    for code, title, title_en, days in SESSIONS:
        day = timezone.localdate(now) + timedelta(days=days)
        session = _session(code, title, title_en, timezone.make_aware(datetime.combine(day, time(8))))
        people = [_participant(session, party, number, now) for number, party in enumerate(parties)]
        for number, one in enumerate(people):
            one.wishes.set([people[(number + far) % NUMBER] for far in (1, 3, 4)])
        sessiontimetable.make_timetable(session, None)
        if days < 0:
            _hold(session, people, now)
    return len(SESSIONS)


def _party(number):
    name = f"Doanh nghiệp mẫu {number + 1:02}, {FIELDS[number % len(FIELDS)]}"
    made = Party(name=name, name_en=f"Sample firm {number + 1:02}", country="VN", is_demonstration=True)
    return sessions.written(made, None, f"{INVENTED}{name}")


def _session(code, title, title_en, begins):
    made = MatchingSession(
        code=code, title=title, title_en=title_en, starts_at=begins, ends_at=begins + timedelta(hours=4), tables=8,
        most_meetings=5, venue="Hội trường mẫu", topic="Dữ liệu minh họa: doanh nghiệp, người dự và kết quả đều được đặt ra.",
        topic_en="Demonstration: firms, people and results are invented.", is_public=True, is_demonstration=True,
        state=MatchingSession.State.INVITING,
    )  # fmt: skip
    return sessions.written(made, None, f"{INVENTED}{code}")


def _participant(session, party, number, now):
    made = Participant(
        session=session, party=party, person=f"Người dự mẫu {number + 1:02}", needs_interpreter=number % 8 == 0,
        side=Participant.Side.values[number % 3], answered_at=now,
        state=Participant.State.DECLINED if number % 8 == 7 else Participant.State.CONFIRMED,
    )  # fmt: skip
    return sessions.written(made, None, f"{INVENTED}{session.code} {number + 1}")


def _hold(session, people, now):
    for number, one in enumerate(people):
        if one.state == Participant.State.CONFIRMED:
            sessions.attend(one, number % 8 != 5, None)
    for meeting, result in zip(session.meetings.all(), chain(RESULTS, cycle(AND_THEN)), strict=False):
        sessions.note_result(meeting, result, "", VALUES.get(result), None)
    sessions.hold(session, None, now)
