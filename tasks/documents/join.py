"""Joins separately laid out parts into one tagged PDF: one page tree, one structure tree, one outline, page numbers and stamps.

Page numbers are laid on here, so that a part's layout does not depend on the parts before it: the body and each appendix
count from 1, the first page shows none (Decree 30/2020, annex I, I.7 and III.1). They lie on the page as artifacts, which
a screen reader leaves out."""

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject, StreamObject

from tasks.documents import structure
from tasks.documents.structure import named

MILLIMETRE = 72 / 25.4
LEFT, RIGHT = 30 * MILLIMETRE, 15 * MILLIMETRE
NUMBER_TOP = 8.5 * MILLIMETRE  # of the number's box from the upper edge of the page; the box is 8 mm high


class Joined:
    """The parts under one catalog. `numbers` are the page numbers in order, from 1 again for each part that begins anew."""

    def __init__(self, parts, pdfs):
        self.writer = PdfWriter()
        catalogs = [PdfReader(BytesIO(pdf)).root_object.clone(self.writer) for pdf in pdfs]
        for place, catalog in enumerate(catalogs):
            _rename_fonts(catalog, place)
        for key in ("/Lang", "/MarkInfo", "/ViewerPreferences", "/Metadata"):
            self.writer.root_object[NameObject(key)] = catalogs[0].raw_get(key)
        _join_pages(self.writer, catalogs)
        structure.join(self.writer, catalogs)
        _join_outlines(self.writer, catalogs)
        leaves = [_leaves(catalog) for catalog in catalogs]
        self.pages = [page for pages in leaves for page in pages]
        self.numbers = _numbers(parts, [len(pages) for pages in leaves])

    def lay(self, stamps):
        """Under each page's own content: the words across it, and its number in the middle of the top margin."""
        reader = PdfReader(BytesIO(stamps))
        small, large = [], []
        for page in reader.pages:
            (small if page.mediabox.width < 100 else large).append(_form(self.writer, page))
        for place, (page, number) in enumerate(zip(self.pages, self.numbers, strict=True)):
            width, height = float(page["/MediaBox"][2]), float(page["/MediaBox"][3])
            laid = [("Watermark", "/Words", form, (width - side) / 2, (height - side) / 2) for form, side, _side in large]
            if place > 0:
                form, box_width, box_height = small[number - 1]
                middle = (LEFT + width - RIGHT) / 2
                laid.append(("Header", f"/Number{number}", form, middle - box_width / 2, height - NUMBER_TOP - box_height))
            _lay(self.writer, page, laid)

    def write(self, title, author):
        self.writer.add_metadata({"/Title": title, "/Author": author})
        self.writer.pdf_header = "%PDF-1.7"
        result = BytesIO()
        self.writer.write(result)
        return result.getvalue()


def _numbers(parts, counts):
    """The number of every page in order; a part that continues another goes on counting."""
    numbers, number = [], 0
    for part, count in zip(parts, counts, strict=True):
        number = number if part.continues else 0
        for _page in range(count):
            number += 1
            numbers.append(number)
    return numbers


def _leaves(catalog):
    return [kid.get_object() for kid in catalog["/Pages"]["/Kids"]]


def _join_pages(writer, catalogs):
    pages = writer.root_object["/Pages"]
    kids = ArrayObject()
    for catalog in catalogs:
        for kid in catalog["/Pages"]["/Kids"]:
            kid.get_object().update(named(Parent=pages.indirect_reference, Tabs="/S"))  # tab through links as they are read
            kids.append(kid)
    pages[NameObject("/Kids")] = kids
    pages[NameObject("/Count")] = NumberObject(len(kids))


def _join_outlines(writer, catalogs):
    """The parts' bookmarks one after another."""
    tops = [catalog["/Outlines"] for catalog in catalogs if "/Outlines" in catalog and "/First" in catalog["/Outlines"]]
    if not tops:
        return
    outlines = DictionaryObject()
    writer._add_object(outlines)
    chains = []
    for top in tops:
        item = top["/First"]
        while item is not None:
            item[NameObject("/Parent")] = outlines.indirect_reference
            chains.append(item)
            item = item.get("/Next")
    for before, after in zip(chains, chains[1:], strict=False):
        before[NameObject("/Next")] = after.indirect_reference
        after[NameObject("/Prev")] = before.indirect_reference
    outlines.update(
        named(
            Type="/Outlines",
            First=chains[0].indirect_reference,
            Last=chains[-1].indirect_reference,
            Count=NumberObject(sum(1 + max(0, item.get("/Count", 0)) for item in chains)),
        )
    )
    writer.root_object[NameObject("/Outlines")] = outlines.indirect_reference


def _rename_fonts(catalog, place):
    """Every part has its own subset of each face; by the standard two subsets may not share a name."""
    seen = set()
    for page in _leaves(catalog):
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            if id(font) not in seen:
                seen.add(id(font))
                descendant = font["/DescendantFonts"][0].get_object()
                for owner, key in ((font, "/BaseFont"), (descendant, "/BaseFont"), (descendant["/FontDescriptor"], "/FontName")):
                    owner[NameObject(key)] = NameObject(f"/{chr(65 + place)}{owner[key][2:]}")


def _lay(writer, page, laid):
    operators = []
    forms = page["/Resources"].setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    for subtype, name, stamp, x, y in laid:
        forms[NameObject(name)] = stamp
        operators.append(f"/Artifact <</Type /Pagination /Subtype /{subtype}>> BDC q 1 0 0 1 {x:.2f} {y:.2f} cm {name} Do Q EMC")
    if operators:
        stream = StreamObject()
        stream.set_data("\n".join(operators).encode() + b"\n")
        own = page.raw_get("/Contents")
        page[NameObject("/Contents")] = ArrayObject([writer._add_object(stream), own])


def _form(writer, page):
    """A page of the stamps as a form that pages can show, with its size."""
    form = StreamObject()
    form.set_data(page.get_contents().get_data())
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    form.update(
        named(
            Type="/XObject",
            Subtype="/Form",
            BBox=ArrayObject([FloatObject(value) for value in (0, 0, width, height)]),
            Resources=page["/Resources"].clone(writer),
        )
    )
    return writer._add_object(form.flate_encode()), width, height
