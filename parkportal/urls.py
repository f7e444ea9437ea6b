"""All addresses. Vietnamese pages stand at the root, English ones under /en/; what has no language stands outside."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from parkportal import views
from parkportal.admin import site

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
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
        prefix_default_language=False,
    ),
]
handler403 = "parkportal.views.forbidden"
handler404 = "parkportal.views.not_found"
handler500 = "parkportal.views.server_error"
