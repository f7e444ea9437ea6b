"""The columns that a spreadsheet of firms may have: what they are called, how they are read, and where they go.

An import row is a firm with, optionally, one project. A heading is recognised without diacritics and case, first as people
took it last time, then by the lists below."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from firms.models import Certificate, Firm, Project, RememberedColumn
from parkportal.text import fold

FIRM, PROJECT, CERTIFICATE, PRODUCTS = "firm", "project", "certificate", "products"
MODELS = {FIRM: Firm, PROJECT: Project, CERTIFICATE: Certificate}


@dataclass(frozen=True)
class Column:
    """`key` is what a mapping says, `reader` a function of firms.uploads.cells; headings are folded already."""

    key: str
    part: str
    attribute: str
    reader: str
    headings: tuple
    example: str
    help: str = ""
    is_hidden: bool = False
    named: str = ""  # its label, where the model's own word would not tell which object is meant

    @property
    def label(self):
        if self.named:
            return str(self.named)
        return str(MODELS[self.part]._meta.get_field(self.attribute).verbose_name)

    @property
    def limit(self):
        """Letters that the model has room for; None where it has room for all."""
        return MODELS[self.part]._meta.get_field(self.attribute).max_length if self.part in MODELS else None


def _column(key, part, attribute, reader, headings, example, **more):
    return Column(key, part, attribute, reader, tuple(fold(one) for one in headings.split("|")), example, **more)


_ALL = [
    _column("code", FIRM, "code", "firm_code", "mã hồ sơ|mã trong sổ|registry number", "", is_hidden=True),
    _column("project_id", PROJECT, "id", "identity", "project id", "", is_hidden=True, named=_("Number of the project")),
    _column("fingerprint", FIRM, "", "fingerprint", "dấu vân hàng|fingerprint", "", is_hidden=True, named=_("Fingerprint")),
    _column("tax_code", FIRM, "tax_code", "tax_code",
        "mã số thuế|mst|mã số doanh nghiệp|msdn|mã số dn|mst/msdn|số đkkd|tax code|tax number|tax id", "0400101404",
        help=_("10 digits, or 13 with a branch; formatted as text.")),
    _column("name", FIRM, "name", "name",
        "tên doanh nghiệp|tên công ty|tên dn|doanh nghiệp|công ty|tên đơn vị|nhà đầu tư|tên nhà đầu tư|tên tổ chức|company|"
        "company name|firm|firm name|name|enterprise|tên doanh nghiệp (tiếng việt)|chủ đầu tư",
        "Công ty TNHH Cơ khí chính xác Sông Hàn", named=_("Firm's name")),
    _column("name_en", FIRM, "name_en", "text",
        "tên tiếng anh|tên doanh nghiệp (tiếng anh)|tên công ty bằng tiếng anh|english name|name in english|name (english)",
        "Song Han Precision Co., Ltd", named=_("Firm's name in English")),
    _column("short_name", FIRM, "short_name", "text", "tên viết tắt|viết tắt|abbreviation|short name", "SHP"),
    _column("native_name", FIRM, "native_name", "text", "tên bản ngữ|tên gốc|native name", ""),
    _column("capital_type", FIRM, "capital_type", "choice",
        "khu vực vốn|loại vốn|nguồn vốn|hình thức đầu tư|loại hình đầu tư|capital|capital type|ownership|vốn", "FDI"),
    _column("country", FIRM, "country", "country",
        "quốc gia|nước|quốc gia đầu tư|quốc tịch|nước đầu tư|quốc gia/vùng lãnh thổ|quốc gia, vùng lãnh thổ|"
        "nước của nhà đầu tư|country|nationality|investor country|investor's country", "Nhật Bản"),
    _column("other_countries", FIRM, "other_countries", "countries", "các nước khác|quốc gia khác|other countries", "Hàn Quốc",
        help=_("Several are parted by semicolons.")),
    _column("parent_company", FIRM, "parent_company", "text", "công ty mẹ|tập đoàn|parent company|parent", ""),
    _column("zone", FIRM, "zone", "zone",
        "khu|tên khu|khu công nghiệp|kcn|khu/cụm|thuộc khu|khu công nghiệp/khu công nghệ cao|địa điểm khu|zone|park|"
        "industrial zone|mã khu|zone code", "KCNC-DN", help=_("The zone's code or its name.")),
    _column("sector", FIRM, "sector", "sector",
        "ngành|ngành nghề|ngành, nghề|lĩnh vực|ngành nghề kinh doanh|lĩnh vực hoạt động|ngành nghề kinh doanh chính|"
        "ngành nghề sản xuất|sector|industry|line of business", "Cơ khí chính xác"),
    _column("sector_words", FIRM, "sector_words", "text", "ngành theo nguồn|sector, as the source says", ""),
    _column("high_tech", FIRM, "high_tech", "choice", "lĩnh vực công nghệ cao|công nghệ cao|high-tech field|high tech", ""),
    _column("is_supporting", FIRM, "is_supporting", "yes_no",
        "công nghiệp hỗ trợ|cnht|tham gia cnht|supporting industry", "Có"),
    _column("status", FIRM, "status", "status",
        "tình trạng|trạng thái|tình trạng hoạt động|hiện trạng|status|state", "đang hoạt động", named=_("Firm's status")),
    _column("status_words", FIRM, "status_words", "text", "tình trạng theo nguồn|status, as the source says", ""),
    _column("founded_year", FIRM, "founded_year", "year",
        "vào khu từ năm|năm vào khu|năm thành lập|in the zone since|founded", "2019"),
    _column("address", FIRM, "address", "text", "địa chỉ|trụ sở|địa chỉ trụ sở|address", "Lô A17, đường Trung tâm"),
    _column("website", FIRM, "website", "website", "website|trang web|trang điện tử|web", "https://vi-du.vn"),
    _column("products", PRODUCTS, "products", "products",
        "sản phẩm|sản phẩm chính|sản phẩm, dịch vụ|mặt hàng|sản phẩm/dịch vụ|products|main products", "van thủy lực; vỏ bơm",
        help=_("Several are parted by semicolons. Those that are new are added, none is taken away."), named=_("Products")),
    _column("intro", FIRM, "intro", "long_text", "giới thiệu|mô tả|giới thiệu doanh nghiệp|about|description", ""),
    _column("intro_en", FIRM, "intro_en", "long_text", "giới thiệu tiếng anh|about in english|description in english", ""),
    _column("source", FIRM, "source", "long_text", "nguồn|nguồn dữ liệu|nguồn số liệu|source", "",
        help=_("Document or address that the row comes from.")),
    _column("as_of", FIRM, "as_of", "date", "số liệu tính đến|tính đến ngày|ngày số liệu|as of|cập nhật ngày", "31/12/2025"),
    _column("note", FIRM, "note", "long_text", "ghi chú|ghi chú nội bộ|note|notes|remarks", "", named=_("Internal note")),
    _column("project_code", PROJECT, "code", "project_code",
        "mã số dự án|mã dự án|project code|project number", "4312345678"),
    _column("project_name", PROJECT, "name", "text",
        "tên dự án|dự án|dự án đầu tư|tên dự án đầu tư|project|project name", "Nhà máy linh kiện", named=_("Project's name")),
    _column("project_name_en", PROJECT, "name_en", "text", "tên dự án tiếng anh|project name in english", "",
        named=_("Project's name in English")),
    _column("stage", PROJECT, "stage", "stage", "giai đoạn|giai đoạn dự án|tình trạng dự án|project stage|stage",
        "đang hoạt động", named=_("Project's stage")),
    _column("stage_words", PROJECT, "stage_words", "text", "giai đoạn theo nguồn|stage, as the source says", ""),
    _column("capital", PROJECT, "capital", "money",
        "vốn đăng ký|vốn đầu tư|tổng vốn đầu tư|tổng vốn|vốn đầu tư đăng ký|tổng vốn đăng ký|tvđt|số vốn|"
        "registered capital|investment capital|total investment|capital (usd)", "20 triệu USD"),
    _column("currency", PROJECT, "currency", "currency", "đơn vị tiền|đơn vị tiền tệ|loại tiền|tiền tệ|currency", "USD"),
    _column("disbursed", PROJECT, "disbursed", "money",
        "vốn thực hiện|vốn giải ngân|vốn đã giải ngân|vốn đầu tư thực hiện|disbursed|disbursed capital|implemented capital", ""),
    _column("land_ha", PROJECT, "land_ha", "hectares",
        "diện tích|diện tích đất|diện tích đất (ha)|diện tích (ha)|diện tích thuê|land|land (ha)|area (ha)|land area", "3,25"),
    _column("jobs_planned", PROJECT, "jobs_planned", "whole",
        "lao động|lao động dự kiến|số lao động|số lao động dự kiến|jobs|planned jobs|employees", "150"),
    _column("registered_on", PROJECT, "registered_on", "date",
        "ngày cấp phép|ngày đăng ký|ngày cấp|ngày cấp gcn|ngày cấp gcnđkđt|registered on|date of registration", "15/03/2019"),
    _column("registered_year", PROJECT, "registered_year", "year",
        "năm cấp phép|năm cấp|năm đăng ký|năm cấp gcn|năm cấp gcnđkđt|năm|registered in|year", "2019"),
    _column("goal", PROJECT, "goal", "long_text", "mục tiêu|mục tiêu dự án|mục tiêu đầu tư|goal|objective", ""),
    _column("certificate_number", CERTIFICATE, "number", "text",
        "số gcnđkđt|số giấy chứng nhận|giấy chứng nhận đăng ký đầu tư|gcnđkđt|số gcn|giấy phép|số giấy phép|certificate|"
        "certificate number|investment certificate", "43/GCN-BQL", named=_("Certificate's number")),
    _column("certificate_on", CERTIFICATE, "issued_on", "date",
        "ngày giấy chứng nhận|ngày gcnđkđt|certificate date|certificate issued on", "15/03/2019",
        named=_("Certificate issued on")),
    _column("certificate_year", CERTIFICATE, "issued_year", "year", "năm giấy chứng nhận|năm gcnđkđt|certificate year", "",
        named=_("Certificate issued in")),
]  # fmt: skip
COLUMNS = {column.key: column for column in _ALL}
HEADINGS = {heading: column.key for column in _ALL for heading in column.headings}
# Columns that are only for the reader's eye.
IGNORED = {"stt", "tt", "so tt", "so thu tu", "no", "no.", "#", "order"}
MONEY = ["capital", "disbursed"]
# key: (currency, how many of it one is, folded words by which a heading or a cell says it)
UNITS = {
    "mUSD": ("USD", 10**6, ("trieu usd", "tr usd", "tr.usd", "trd usd", "million usd", "mio usd", "usd million", "musd",
        "trieu do la my", "trieu do la", "trieu do", "usd (trieu)", "million us dollars")),
    "kUSD": ("USD", 10**3, ("nghin usd", "ngan usd", "1000 usd", "1.000 usd", "thousand usd")),
    "bUSD": ("USD", 10**9, ("ty usd", "billion usd", "ti usd")),
    "bVND": ("VND", 10**9, ("ty dong", "ti dong", "ty vnd", "ti vnd", "ty vnđ", "billion vnd", "billion dong", "ty d")),
    "mVND": ("VND", 10**6, ("trieu dong", "trieu vnd", "tr dong", "tr.dong", "million vnd", "trd", "tr vnd")),
    "kVND": ("VND", 10**3, ("nghin dong", "ngan dong", "1000 dong", "thousand vnd")),
    "mJPY": ("JPY", 10**6, ("trieu yen", "trieu jpy", "million jpy", "million yen")),
    "USD": ("USD", 1, ("usd", "us$", "do la my", "do la", "us dollars", "$")),
    "VND": ("VND", 1, ("vnd", "dong", "vn dong")),
    "JPY": ("JPY", 1, ("jpy", "yen")),
}  # fmt: skip
UNIT_LABELS = {
    "mUSD": _("million USD"), "kUSD": _("thousand USD"), "bUSD": _("billion USD"), "USD": "USD", "bVND": _("billion VND"),
    "mVND": _("million VND"), "kVND": _("thousand VND"), "VND": "VND", "mJPY": _("million JPY"), "JPY": "JPY",
}  # fmt: skip
UNIT_WORDS = sorted(((word, key) for key, (_c, _f, words) in UNITS.items() for word in words), key=lambda pair: -len(pair[0]))
UNIT_PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word, _key in UNIT_WORDS))
UNIT_OF = dict(UNIT_WORDS)


def unit_in(text):
    """The unit that a folded text names: "von dang ky (trieu usd)" -> mUSD; nothing where it names none."""
    found = UNIT_PATTERN.search(text)
    return UNIT_OF[found[0]] if found else ""


@lru_cache(maxsize=4096)
def guess(heading):
    """(field, unit) of a heading by the built-in lists; ("", "") where nothing fits."""
    folded = fold(heading)
    if not folded or folded in IGNORED:
        return "", ""
    bare = " ".join(re.sub(r"[*:]", " ", folded).split())
    unit = unit_in(bare)
    for text in (bare, " ".join(re.sub(r"\(.*?\)|\[.*?\]", " ", bare).split()), _without_unit(bare)):
        if key := _labels().get(text) or HEADINGS.get(text):
            return key, unit if key in MONEY else ""
    return "", ""


def _without_unit(text):
    return " ".join(UNIT_PATTERN.sub(" ", text.replace("(", " ").replace(")", " ").replace(",", " ")).split())


@lru_cache(maxsize=1)
def _labels():
    """{folded label in either language: key}: what an export writes above its columns."""
    found = {}
    for language in ("vi", "en"):
        with translation.override(language):
            found |= {fold(column.label): column.key for column in _ALL}
    return found


def propose(headings):
    """{place: field or "field:unit"} for the headings of a file: as they were taken last time, else by the lists."""
    folded = [fold(heading)[:200] for heading in headings]
    remembered = dict(RememberedColumn.objects.filter(heading__in=folded).values_list("heading", "field"))
    mapping, taken = {}, set()
    for place, heading in enumerate(headings):
        if folded[place] in remembered:
            key, _colon, unit = remembered[folded[place]].partition(":")
        else:
            key, unit = guess(heading)
        if key in COLUMNS and key not in taken:
            taken.add(key)
            mapping[str(place)] = f"{key}:{unit}" if unit else key
    return mapping


def split(meaning):
    """ "capital:mUSD" -> ("capital", "mUSD")."""
    key, _colon, unit = meaning.partition(":")
    return key, unit
