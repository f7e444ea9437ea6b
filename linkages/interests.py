"""Expressions of interest in a need or an offer: written down, read by the officer, who introduces both sides or says why not.

Nobody's address goes anywhere before that: both have agreed to be introduced, the owner in the terms when she entered it, the
other one by the tick in the form."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linkages import letters, market, matches
from linkages.letters import Letter
from linkages.models import Interest, Match
from parkportal.models import OutgoingMail

State = Interest.State
DAY = timedelta(days=1)
# A day: a person is interested in a handful of things; one that a hundred like must still be read by an officer.
FROM_ONE_ADDRESS, IN_ONE = 8, 20


def flood(posting, email, now):
    """Why no further one is taken today, in words; empty if one is."""
    recent = Interest.objects.filter(created_at__gt=now - DAY)
    if recent.filter(email__iexact=email).count() >= FROM_ONE_ADDRESS:
        words = _("{n} messages a day are taken from one e-mail address. Send this one tomorrow, or call the authority.")
        return words.format(n=FROM_ONE_ADDRESS)
    if recent.filter(posting=posting).count() >= IN_ONE:
        words = _("{n} people have written about this today. Send yours tomorrow, or call the authority.")
        return words.format(n=IN_ONE)
    return ""


def express(posting, values, language, now):
    """Writes it down, gives its sender a receipt, and tells the office."""
    with transaction.atomic():
        interest = Interest(
            posting=posting,
            language=language,
            created_at=now,
            **{name: values[name] for name in ("organisation", "name", "email", "message")},
        )
        interest._history_user = None
        interest.save()
        receipt = Letter(
            heading=gettext_lazy("Your message has come in"),
            about=market.named(posting, language),
            paragraphs=[
                gettext_lazy(
                    "An officer of the authority reads it and introduces you to the other side, or writes to you why not."
                ),
            ],
            action=(gettext_lazy("Read it once more"), posting.get_absolute_url()),
            quiet=[gettext_lazy("If you wrote nothing, somebody typed your address by mistake: you need do nothing.")],
        )
        letters.send(f"interest:{interest.pk}:receipt", interest.email, language, receipt, now)
        copy = Letter(
            heading=gettext_lazy("Somebody is interested"),
            about=market.named(posting, "vi"),
            paragraphs=[format_lazy(gettext_lazy("From: {who}"), who=f"{interest.name}, {interest.organisation}")],
            quote=interest.message,
            action=(gettext_lazy("Introduce them or decline"), reverse("interest_detail", args=[interest.pk])),
        )
        letters.tell_office(f"interest:{interest.pk}:office", copy, now)
    return interest


def _taken(pk):
    interest = Interest.objects.select_for_update(of=("self",)).select_related("posting").get(pk=pk)
    if interest.state != State.NEW:
        who = f" ({interest.handled_by})" if interest.handled_by_id else ""
        words = _("Meanwhile it is “{state}”{who}. Nothing was changed now.")
        raise ValidationError(words.format(state=interest.get_state_display(), who=who))
    return interest


def introduce(interest, party, reply, by, now):
    """Both get the other one's name, organisation and address, and the pair goes into the pipeline. Gives the match."""
    with transaction.atomic():
        interest = _taken(interest.pk)
        posting = market.held(interest.posting_id)
        if not posting.contact_email:
            raise ValidationError(
                _("The portal has no address of the owner. Enter one at the need or offer, then introduce them.")
            )
        if party is None:
            raise ValidationError({"party": _("Name the partner, so that what becomes of it can be followed.")})
        if posting.owner_id and posting.owner_id == party.pk:
            raise ValidationError({"party": _("This is the owner itself. Choose who is interested.")})
        match = matches.from_interest(posting, party, by, now)
        interest.party, interest.state, interest.reply = party, State.INTRODUCED, reply
        interest.handled_by, interest.handled_at, interest._history_user = by, now, by
        interest.save()
        if market.can(posting, "connect"):
            market.connect(posting, by)
        _introduce_by_mail(interest, posting, now)
    return match


def _introduce_by_mail(interest, posting, now):
    owner = posting.owner_words or (posting.owner.title if posting.owner else "")
    consent = gettext_lazy("Both of you have agreed to be introduced. The authority does not vouch for either side.")
    sides = [
        (
            "owner",
            posting.contact_email,
            posting.language,
            interest.name,
            interest.organisation,
            interest.email,
            interest.message,
        ),
        ("asker", interest.email, interest.language, posting.contact_name, owner, posting.contact_email, ""),
    ]
    for side, address, language, name, organisation, other, message in sides:
        facts = [
            (gettext_lazy("Name"), name),
            (gettext_lazy("Organisation"), organisation),
            (gettext_lazy("E-mail address"), other),
        ]
        letter = Letter(
            heading=gettext_lazy("We introduce you to each other"),
            about=market.named(posting, language),
            paragraphs=[
                consent,
                *([format_lazy(gettext_lazy("The officer writes: {words}"), words=interest.reply)] if interest.reply else []),
            ],
            facts=[it for it in facts if it[1]],
            quote=message,
            quiet=[gettext_lazy("Tell the officer what becomes of it; he asks again in some weeks.")],
        )
        letters.send(f"interest:{interest.pk}:introduced:{side}", address, language, letter, now)


def decline(interest, reply, by, now):
    """It is not passed on; its sender is told why if there is a text (an advertisement gets none)."""
    with transaction.atomic():
        interest = _taken(interest.pk)
        interest.state, interest.reply, interest.handled_by, interest.handled_at = State.DECLINED, reply, by, now
        interest._history_user = by
        interest.save()
        if reply:
            letter = Letter(
                heading=gettext_lazy("Your message was not passed on"),
                about=market.named(interest.posting, interest.language),
                paragraphs=[gettext_lazy("The officer writes:")],
                quote=reply,
            )
            letters.send(f"interest:{interest.pk}:declined", interest.email, interest.language, letter, now)
    return interest


def counts():
    """{state: how many}."""
    return dict(Interest.objects.order_by().values_list("state").annotate(n=Count("pk")))


def match_of(interest):
    """The pair that it has become; None while there is none."""
    posting, party = interest.posting, interest.party
    if party is None:
        return None
    return (
        Match.objects.filter(need=posting, party=party).first() or Match.objects.filter(offer=posting, need__owner=party).first()
    )


def letters_of(interest):
    return list(OutgoingMail.objects.filter(key__startswith=f"interest:{interest.pk}:").order_by("created_at", "pk"))
