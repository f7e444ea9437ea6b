"""How often the open data may be asked for from one address. The rates stand in settings.REST_FRAMEWORK."""

from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle


class BurstThrottle(AnonRateThrottle):
    scope = "burst"


class DayThrottle(AnonRateThrottle):
    scope = "day"


class DownloadThrottle(SimpleRateThrottle):
    """Whole files: fewer, and for people with an account as well."""

    scope = "download"

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
