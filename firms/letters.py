"""Subjects of mails about a firm or zone, put into words when the mail is written: in its reader's language."""

from dataclasses import dataclass

from django.utils.translation import gettext, override


@dataclass(frozen=True)
class About:
    """The subject "words: name of the thing"; the words once more in English where the reader's language is not known."""

    words: str
    thing: object
    in_english_too: bool = False

    def __str__(self):
        said = gettext(self.words)
        if self.in_english_too:
            with override("en"):
                said = f"{said} / {gettext(self.words)}"
        return f"{said}: {self.thing.title}"
