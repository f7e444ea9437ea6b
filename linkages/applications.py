"""Applications for open roles: written down, answered by the officer, who takes the applicant into the chain or says why not.

Receipt, answer and acceptance go out by mail; the address of an applicant goes nowhere else."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from firms.models import Firm
from linkages import chains, letters, partners
from linkages.letters import Letter
from linkages.models import Application, ChainRole, Party
from parkportal import mail
from parkportal.models import OutgoingMail

State = Application.State
DAY = timedelta(days=1)
FROM_ONE_ADDRESS, FOR_ONE_ROLE = 5, 30  # a day: more is no application any more, and an officer must be able to read them
KEPT_FOR = timedelta(days=365)  # after it was handled, as long as a question to a firm (firms.forgetting)
SAID = ("name", "email", "phone", "message", "reply")
STEPS = {
    State.NEW: [State.TALKING, State.ACCEPTED, State.DECLINED, State.WITHDRAWN],
    State.TALKING: [State.ACCEPTED, State.DECLINED, State.WITHDRAWN],
}


# Open roles ----------------------------------------------------------------------------------------------------------
def open_roles(today):
    """Roles that everybody may apply for: published in a published chain, with places left. `filled` and `left` are set."""
    there = Q(members__starts_on__lte=today) & (Q(members__ends_on__isnull=True) | Q(members__ends_on__gte=today))
    roles = ChainRole.objects.filter(is_open=True, chain__is_public=True).select_related("chain__lead__firm__zone")
    found = roles.annotate(filled=Count("members", there)).order_by("chain__code", "tier", "position", "pk")
    return [with_left(role) for role in found if role.filled < role.needed]


def with_left(role):
    role.left = role.needed - role.filled
    return role


def open_role(pk, today):
    return next((role for role in open_roles(today) if role.pk == pk), None)


# Applying ------------------------------------------------------------------------------------------------------------
def flood(role, email, now):
    """Why no further one is taken today, in words; empty if one is."""
    recent = Application.objects.filter(created_at__gt=now - DAY)
    if recent.filter(email__iexact=email).count() >= FROM_ONE_ADDRESS:
        words = _("{n} messages a day are taken from one e-mail address. Send this one tomorrow, or call the authority.")
        return words.format(n=FROM_ONE_ADDRESS)
    if recent.filter(role=role).count() >= FOR_ONE_ROLE:
        words = _("{n} people have written about this today. Send yours tomorrow, or call the authority.")
        return words.format(n=FOR_ONE_ROLE)
    return ""


def recognised(tax_code):
    """The firm of the registry with this tax code, if there is one."""
    return Firm.objects.current().filter(tax_code=tax_code).first() if tax_code else None


def apply(role, values, language, now):
    """Writes it down, gives the applicant a receipt, and tells the chain's officer (or the office)."""
    firm = recognised(values["tax_code"])
    names = ("firm_name", "tax_code", "name", "email", "phone", "message")
    with transaction.atomic():
        application = Application(
            role=role, party=Party.objects.of_firm(firm) if firm else None, language=language, created_at=now,
            **{name: values[name] for name in names},
        )  # fmt: skip
        application._history_user = None
        application.save()
        receipt = Letter(
            heading=gettext_lazy("Your application has come in"),
            about=about(role, language),
            paragraphs=[gettext_lazy("An officer of the authority reads it and writes to you.")],
            action=(gettext_lazy("Read once more what is wanted"), reverse("opportunity_detail", args=[role.pk])),
            quiet=[gettext_lazy("If you wrote nothing, somebody typed your address by mistake: you need do nothing.")],
        )  # fmt: skip
        letters.send(f"application:{application.pk}:receipt", application.email, language, receipt, now)
        _tell_officer(application, now)
    return application


def about(role, language):
    with override(language):
        return f"{role.title}, {role.chain.title}"


def _tell_officer(application, now):
    role, key = application.role, f"application:{application.pk}:officer"
    letter = Letter(
        heading=gettext_lazy("A firm wants to join a chain"),
        about=about(role, "vi"),
        paragraphs=[format_lazy(gettext_lazy("From: {who}"), who=f"{application.name}, {application.firm_name}")],
        quote=application.message,
        action=(gettext_lazy("Open the application"), reverse("application_detail", args=[application.pk])),
    )
    officer = role.chain.officer
    if officer and officer.is_active and officer.keeps_linkages:
        subject = format_lazy("{}: {}", letter.heading, letter.about)
        mail.queue(key, officer, subject, "market", {"letter": letter, "office": None}, now=now)
    else:
        letters.tell_office(key, letter, now)


