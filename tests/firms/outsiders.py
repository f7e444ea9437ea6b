"""What tests of the public forms share: a form as a person sends it, and the links of the mails."""

import re
from datetime import timedelta

from django.utils import timezone

from firms import gatekeeper
from parkportal.models import OutgoingMail


def by_hand(**values):
    """A form that was opened a minute ago."""
    return {gatekeeper.STAMP: gatekeeper.stamp(timezone.now() - timedelta(minutes=1)), gatekeeper.BAIT: ""} | values


def mails_to(address):
    return list(OutgoingMail.objects.filter(to=address).order_by("pk"))


def link_in(mail, part):
    """The address in a mail that contains the part, without the host: link_in(mail, "/confirm/")."""
    return re.search(rf"https?://[^/\s]+(\S*{part}\S+)", mail.text).group(1)
