"""What would tell whose a text is, or lead around the officer: addresses, numbers, links, and in an anonymous text names.

A firm that may not be named says in its own summary where it sits, more often than one thinks. The words here name what was
found, so that it can be taken out; nothing is taken out silently."""

import re

from django.utils.translation import gettext as _

from firms import gatekeeper
from firms.names import firm_key
from parkportal.text import fold, nfc

# Over the folded text: a firm's legal form followed by a name, in both languages.
_FIRM = re.compile(
    r"\b(?:cong ty|doanh nghiep tu nhan|dntn|tap doan)(?: (?:tnhh|co phan|cp|mtv|mot thanh vien|hop danh|tm|dv|sx|xnk))+ [\w&.-]+"
    r"|\b[\w&.-]+(?: [\w&.-]+)?,? (?:co\.?,? ?ltd\b|jsc\b|joint stock company|llc\b|gmbh\b|corp\b|corporation\b|inc\b)"
)
# "Lô B12", "số 45 đường …", "12 Nguyễn Văn Linh street": a house or a plot, not a size or a kind.
_PLACE = re.compile(
    r"\blo (?:so )?[a-z]{0,3}-?\d+[a-z]?\b(?=.{0,40}\b(?:kcn|kcnc|khu cong nghiep|khu cong nghe cao|duong|cum cong nghiep)\b)"
    r"|\b(?:so|so nha) \d+[a-z]?(?:/\d+)* (?:duong|pho|ngo|hem|kiet) \w+"
    r"|\b(?:duong so|quoc lo) \d+\b"
    r"|\b\d+[a-z]?(?:/\d+)* (?:[a-z]+ ){1,4}(?:street|road|avenue)\b"
)
# What a firm's name says of its trade or its place, as thousands of names do: what is left is the name that people know.
_TRADE = re.compile(
    r"\b(?:co khi(?: chinh xac)?|xay dung|thuong mai|san xuat|dich vu|dau tu|cong nghe(?: cao)?|cong nghiep|quoc te|viet nam|"
    r"vietnam|da nang|mien trung|ky thuat|dien tu|thiet bi|giai phap|phat trien|xuat nhap khau|technology|engineering|trading|"
    r"solutions?)\b"
)
_SHORTEST_NAME = 5  # signs of a name that is looked for; shorter ones stand inside other words


def contacts_in(text):
    """[words] of what would lead around the officer."""
    found = [(_("the web address"), it) for it in gatekeeper.links_in(text)]
    found += [(_("the e-mail address"), it) for it in gatekeeper.emails_in(text)]
    found += [(_("the telephone number"), it) for it in gatekeeper.phones_in(text)]
    return found


def names_in(text, names):
    """[words] of what tells whose the text is: the names given, firms by their legal form, a plot or a street."""
    text = " ".join(nfc(text).split())
    bare = fold(text)
    patterns = [(_("the firm’s name"), _FIRM), (_("the address"), _PLACE)]
    keys = dict.fromkeys(key for name in names for key in _keys_of(name) if len(key) >= _SHORTEST_NAME)
    patterns += [(_("the name"), re.compile(rf"\b{re.escape(key)}\b")) for key in keys]
    found = [(what, _typed(text, bare, match)) for what, pattern in patterns for match in pattern.finditer(bare)]
    return list(dict.fromkeys(found))


def _keys_of(name):
    """The name as it is written, without its legal form, and without what it says of the trade."""
    own = firm_key(_TRADE.sub(" ", fold(name)))
    return fold(name), firm_key(name), own if " " in own else ""


def _typed(text, bare, match):
    """The place as it was typed; folding keeps the length of what people write here."""
    return text[match.start() : match.end()] if len(text) == len(bare) else match.group()


def objection(text, is_anonymous, names):
    """What to take out of a text, in words; empty if nothing."""
    found = contacts_in(text) + (names_in(text, names) if is_anonymous else [])
    if not found:
        return ""
    shown = "; ".join(f"{what} “{it[:60]}”" for what, it in found[:3])
    if is_anonymous:
        return _("Take out {found}: the text is published without your name, and whoever is interested asks the officer.").format(
            found=shown
        )
    return _("Take out {found}: whoever is interested asks the officer, who passes your address on if you agree.").format(
        found=shown
    )
