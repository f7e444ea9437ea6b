"""The report on a phase of the programme as PDF in the form of Decree 30/2020/NĐ-CP. Vietnamese, whoever prints it."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format

from firms.models import Authority
from linkages import formation
from parkportal.documents import official, pdf

PAGE_NUMBERS = """
@page { @top-center { content: counter(page); font: 14pt Tinos } }
@page:first { @top-center { content: "" } }
.doc-targets { font-size: 12pt; margin: 6pt 0 }
.doc-targets th, .doc-targets td { border: 0.5pt solid #000000; padding: 3pt; vertical-align: top }
.doc-targets thead { display: table-header-group }
.doc-targets tr { break-inside: avoid }
.doc-targets th { text-align: center }
.doc-targets .doc-number-cell { text-align: right; white-space: nowrap }
.doc-targets col:nth-child(1) { width: 11mm } .doc-targets col:nth-child(3) { width: 25mm }
.doc-targets col:nth-child(4) { width: 19mm } .doc-targets col:nth-child(5) { width: 19mm }
.doc-targets col:nth-child(6) { width: 28mm }
.doc-trend__name { width: 80mm }
.doc-blank { height: 20pt; border-bottom: 0.75pt dotted #000000 }
"""


def make(phase, day):
    """The PDF's bytes. Number, date and name of who signs are left for the pen."""
    return pdf.make(html(phase, day), official.CSS.read_text() + PAGE_NUMBERS)


def html(phase, day):
    with translation.override("vi"):
        chains = formation.gauge(day, formation.CHAINS.filter(is_demonstration=False)).standings
        context = {
            "phase": phase,
            "day": day,
            "authority": Authority.objects.filter(is_ours=True).first(),
            "nation": official.NATION,
            "motto": official.MOTTO,
            "rows": [(number, it, _missing(it)) for number, it in enumerate(phase.lines, start=1)],
            "chains": chains,
            "years": [point.day.year for point in phase.lines[0].trend],
            "is_blocked": any(it.target.blocker for it in phase.lines) or any(it.chain.blocker for it in chains),
        }
        return render_to_string("linkages/document/phase_report.html", context)


def _missing(line):
    if line.missing is None:
        return "không nêu mức"
    return "đạt" if line.is_met else f"còn thiếu {number_format(line.missing, 0)}"
