"""All addresses. Vietnamese pages stand at the root, English ones under /en/; what has no language stands outside."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path
from django.views.decorators.http import require_safe

from firms.sitemaps import FirmSitemap, ZoneSitemap
from parkportal import crawlers, views
from parkportal.admin import site
from tasks.sitemaps import TaskSitemap

SITEMAPS = {"pages": crawlers.PageSitemap, "zones": ZoneSitemap, "firms": FirmSitemap, "plan": TaskSitemap}
MAPS = {"sitemaps": SITEMAPS}

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("api/v1/", include("firms.urls_api")),
    path("robots.txt", login_not_required(crawlers.robots), name="robots"),
    path(
        "sitemap.xml",
        login_not_required(require_safe(sitemaps.index)),
        MAPS | {"sitemap_url_name": "sitemap_part"},
        name="sitemap",
    ),
    path("sitemap-<str:section>.xml", login_not_required(require_safe(sitemaps.sitemap)), MAPS, name="sitemap_part"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("search/", views.search, name="search"),
        path("history/", views.audit, name="audit"),
        path("profile/", views.profile, name="profile"),
        path("accounts/login/", views.Login.as_view(), name="account_login"),
        # Reminders and the city's sign-on go by a person's address: it is the administrator's to change, not her own.
        path("accounts/email/", include([path("", views.not_found)])),
        path("accounts/", include("allauth.urls")),
        path("admin/", site.urls),
        path("", include("tasks.urls")),
        path("", include("firms.urls")),
        path("", include("linkages.urls")),
        prefix_default_language=False,
    ),
]
handler403 = "parkportal.views.forbidden"
handler404 = "parkportal.views.not_found"
handler500 = "parkportal.views.server_error"
