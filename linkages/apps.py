from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from parkportal import indicators

SOURCE = "Ban Quản lý Khu công nghệ cao và các khu công nghiệp Đà Nẵng, tính theo tiêu chí hình thành chuỗi liên kết"


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
        import_module("linkages.annexes")  # registers what firms' pages say of their links
