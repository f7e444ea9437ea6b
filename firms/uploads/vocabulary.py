"""The words by which cells name zones, sectors, countries, states: loaded once for a file, looked up without a query."""

import re
from functools import lru_cache

from babel import Locale
from django.utils import translation
from django.utils.translation import get_language
from rapidfuzz import process

from firms.countries import NO_COUNTRY
from firms.models import Currency, Firm, Project, Sector, Zone
from firms.problems import Refused
from parkportal.text import fold

# Long and short words for the kinds of zones, folded: "Khu công nghiệp Hòa Khánh" and "KCN Hòa Khánh" are one.
KINDS = [
    ("khu cong nghe cao", "kcnc"), ("khu cong nghiep", "kcn"), ("cum cong nghiep", "ccn"), ("khu kinh te mo", "kkt"),
    ("khu kinh te", "kkt"), ("khu cong nghe thong tin tap trung", "kcntt"), ("khu cntt tap trung", "kcntt"),
    ("khu cntt", "kcntt"), ("khu thuong mai tu do", "ktmtd"), ("thanh pho", ""), ("tp", ""),
]  # fmt: skip
KIND_PATTERNS = [(re.compile(rf"\b{long}\b"), short) for long, short in KINDS]
YES = {"co", "yes", "x", "1", "true", "dung", "y", "v", "✓"}
NO = {"khong", "no", "0", "false", "sai", "n"}
SAID = {
    "capital_type": {
        "domestic": "trong nước|ddi|100% trong nước|vốn trong nước|đầu tư trong nước|việt nam|domestic|local",
        "foreign": "fdi|nước ngoài|100% nước ngoài|vốn nước ngoài|đầu tư nước ngoài|vốn đầu tư nước ngoài|foreign",
        "joint": "liên doanh|joint venture|joint|jv|liên doanh với nước ngoài",
        "unknown": "chưa rõ|không rõ|not stated",
    },
    "high_tech": {
        "information": "công nghệ thông tin|cntt|it|information technology|công nghệ thông tin và truyền thông|ict",
        "biotechnology": "công nghệ sinh học|cnsh|biotechnology|sinh học",
        "materials": "công nghệ vật liệu mới|vật liệu mới|new materials",
        "automation": "công nghệ tự động hóa|tự động hóa|tự động hoá|automation|cơ khí chính xác - tự động hóa",
    },
    "status": {
        "interested": "quan tâm|ghi nhớ|biên bản ghi nhớ|mou|đề xuất|interested",
        "procedure": "đang làm thủ tục|làm thủ tục|chưa triển khai|chưa hoạt động|in procedure",
        "building": "đang xây dựng|xây dựng|đang triển khai xây dựng|đang xd|xdcb|under construction|đang xây dựng cơ bản",
        "operating": "đang hoạt động|hoạt động|đang sản xuất|đã hoạt động|đang sxkd|operating|active|in operation|đang vận hành",
        "suspended": "tạm ngừng|tạm ngưng|tạm dừng|tạm ngừng hoạt động|suspended",
        "closed": "ngừng hoạt động|đã ngừng|giải thể|đóng cửa|phá sản|closed|dissolved",
        "revoked": "thu hồi|đã thu hồi|bị thu hồi|revoked",
        "moved": "chuyển đi|đã chuyển đi|di dời|moved|moved away",
        "unknown": "chưa rõ|không rõ|not stated",
    },
    "stage": {
        "contact": "tiếp xúc|đề xuất|contact",
        "memorandum": "ghi nhớ|mou|biên bản ghi nhớ|memorandum",
        "approved": "chủ trương|chấp thuận chủ trương|đã chấp thuận chủ trương|approved",
        "certified": "đã cấp phép|đã cấp gcn|cấp gcn|đã cấp giấy chứng nhận|certified|licensed",
        "building": "đang xây dựng|xây dựng|đang triển khai|đang triển khai xây dựng|under construction",
        "operating": "đang hoạt động|hoạt động|đã hoạt động|đang sản xuất|operating|in operation",
        "ended": "chấm dứt|thu hồi|đã chấm dứt|đã thu hồi|ended|revoked",
        "unknown": "chưa rõ|không rõ|not stated",
    },
}
COUNTRIES = {
    "nhat": "JP", "my": "US", "hoa ky": "US", "han": "KR", "korea": "KR", "south korea": "KR", "dai loan": "TW", "anh": "GB",
    "uk": "GB", "usa": "US", "us": "US", "duc": "DE", "phap": "FR", "nga": "RU", "y": "IT", "uc": "AU", "ha lan": "NL",
    "hong kong": "HK", "hongkong": "HK", "macao": "MO", "trung quoc": "CN", "china": "CN", "taiwan": "TW", "an do": "IN",
    "viet nam": "VN", "vietnam": "VN", "vn": "VN", "thai lan": "TH", "singapore": "SG",
    "dai han dan quoc": "KR",
    "cong hoa han quoc": "KR", "samoa": "WS", "bvi": "VG", "quan dao virgin thuoc anh": "VG", "tay ban nha": "ES",
}  # fmt: skip
CURRENCIES = {"usd": "USD", "us$": "USD", "do la my": "USD", "do la": "USD", "$": "USD", "vnd": "VND", "dong": "VND",
    "viet nam dong": "VND", "d": "VND", "jpy": "JPY", "yen": "JPY", "yen nhat": "JPY"}  # fmt: skip
