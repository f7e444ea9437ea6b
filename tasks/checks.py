"""Whether this machine can make the official PDF."""

from django.core.checks import Warning, register

from parkportal.documents import fonts


@register
def pdf_can_be_made(app_configs, **kwargs):
    if lacking := fonts.missing():
        return [Warning(f"PDF files cannot be made here: missing {', '.join(lacking)}.", hint=fonts.APT_LINE, id="tasks.W001")]
    return []
