"""All settings, read from the environment; README.md lists every variable.

Two modes: `demonstration` (the default: SQLite, no Redis, mails into files, demonstration accounts) and `production`
(every secret and address must be given, nothing has a default that would be unsafe)."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _
from xstatic.pkg import leaflet_markercluster

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env.str("PORTAL_MODE", default="demonstration")
if MODE not in ("demonstration", "production"):
    raise ImproperlyConfigured(f"PORTAL_MODE is '{MODE}'; write demonstration or production.")
PRODUCTION = MODE == "production"
DEMONSTRATION = not PRODUCTION
DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG shows internals to strangers; leave it out in production.")

# Everything that the portal writes outside its database: uploads, renditions, mails and queue of the demonstration.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
# What set-up makes out of the installed packages: screen fonts and collected static files. An image has its own.
BUILT_DIR = Path(env.str("BUILT_DIR", default=str(VAR_DIR)))
BUILT_DIR.mkdir(parents=True, exist_ok=True)


def required(name):
    """The variable's value; in production an empty or missing one stops the start with its name."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment: production has no default for it.")
    return value


def demonstration_secret():
    """A secret made once for this folder, so that nobody else's demonstration can forge a session here."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = required("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", default="") or demonstration_secret()
if PRODUCTION and (len(SECRET_KEY) < 50 or "change" in SECRET_KEY.lower()):
    raise ImproperlyConfigured("SECRET_KEY is too short or still the example; put 50 or more random characters there.")
ALLOWED_HOSTS = required("ALLOWED_HOSTS").split(",") if PRODUCTION else ["*"]
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is *; name the hosts under which people reach the portal.")
# The address that mails and QR codes lead to.
SITE_URL = (required("SITE_URL") if PRODUCTION else env.str("SITE_URL", default="http://127.0.0.1:8000")).rstrip("/")
if PRODUCTION and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must begin with https://; passwords travel over it.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "parkportal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "parkportal.staticfiles.PortalStaticFiles",
    "django.contrib.admin",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "simple_history",
    "import_export",
    "js_lib_leaflet",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tasks",
    "firms",
    "linkages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "parkportal.middleware.OddAddressMiddleware",
    "parkportal.middleware.PrivatePagesMiddleware",
    "firms.shortlist.ShortlistMiddleware",
    "parkportal.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "parkportal.urls"
WSGI_APPLICATION = "parkportal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "parkportal.context_processors.frame",
            ],
        },
    }
]

# Database, cache, queue ---------------------------------------------------------------------------------------------
DATABASE_URL = (
    required("DATABASE_URL") if PRODUCTION else env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
)
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Web and worker write at the same time: WAL lets them read meanwhile, IMMEDIATE makes them queue instead of fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    host = unquote(DATABASES["default"]["HOST"])  # a socket's folder is written %2Fvar%2Frun%2Fpostgresql
    DATABASES["default"] |= {"HOST": host, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # Compiling a page's queries takes PostgreSQL seconds, running them a hundredth of that.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required("REDIS_URL") if PRODUCTION else env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
        }
    }
    QUEUE_DIR = VAR_DIR / "queue"
    QUEUE_DIR.mkdir(exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR),
        "data_folder_out": str(QUEUE_DIR),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The sweep is idempotent and catches up, so it runs often: a missed hour loses nobody.
    "send reminders": {"task": "tasks.jobs.send_reminders", "schedule": crontab(minute="10,40", hour="7-17")},
    "deliver mail": {"task": "parkportal.jobs.deliver_mail", "schedule": crontab()},
    "heartbeat": {"task": "parkportal.jobs.beat_heart", "schedule": crontab()},
    "resume renditions": {"task": "tasks.jobs.resume_renditions", "schedule": crontab()},
    "resume uploads": {"task": "firms.jobs.resume_uploads", "schedule": crontab()},
    "resume dossiers": {"task": "firms.jobs.resume_dossiers", "schedule": crontab()},
    # Each search is looked at once a day; the later hours catch up when the worker stood still in the morning.
    "look at saved searches": {"task": "firms.jobs.look_at_saved_searches", "schedule": crontab(minute="20", hour="6-20/2")},
    "find likely pairs": {"task": "firms.jobs.find_likely_pairs", "schedule": crontab(minute="5", hour="2")},
    "forget what is over": {"task": "firms.jobs.forget_what_is_over", "schedule": crontab(minute="35", hour="3")},
    "look after needs and offers": {"task": "linkages.jobs.look_after_postings", "schedule": crontab(minute="50", hour="6-18/4")},
    "forget applicants": {"task": "linkages.jobs.forget_applicants", "schedule": crontab(minute="40", hour="3")},
    "remind of agreements": {"task": "linkages.jobs.remind_of_agreements", "schedule": crontab(minute="25", hour="7-17/5")},
}

# People -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "parkportal.User"
AUTHENTICATION_BACKENDS = ["parkportal.accounts.PortalBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "parkportal.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "parkportal.accounts.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Five wrong passwords for one address within fifteen minutes lock it for the rest of them.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/15m/key"}
# Proxies in front of the web server: without their number everybody would share one address, and one lock.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Da Nang High-Tech Park Portal"
SECOND_FACTOR_REQUIRED = PRODUCTION
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False

# Single sign-on by OpenID Connect, off unless an issuer is named.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "city",
                    "name": env.str("OIDC_NAME", default="SSO"),
                    "client_id": required("OIDC_CLIENT_ID"),
                    "secret": required("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_SERVER_URL, "oauth_pkce_enabled": True},
                }
            ]
        }
    }

# Language and formats -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "parkportal" / "locale"]
FORMAT_MODULE_PATH = ["parkportal.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Files --------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BUILT_DIR / "static"
# Made at set-up by `manage.py build_fonts` out of the installed font package.
FONTS_DIR = BUILT_DIR / "fonts"
FONTS_DIR.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", FONTS_DIR), ("markercluster", leaflet_markercluster.BASE_DIR)]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "uploads"},
    },
    "staticfiles": {"BACKEND": "parkportal.staticfiles.PortalStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_MB", default=20) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # one page carries every row of an agency
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# Maps draw the portal's own outlines; an address of tiles (https://tiles.example.gov.vn/{z}/{x}/{y}.png) lays a map below.
MAP_TILES = env.str("MAP_TILES", default="")
MAP_ATTRIBUTION = env.str("MAP_ATTRIBUTION", default="")

# Mail ---------------------------------------------------------------------------------------------------------------
EMAIL_URL = required("EMAIL_URL") if PRODUCTION else env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mails"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = (
    required("DEFAULT_FROM_EMAIL") if PRODUCTION else env.str("DEFAULT_FROM_EMAIL", default="portal@demonstration.invalid")
)

# Open data ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # everybody reads the same, and nobody writes
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "firms.opendata.errors.JsonAlone",
    "DEFAULT_PAGINATION_CLASS": "firms.opendata.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["firms.opendata.limits.BurstThrottle", "firms.opendata.limits.DayThrottle"],
    # From one address; counted in the cache, so that all processes count together.
    "DEFAULT_THROTTLE_RATES": {"burst": "120/min", "day": "10000/day", "download": "60/hour"},
    "EXCEPTION_HANDLER": "firms.opendata.errors.in_words",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Open data of the Da Nang High-Tech Park Portal"),
    "DESCRIPTION": _("Firms, zones, projects and sectors. Reading is free and needs no key; every fact carries its source."),
    "VERSION": "1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0, "docExpansion": "list"},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "FirmStatus": "firms.models.Firm.Status",
        "CapitalType": "firms.models.Firm.Capital",
        "HighTechField": "firms.models.Firm.HighTech",
        "ReviewState": "firms.models.Review",
        "Confidence": "firms.models.Confidence",
        "Currency": "firms.models.Currency",
        "ZoneKind": "firms.models.Zone.Kind",
        "ZoneState": "firms.models.Zone.State",
        "ProjectStage": "firms.models.Project.Stage",
        "CertificateKind": "firms.models.Certificate.Kind",
        "CapabilityKind": "firms.models.Capability.Kind",
        "YearKind": "firms.models.FirmYear.Kind",
        "OtherNameKind": "firms.models.FirmName.Kind",
        "ActivityVersion": "firms.models.FirmActivity.Version",
    },
}

# Browser's protection -----------------------------------------------------------------------------------------------
_oidc_origin = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))] if OIDC_SERVER_URL else []
_tile_origin = ["{0.scheme}://{0.netloc}".format(urlsplit(MAP_TILES))] if MAP_TILES else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_tile_origin],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *_oidc_origin],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "parkportal.views.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION

LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is '{LOG_FORMAT}'; write line or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "parkportal.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING")},
}