CHOICES = {"capital_type": Firm.Capital, "high_tech": Firm.HighTech, "status": Firm.Status, "stage": Project.Stage}


def zone_key(text):
    """A zone's name without what varies: diacritics, the long form of its kind, punctuation."""
    folded = fold(text)
    for pattern, short in KIND_PATTERNS:
        folded = pattern.sub(short, folded)
    return " ".join(re.sub(r"[^\w\s]", " ", folded).split())


@lru_cache(maxsize=1)
def countries():
    """{folded name in Vietnamese or English, or ISO code: ISO code}."""
    found = {}
    for language in ("en", "vi"):
        names = Locale.parse(language).territories
        found |= {
            fold(name): code for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
        }
    found |= {code.lower(): code for code in set(found.values())}
    return found | COUNTRIES


@lru_cache(maxsize=8)
def choices(key):
    """{folded word in either language: value} of a field with choices."""
    found = {fold(word): value for value, words in SAID[key].items() for word in words.split("|")}
    for language in ("vi", "en"):
        with translation.override(language):
            found |= {fold(str(label)): value for value, label in CHOICES[key].choices}
    return found | {value: value for value in CHOICES[key].values}


def choice_labels(key):
    return "; ".join(str(label) for _value, label in CHOICES[key].choices)


class Vocabulary:
    """Zones and sectors as they are now."""

    def __init__(self):
        is_english = get_language() == "en"
        self.zones, self.zone_ids, self.zone_names = {}, {}, {}
        for pk, code, name, name_en in Zone.objects.values_list("pk", "code", "name", "name_en"):
            self.zone_ids[code] = pk
            self.zone_names[code] = name_en if is_english and name_en else name
            self.zones[fold(code)] = {code}
            for key in {zone_key(name), zone_key(name_en)} - {""}:
                self.zones.setdefault(key, set()).add(code)
        self.zone_codes = {pk: code for code, pk in self.zone_ids.items()}
        self.sectors, self.sector_ids, self.sector_names = {}, {}, {}
        for pk, key, name, name_en in Sector.objects.order_by("parent_id").values_list("pk", "key", "name", "name_en"):
            self.sector_ids[key] = pk
            self.sector_names[key] = name_en if is_english and name_en else name
            for word in (key, fold(name), fold(name_en)):
                self.sectors.setdefault(word, key)
        self.sector_keys = {pk: key for key, pk in self.sector_ids.items()}

    def zone(self, text):
        """The code of the zone that a cell names; refused where none or several fit."""
        found = self.zones.get(fold(text)) or self.zones.get(zone_key(text)) or set()
        if not found:
            raise Refused("zone_unknown", hint=self._nearest(text))
        if len(found) > 1:
            raise Refused("zone_ambiguous", several=", ".join(sorted(found)))
        return next(iter(found))

    def _nearest(self, text):
        near = process.extractOne(zone_key(text), list(self.zones), score_cutoff=75)
        codes = sorted(self.zones[near[0]]) if near else []
        return f" {codes[0]} ({self.zone_names[codes[0]]})?" if codes else ""

    def sector(self, text):
        return self.sectors.get(fold(text), "")


def country(text):
    found = countries().get(fold(text))
    if not found:
        raise Refused("country_unknown")
    return found


def currency(text):
    found = CURRENCIES.get(fold(text))
    if found not in Currency.values:
        raise Refused("currency_unknown")
    return found
