from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from parkportal import indicators

SOURCE = "Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng, tính theo tiêu chí hình thành chuỗi liên kết"
SESSIONS = "Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng, đếm từ kết quả các phiên kết nối"
# What the plan and the programme name no number for: function of linkages.outcomes, words, unit.
OF_SESSIONS = [
    ("sessions_this_year", "Phiên kết nối doanh nghiệp tổ chức trong năm", "phiên"),
    ("meetings_this_year", "Cuộc gặp trực tiếp giữa hai doanh nghiệp tại các phiên kết nối trong năm", "cuộc gặp"),
    ("memoranda", "Biên bản ghi nhớ từ các phiên kết nối, lũy kế", "biên bản ghi nhớ"),
    ("contracts", "Hợp đồng từ các phiên kết nối, lũy kế", "hợp đồng"),
    ("value", "Giá trị các bên nêu sau các phiên kết nối, lũy kế", "tỷ đồng"),
]
# The programme's targets beside the one for chains; Decision 129/QĐ-UBND names no number for them. Key of linkages.targets.
OF_TARGETS = [
    ("input_output_links", "Liên kết đầu vào, đầu ra giữa doanh nghiệp Khu công nghệ cao và doanh nghiệp các khu", "liên kết"),
    ("training_links", "Liên kết đào tạo phát triển nguồn nhân lực", "liên kết"),
    ("frameworks", "Khung hợp tác còn hiệu lực với ban quản lý các khu", "khung hợp tác"),
    ("firms_in_registry", "Doanh nghiệp của Khu công nghệ cao và các khu trong cơ sở dữ liệu", "doanh nghiệp"),
    ("memoranda_and_contracts", "Kết nối cung – cầu đi đến biên bản ghi nhớ hoặc hợp đồng, lũy kế", "cặp kết nối"),
]
TARGETS = "Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng, tính từ dữ liệu của Cổng thông tin"


class LinkagesConfig(AppConfig):
    name = "linkages"
    verbose_name = _("Linkage chains")

    def ready(self):
        # Models can be imported from now on and not before; the yearly report of tasks asks for the figure by its key.
        indicators.register(
            key="linkage_chains_2030",
            label="Hình thành chuỗi liên kết (công nghiệp hỗ trợ, ươm tạo, logistics) đến năm 2030",
            target=3,
            function=import_string("linkages.formation.indicator"),
            unit="chuỗi liên kết",
            source=SOURCE,
        )
        for name, label, unit in OF_SESSIONS:
            function = import_string(f"linkages.outcomes.{name}")
            indicators.register(f"matching_{name}", label, None, function, unit, SESSIONS)
        for name, label, unit in OF_TARGETS:
            function = import_string("linkages.targets.MEASURES")[name].on
            indicators.register(f"programme_{name}", label, None, function, unit, TARGETS)
        import_module("linkages.annexes")  # registers what firms' pages say of their links
