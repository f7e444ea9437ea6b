"""The report as a Word document for the clerks: same content and form as the PDF, without its charts (Word shows the tables)."""

from io import BytesIO

import segno
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from parkportal.documents import official
from tasks.documents import wording

FONT = "Times New Roman"
A4 = (210, 297)
MARGINS = {"top_margin": 20, "bottom_margin": 20, "left_margin": 30, "right_margin": 15, "header_distance": 10}
TEXT_WIDTH = 165
LEFT_COLUMN, RIGHT_COLUMN = 66, 99
MOTTO_WIDTH = 56.1  # millimetres that the motto takes at 13 pt bold: its line is as long as the words
CAPITAL = 0.635  # average width of a bold capital, in ems
LETTER = 0.472  # average width of a bold letter, in ems
WORD_ART = [
    "sum #0 0 10800",
    "prod #0 2 1",
    "sum 21600 0 @1",
    "sum 0 0 @2",
    "sum 21600 0 @3",
    "if @0 @3 0",
    "if @0 21600 @1",
    "if @0 0 @2",
    "if @0 @4 21600",
    "mid @5 @6",
    "mid @8 @5",
    "mid @7 @8",
    "mid @6 @7",
    "sum @6 0 @5",
]
SHORT = 0.42  # of the words above: the decree asks for a third to a half


def make(report):
    document = Document()
    _style(document, report)
    _page(document.sections[0], A4)
    _page_number(document.sections[0], wording.stamps(report))
    _head(document, report)
    _text(document, report)
    _signature(document, report)
    _verification(document, report)
    _appendix_1(document, report)
    _appendix_2(document, report)
    result = BytesIO()
    document.save(result)
    return result.getvalue()


# Page, styles, header -------------------------------------------------------------------------------------------------
def _style(document, report):
    properties = document.core_properties
    properties.title, properties.author, properties.language = wording.title(report), report.issuing_body, "vi-VN"
    properties.comments = ""
    normal = document.styles["Normal"]
    _font(normal.font, 14)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    for name in ("Heading 1", "Heading 2", "Title"):
        style = document.styles[name]
        _font(style.font, 14, bold=True)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(6)
        style.paragraph_format.keep_with_next = True
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)


def _font(font, size, bold=None):
    font.name, font.size, font.bold, font.color.rgb = FONT, Pt(size), bold, RGBColor(0, 0, 0)
    fonts = font.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _page(section, size, landscape=False):
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(side) for side in (reversed(size) if landscape else size))
    for name, value in MARGINS.items():
        setattr(section, name, Mm(value))