# Handling ------------------------------------------------------------------------------------------------------------
def _taken(application, to, was):
    """The application under a lock, if it still stands where the officer saw it and may go there."""
    application = Application.objects.select_for_update(of=("self",)).select_related("role__chain", "handled_by").get(
        pk=application.pk
    )  # fmt: skip
    if application.state != was or to not in STEPS.get(application.state, ()):
        who = f" ({application.handled_by})" if application.handled_by_id else ""
        words = _("Meanwhile it is “{state}”{who}. Nothing was changed now.")
        raise ValidationError(words.format(state=application.get_state_display(), who=who))
    return application


def _kept(application, to, given, by, now):
    application.state, application.reply = to, given.get("reply") or application.reply
    application.officer_note = given.get("officer_note", application.officer_note)
    application.party = given.get("party") or application.party
    application.handled_by, application.handled_at, application._history_user = by, now, by
    application.save()
    return application


def talk(application, was, given, by, now):
    """The officer takes it up; a reply goes out if there is one."""
    with transaction.atomic():
        application = _kept(_taken(application, State.TALKING, was), State.TALKING, given, by, now)
        if given.get("reply"):
            _write(application, gettext_lazy("About your application"), [gettext_lazy("The officer writes:")], "talking", now)
        return application


def accept(application, was, given, by, now, today):
    """The applicant is accepted, joins the chain on request, and is told."""
    with transaction.atomic():
        application = _taken(application, State.ACCEPTED, was)
        party = given.get("party") or application.party
        if given.get("joins"):
            if party is None:
                raise ValidationError({"party": _("Name the partner that becomes a member of the chain.")})
            chains.join(application.role, party, given.get("starts_on") or today, "", by)
        application = _kept(application, State.ACCEPTED, given, by, now)
        said = [gettext_lazy("The authority has accepted your application.")]
        said += [gettext_lazy("The officer writes:")] if given.get("reply") else []
        _write(application, gettext_lazy("Your application is accepted"), said, "accepted", now)
        return application


def decline(application, was, given, by, now):
    """It comes to nothing; the applicant is told why if there is a text (an advertisement gets none)."""
    with transaction.atomic():
        application = _kept(_taken(application, State.DECLINED, was), State.DECLINED, given, by, now)
        if given.get("reply"):
            said = [gettext_lazy("The authority cannot accept your application. The officer writes:")]
            _write(application, gettext_lazy("Answer to your application"), said, "declined", now)
        return application


def withdraw(application, was, given, by, now):
    """The applicant has told the officer that it withdraws."""
    with transaction.atomic():
        return _kept(_taken(application, State.WITHDRAWN, was), State.WITHDRAWN, given | {"reply": ""}, by, now)


def _write(application, heading, said, occasion, now):
    letter = Letter(
        heading=heading, about=about(application.role, application.language), paragraphs=said, quote=application.reply
    )
    if occasion == "accepted" and len(said) == 1:
        letter = Letter(heading=heading, about=letter.about, paragraphs=said)
    letters.send(f"application:{application.pk}:{occasion}", application.email, application.language, letter, now)


# Reading -------------------------------------------------------------------------------------------------------------
def counts():
    """{state: how many}."""
    return dict(Application.objects.order_by().values_list("state").annotate(n=Count("pk")))


def letters_of(application):
    return list(OutgoingMail.objects.filter(key__startswith=f"application:{application.pk}:").order_by("created_at", "pk"))


def likely_party(application):
    """Who the applicant is, as far as the portal can tell: by tax code, else by a name that only one has."""
    if application.party_id:
        return application.party
    found = partners.find(application.firm_name)
    return found[0] if len(found) == 1 else None


def forget(now):
    """Clears what applicants said about themselves a year after the end; that a firm applied stays. Gives how many."""
    over = Q(handled_at__lt=now - KEPT_FOR, state__in=[State.ACCEPTED, State.DECLINED, State.WITHDRAWN])
    over |= Q(created_at__lt=now - 2 * KEPT_FOR)
    return Application.objects.filter(over).exclude(email="").update(**dict.fromkeys(SAID, ""))
