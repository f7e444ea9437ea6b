"""What search engines are told: which pages everybody may read, each in both languages, and what is not worth their while."""

from django.contrib.sitemaps import Sitemap
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

NOT_WORTH_IT = ["admin:index", "search", "firm_download", "embed_firms"]


class BothLanguages(Sitemap):
    """Every address in Vietnamese and English, each naming the other; the Vietnamese one is for whoever reads neither."""

    i18n = alternates = x_default = True
    limit = 10_000


class PageSitemap(BothLanguages):
    """Pages that stand by themselves, by the names of their addresses."""

    names = ["home", "plan_public", "firm_list", "zone_list", "figures", "tax_code_doctor", "open_data"]

    def items(self):
        return self.names

    def location(self, name):
        return reverse(name)


class Pairs:
    """Rows of a query, each once for every language, read only as far as a page of the sitemap asks."""

    def __init__(self, rows, languages):
        self.rows, self.languages = rows, languages

    def __len__(self):
        return self.rows.count() * len(self.languages)

    def __getitem__(self, part):
        many = len(self.languages)
        start, stop = part.start // many, -(-part.stop // many)
        pairs = [(row, language) for row in self.rows[start:stop] for language in self.languages]
        return pairs[part.start - start * many : part.stop - start * many]


class RowSitemap(BothLanguages):
    """Pages of rows that may be very many."""

    def _items(self):
        return Pairs(self.items(), self._languages())


@require_safe
def robots(request):
    """Whatever asks for an account answers with its door; only what would be asked in endless variants is named here."""
    closed = [f"Disallow: {prefix}{reverse(name)}" for prefix in ("", "/en") for name in NOT_WORTH_IT]
    lines = ["User-agent: *", *closed, f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
