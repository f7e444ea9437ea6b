"""One structure tree out of the trees of separately laid out parts, as a tagged PDF needs it (ISO 32000-1, 14.7)."""

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject


def join(writer, catalogs):
    """The parts' documents become parts of one document; what is numbered or named within a part gets its part's range."""
    root, document = DictionaryObject(), DictionaryObject()
    for element in (root, document):
        writer._add_object(element)
    kids, entries, names, offset = ArrayObject(), ArrayObject(), {}, 0
    for place, catalog in enumerate(catalogs):
        tree = catalog["/StructTreeRoot"]
        for kid in tree["/K"]:
            kid.get_object().update(named(S="/Part", P=document.indirect_reference))
            kids.append(kid)
            names |= _rename_heads(kid, f"{place}-")
        keys = tree["/ParentTree"]["/Nums"][::2]
        for key, owner in zip(keys, tree["/ParentTree"]["/Nums"][1::2], strict=True):
            entries.extend([NumberObject(key + offset), owner])
        _move_keys(catalog, offset)
        offset += max(keys, default=-1) + 1
    document.update(named(Type="/StructElem", S="/Document", K=kids, P=root.indirect_reference))
    name_tree = ArrayObject(thing for name in sorted(names) for thing in (TextStringObject(name), names[name]))
    root.update(
        named(
            Type="/StructTreeRoot",
            K=ArrayObject([document.indirect_reference]),
            ParentTree=writer._add_object(named(Nums=entries)),
            ParentTreeNextKey=NumberObject(offset),
            IDTree=writer._add_object(named(Names=name_tree)),
        )
    )
    writer.root_object[NameObject("/StructTreeRoot")] = root.indirect_reference


def _move_keys(catalog, offset):
    """Pages and links find their elements by a key in the parent tree."""
    for page in catalog["/Pages"]["/Kids"]:
        page = page.get_object()
        page[NameObject("/StructParents")] = NumberObject(page["/StructParents"] + offset)
        for link in page.get("/Annots", []):
            link = link.get_object()
            link[NameObject("/StructParent")] = NumberObject(link["/StructParent"] + offset)
            link[NameObject("/Contents")] = TextStringObject(link["/A"]["/URI"])


def _rename_heads(reference, prefix):
    """Cells name the heads that stand over them; two parts may use the same name. Returns the heads by their new names."""
    names, waiting = {}, [reference]
    while waiting:
        reference = waiting.pop()
        element = reference.get_object()
        if "/ID" in element:
            name = prefix + str(element["/ID"])
            element[NameObject("/ID")] = TextStringObject(name)
            names[name] = reference
        attributes = element.get("/A")
        if attributes is not None and "/Headers" in attributes:
            heads = ArrayObject(TextStringObject(prefix + str(name)) for name in attributes["/Headers"])
            attributes[NameObject("/Headers")] = heads
        for kid in element.get("/K", []):
            if not isinstance(kid, NumberObject) and kid.get_object().get("/Type") == "/StructElem":
                waiting.append(kid)
    return names


def named(**entries):
    """A dictionary of the PDF; a value given as a string is a name."""
    return DictionaryObject(
        {NameObject(f"/{key}"): NameObject(value) if isinstance(value, str) else value for key, value in entries.items()}
    )