def _page_number(section, words):
    """The number stands in the middle of the top margin, not on the first page; a draft's words lie across every page."""
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run()
    _font(run.font, 14)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if text:
            element = OxmlElement("w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)
    if words:
        for header in (section.header, section.first_page_header):
            header.paragraphs[0].add_run()._r.append(_across(" – ".join(words)))


def _across(words):
    """The shape that Word itself draws for a watermark (WordArt's plain text, number 136)."""
    formulas = "".join(f"<v:f eqn='{equation}'/>" for equation in WORD_ART)
    return parse_xml(
        f"<w:pict {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office'>"
        "<v:shapetype id='_x0000_t136' coordsize='21600,21600' o:spt='136' adj='10800' path='m@7,l@8,m@5,21600l@6,21600e'>"
        f"<v:formulas>{formulas}</v:formulas><v:path textpathok='t' o:connecttype='custom'"
        " o:connectlocs='@9,0;@10,10800;@11,21600;@12,10800' o:connectangles='270,180,90,0'/>"
        "<v:textpath on='t' fitshape='t'/></v:shapetype>"
        "<v:shape id='PowerPlusWaterMarkObject' type='#_x0000_t136' style='position:absolute;width:460pt;height:80pt;"
        "rotation:320;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin' fillcolor='#d9d9d9' stroked='f'>"
        f"<v:textpath style='font-family:&quot;{FONT}&quot;;font-size:1pt' string='{words}'/></v:shape></w:pict>"
    )


# Head -----------------------------------------------------------------------------------------------------------------
def _head(document, report):
    table = _bare_table(document, 2, (LEFT_COLUMN, RIGHT_COLUMN))
    left, right = table.rows[0].cells
    parents = [(line, 12, False, False) for line in wording.parent_lines(report)]
    _lines(left, [*parents, (report.issuing_body, 12, True, False)])
    _rule(left.add_paragraph(), LEFT_COLUMN, SHORT * _width(report.issuing_body, 12, CAPITAL))
    _lines(right, [(official.NATION, 12, True, False), (official.MOTTO, 13, True, False)])
    _rule(right.add_paragraph(), RIGHT_COLUMN, MOTTO_WIDTH)
    left, right = table.rows[1].cells
    _lines(left, [(wording.printed_number(report), 13, False, False)])
    _lines(right, [(wording.place_and_date(report), 13, False, True)])

    _centred(document, wording.TYPE_NAME, bold=True, before=18)
    title = document.add_paragraph(style="Title")
    title.alignment = ALIGN.CENTER
    title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(0)
    title.add_run(report.subject)
    rule = document.add_paragraph()
    _rule(rule, TEXT_WIDTH, SHORT * min(_width(report.subject, 14, LETTER), TEXT_WIDTH))
    if len(report.addressees) == 1:
        _centred(document, f"Kính gửi: {report.addressees[0]}", before=12, after=6)
    elif report.addressees:
        _plain(document, "Kính gửi:", indent=28, before=12)
        for place, addressee in enumerate(report.addressees, start=1):
            _plain(document, f"- {addressee}{'.' if place == len(report.addressees) else ';'}", indent=50)


def _width(text, size, ems):
    return len(text) * size * ems * 25.4 / 72


def _rule(paragraph, room, width):
    """An empty line whose upper border is as long as asked, in the middle of its room."""
    margin = max(0, (room - width) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(margin)
    paragraph.paragraph_format.line_spacing = Pt(6)
    border = parse_xml(f"<w:pBdr {nsdecls('w')}><w:top w:val='single' w:sz='6' w:space='1' w:color='000000'/></w:pBdr>")
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _bare_table(document, rows, widths):
    table = document.add_table(rows=rows, cols=len(widths))
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def _lines(cell, lines, alignment=ALIGN.CENTER):
    """Lines of (text, size, bold, italic), one under another."""
    for place, (text, size, bold, italic) in enumerate(lines):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        paragraph.alignment = alignment
        run = paragraph.add_run(text)
        run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _centred(document, text, bold=False, italic=False, before=0, after=0, style=None):
    paragraph = document.add_paragraph(style=style)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic


def _plain(document, text, indent=0, before=0):
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.space_before = Mm(indent), Pt(before)
    paragraph.add_run(text)


# Text -----------------------------------------------------------------------------------------------------------------
def _text(document, report):
    for text in report.opening:
        _paragraph(document, text, italic=wording.is_ground(text))
    sections = wording.closing(report.sections)
    after = wording.figures_after(report)
    for section, texts in sections:
        heading = section.heading.upper() if section.level == 1 else section.heading
        paragraph = document.add_paragraph(f"{section.number} {heading}", style=f"Heading {section.level}")
        paragraph.paragraph_format.first_line_indent = Mm(12.7)
        for text in texts:
            _paragraph(document, text)
        if section.key == after:
            for place, table in enumerate(report.tables, start=1):
                _figures(document, place, table)


def _paragraph(document, text, italic=False):
    """14 pt, justified, first line 1.27 cm, 6 pt between paragraphs, line spacing 1.1."""
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.JUSTIFY
    form = paragraph.paragraph_format
    form.first_line_indent, form.space_before, form.space_after, form.line_spacing = Mm(12.7), Pt(6), Pt(0), 1.1
    form.widow_control = True
    paragraph.add_run(text).italic = italic


def _figures(document, place, table):
    caption = document.add_paragraph()
    caption.alignment, caption.paragraph_format.keep_with_next = ALIGN.CENTER, True
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(4)
    run = caption.add_run(f"Bảng {place}. {table.title}")
    run.bold, run.font.size = True, Pt(12)
    first = 48
    widths = [first, *[(TEXT_WIDTH - first) / len(table.columns)] * len(table.columns)]
    rows = [[wording.cell(str(value)) for value in row] for row in table.rows]
    _grid(document, ["Nội dung", *table.columns], widths, rows, size=11, centred=set(range(1, len(widths))), bold={len(rows) - 1})


def _signature(document, report):
    document.add_paragraph()
    table = _bare_table(document, 1, (75, 90))
    _keep_whole(table.rows[0])
    left, right = table.rows[0].cells
    recipients = [(line, 11, False, False) for line in wording.recipient_lines(report)]
    _lines(left, [("Nơi nhận:", 12, True, True), *recipients], ALIGN.LEFT)
    _lines(right, [(line, 14, True, False) for line in wording.signing_lines(report)])
    name = right.add_paragraph()
    name.alignment, name.paragraph_format.space_before = ALIGN.CENTER, Pt(66)
    name.add_run(report.signatory_name).bold = True


def _verification(document, report):
    document.add_paragraph()
    table = _bare_table(document, 1, (28, TEXT_WIDTH - 28))
    _keep_whole(table.rows[0])
    left, right = table.rows[0].cells
    if report.verify_url:
        image = BytesIO()
        segno.make(report.verify_url, error="m", micro=False).save(image, kind="png", scale=6, border=1)
        image.seek(0)
        picture = left.paragraphs[0].add_run().add_picture(image, width=Mm(22))
        picture._inline.docPr.set("descr", f"Mã QR dẫn đến trang kiểm tra báo cáo: {report.verify_url}")
    _lines(right, [(line, 11, False, False) for line in wording.verification_lines(report)], ALIGN.LEFT)


# Appendices -----------------------------------------------------------------------------------------------------------
def _appendix_1(document, report):
    _appendix(document, report, "Phụ lục I", wording.appendix_1_title(report), landscape=True)
    rows = [wording.appendix_1_cells(line) for line in report.appendix_1]
    headings, widths = zip(*wording.APPENDIX_1_COLUMNS, strict=True)
    bold = {place for place, line in enumerate(report.appendix_1) if line.is_heading}
    _grid(document, headings, widths, rows, size=10, centred={0, 4, 5}, bold=bold)


def _appendix_2(document, report):
    _appendix(document, report, "Phụ lục II", wording.appendix_2_title(report), landscape=False)
    rows = [wording.appendix_2_cells(place, line) for place, line in enumerate(report.appendix_2, start=1)]
    headings, widths = zip(*wording.APPENDIX_2_COLUMNS, strict=True)
    _grid(document, headings, widths, rows, size=11, centred={0, 2, 3, 4, 5, 6}, bold=set())


def _appendix(document, report, name, title, landscape):
    """A section of its own whose pages count from 1 and show their number from the first one."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _page(section, A4, landscape)
    section.different_first_page_header_footer = False
    numbering = section._sectPr.find(qn("w:pgNumType"))
    if numbering is None:
        numbering = OxmlElement("w:pgNumType")
        section._sectPr.insert_element_before(numbering, "w:cols", "w:titlePg", "w:docGrid")
    numbering.set(qn("w:start"), "1")
    _centred(document, name, bold=True, style="Heading 1")
    _centred(document, title, bold=True)
    _centred(document, wording.attached_to(report), italic=True, after=8)


def _grid(document, headings, widths, rows, size, centred, bold):
    """A ruled table of fixed widths: its head is repeated on every page, its rows are not split."""
    table = document.add_table(rows=len(rows) + 1, cols=len(headings), style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    head, *body = table.rows
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, heading, width in zip(head.cells, headings, widths, strict=True):
        cell.width = Mm(width)
        _lines(cell, [(heading, size, True, False)])
    for place, (row, cells) in enumerate(zip(body, rows, strict=True)):
        _keep_whole(row)
        for column, (cell, value) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = Mm(widths[column])
            lines = [(text, size, place in bold, italic) for text, italic in value.lines]
            _lines(cell, lines, ALIGN.CENTER if column in centred else ALIGN.LEFT)


def _keep_whole(row):
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
