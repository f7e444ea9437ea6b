"""All addresses. Vietnamese pages stand at the root, English ones under /en/; what has no language stands outside."""

from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from parkportal import views

# One door: Django's own sign-in would know neither the lock-out nor the second factor.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("search/", views.search, name="search"),
        path("history/", views.audit, name="audit"),
        path("profile/", views.profile, name="profile"),
        path("accounts/login/", views.Login.as_view(), name="account_login"),
        path("accounts/", include("allauth.urls")),
        path("admin/", admin.site.urls),
        path("", include("tasks.urls")),
        prefix_default_language=False,
    ),
]
handler403 = "parkportal.views.forbidden"
handler404 = "parkportal.views.not_found"
handler500 = "parkportal.views.server_error"
