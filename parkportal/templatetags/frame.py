"""Tags of the frame: a status as shape and words, the two screen fonts, and what stands still."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from parkportal.fontfiles import FILES, STYLES

register = template.Library()

REPORT_STATES = {
    "empty": _("not begun"),
    "draft": _("draft"),
    "submitted": _("submitted"),
    "returned": _("sent back"),
    "accepted": _("accepted"),
    "missing": _("not reported"),
}


@register.simple_tag
def status(timeliness, words):
    """{% status task.timeliness task.status_label %}: the tone and shape of the timeliness, the official words beside it."""
    return format_html('<span class="status status--{}">{}</span>', str(timeliness).replace("_", "-"), words)


@register.simple_tag
def report_state(state, words=""):
    """{% report_state report.state %}: where an agency's report stands; "missing" once the cycle closed without it."""
    return format_html('<span class="state state--{}">{}</span>', str(state), words or REPORT_STATES.get(str(state), state))


@register.simple_tag
def screen_fonts():
    """Preloads of the two font files and the sheet that names them; nothing where they are not built (system fonts then)."""
    if not (settings.FONTS_DIR / STYLES).exists():
        return ""
    preloads = format_html_join(
        "\n  ",
        '<link rel="preload" as="font" type="font/woff2" href="{}" crossorigin>',
        ((static(f"fonts/{name}"),) for name in FILES),
    )
    return format_html('{}\n  <link rel="stylesheet" href="{}">', preloads, static(f"fonts/{STYLES}"))


@register.tag
def still(parser, token):
    """{% still %} … {% endstill %}: what is the same on every page, for everybody: written once in each language, then kept."""
    nodes = parser.parse(["endstill"])
    parser.delete_first_token()
    return StillNode(nodes)


class StillNode(template.Node):
    def __init__(self, nodelist):
        self.nodelist, self.written = nodelist, {}

    def render(self, context):
        language = get_language()
        if language not in self.written:
            self.written[language] = self.nodelist.render(context)
        return self.written[language]
