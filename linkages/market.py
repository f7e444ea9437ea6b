"""Needs and offers, step by step: entered, looked over, published, renewed, connected, finished, or taken back.

    draft -> review -> published -> connecting -> done
               |  ^        |  ^          |
          returned |    expired (renewed) …      withdrawn from anywhere; entering it again leads back to review

Each step is one transaction over the row as it is stored now: whoever was quicker wins, the other one is told in words.
`by` is None where the owner acts behind her own link; the history then says so."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_str
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from firms import registry
from firms.gatekeeper import hashed
from linkages import letters
from linkages.letters import Letter
from linkages.models import Posting

State = Posting.State
PUBLISHED_FOR = timedelta(days=365)
PREFIXES = {Posting.Direction.NEED: "NC", Posting.Direction.OFFER: "CB"}  # nhu cầu, chào bán
OWNER, EXPIRY = "owner's link", "expiry"  # why a row was written, told by linkages.marketstory in the reader's words
FROM_ONE_ADDRESS = 5  # a day; the hourly share of one connection is the gatekeeper's
DAY = timedelta(days=1)
# Where each step may begin.
FROM = {
    "submit": (State.DRAFT, State.RETURNED, State.WITHDRAWN),
    "publish": (State.REVIEW,),
    "send_back": (State.REVIEW,),
    "withdraw": (State.DRAFT, State.REVIEW, State.RETURNED, State.PUBLISHED, State.CONNECTING, State.EXPIRED),
    "renew": (State.PUBLISHED, State.CONNECTING, State.EXPIRED),
    "expire": (State.PUBLISHED,),
    "connect": (State.PUBLISHED,),
    "finish": (State.PUBLISHED, State.CONNECTING),
    "reopen": (State.CONNECTING, State.DONE),
    "edit": (State.DRAFT, State.REVIEW, State.RETURNED, State.PUBLISHED, State.CONNECTING, State.EXPIRED),
}
# What only the officer reads: changing it needs no second look.
UNSEEN = {"confidential", "contact_name", "contact_email", "owner_words"}


def can(posting, step):
    return posting.state in FROM[step]


# Steps ---------------------------------------------------------------------------------------------------------------
def held(pk):
    return Posting.objects.select_for_update(of=("self",)).get(pk=pk)


def _taken(pk, step, seen=None):
    """The row under a lock; ValidationError where it stands elsewhere meanwhile, or reads otherwise than it was seen."""
    posting = held(pk)
    if posting.state not in FROM[step]:
        words = _("Meanwhile it is “{state}”. Nothing was changed now.")
        raise ValidationError(words.format(state=posting.get_state_display()))
    if seen is not None and seen != registry.version_of(posting):
        raise ValidationError(_("Its words were changed while this page was open. Read them once more, then decide."))
    return posting


def written(posting, by, reason=""):
    posting._history_user, posting._change_reason = by, reason or ("" if by else OWNER)
    posting.save()
    return posting


def create(posting, by, now, reason=""):
    """Saves a new need or offer under the next free number."""
    prefix = PREFIXES[posting.direction]
    posting.created_at = now
    for _attempt in range(20):
        last = Posting.objects.filter(code__startswith=prefix).order_by("-code").values_list("code", flat=True).first()
        posting.code = f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:05d}"
        try:
            with transaction.atomic():
                return written(posting, by, reason)
        except IntegrityError:  # somebody took the number a moment ago
            posting.pk = None
    raise ValidationError(_("Too many are entered at this moment. Send it once more."))


def enter(posting, by, now):
    """An officer's draft for a party."""
    posting.state, posting.officer = State.DRAFT, by
    with transaction.atomic():
        create(posting, by, now)
        keep_link(posting)
    return posting


def hand_in(posting, language, now):
    """Somebody without an account sends a need or an offer: it waits for the officer, and she gets her own link."""
    posting.state, posting.language = State.REVIEW, language
    with transaction.atomic():
        create(posting, None, now)
        keep_link(posting)
        _tell_owner(posting, "taken", _taken_letter(posting), now)
        _tell_office(posting, now)
    return posting


def flood(email, now):
    """Why no further one is taken today, in words; empty if one is."""
    if Posting.objects.filter(contact_email__iexact=email, created_at__gt=now - DAY).count() < FROM_ONE_ADDRESS:
        return ""
    words = _("{n} needs and offers a day are taken from one e-mail address. Send this one tomorrow, or call the authority.")
    return words.format(n=FROM_ONE_ADDRESS)


def submit(posting, by, now):
    """A draft, one that was sent back, or one that was taken back, to the officer (again)."""
    with transaction.atomic():
        posting = _taken(posting.pk, "submit")
        posting.state = State.REVIEW
        written(posting, by)
        if by is None:
            _tell_office(posting, now)
    return posting


def publish(posting, by, now, seen=None, expires_on=None):
    """Shows it to everybody, for a year if nothing else is said."""
    today = timezone.localdate(now)
    if expires_on is not None and expires_on <= today:
        raise ValidationError(_("Choose a last day that lies ahead."))
    with transaction.atomic():
        posting = _taken(posting.pk, "publish", seen)
        posting.state, posting.officer, posting.review_note = State.PUBLISHED, by, ""
        posting.published_on = posting.published_on or today
        posting.expires_on = expires_on or today + PUBLISHED_FOR
        written(posting, by)
        _tell_owner(posting, f"published:{registry.version_of(posting)}", _published_letter(posting), now)
    return posting


def send_back(posting, note, by, now, seen=None):
    if not note:
        raise ValidationError({"note": _("Say what is to be changed; the owner gets these words by mail.")})
    with transaction.atomic():
        posting = _taken(posting.pk, "send_back", seen)
        posting.state, posting.officer, posting.review_note = State.RETURNED, by, note
        written(posting, by)
        _tell_owner(posting, f"returned:{registry.version_of(posting)}", _returned_letter(posting), now)
    return posting


def withdraw(posting, by):
    with transaction.atomic():
        posting = _taken(posting.pk, "withdraw")
        posting.state = State.WITHDRAWN
        return written(posting, by)


def renew(posting, by, today):
    """A year more from today; False where it is valid that long already."""
    with transaction.atomic():
        posting = _taken(posting.pk, "renew")
        until = today + PUBLISHED_FOR
        if posting.state != State.EXPIRED and posting.expires_on and posting.expires_on >= until:
            return False
        posting.expires_on = until
        posting.state = State.PUBLISHED if posting.state == State.EXPIRED else posting.state
        written(posting, by)
        return True


def expire_due(today):
    """Those whose last day is over; one that is being connected stays with the people who are at it."""
    over = Posting.objects.filter(state=State.PUBLISHED, expires_on__lt=today)
    count = 0
    for pk in list(over.values_list("pk", flat=True)):
        with transaction.atomic():
            posting = held(pk)
            if posting.state == State.PUBLISHED and posting.expires_on and posting.expires_on < today:
                posting.state = State.EXPIRED
                written(posting, None, EXPIRY)
                count += 1
    return count


def connect(posting, by):
    return _move(posting, "connect", State.CONNECTING, by)


def finish(posting, by):
    return _move(posting, "finish", State.DONE, by)


def reopen(posting, by):
    """Back among the published ones: what was being connected came to nothing, or was finished by mistake."""
    return _move(posting, "reopen", State.PUBLISHED, by)


def _move(posting, step, to, by):
    with transaction.atomic():
        posting = _taken(posting.pk, step)
        posting.state = to
        return written(posting, by)


def edit(form, posting, seen, now):
    """The owner's change behind her link: what everybody reads goes to the officer once more. Gives (form, what happened)."""
    with transaction.atomic():
        stored = _taken(posting.pk, "edit", seen)
        form = form(stored)
        if not form.is_valid() or not form.changed_data:
            return form, "same" if form.is_valid() else ""
        changed = form.save(commit=False)
        is_seen = bool(set(form.changed_data) - UNSEEN)
        was_shown = stored.state in (State.PUBLISHED, State.CONNECTING, State.EXPIRED)
        if is_seen and stored.state != State.DRAFT:
            changed.state = State.REVIEW
        written(changed, None)
        keep_link(changed)
        if is_seen and changed.state == State.REVIEW:
            _tell_office(changed, now)
        return form, "review" if is_seen and was_shown else "saved"


# The owner's own link ------------------------------------------------------------------------------------------------
def token_of(posting):
    """The secret of the owner's link: 256 bits that only this server can work out, the same in every mail to one address.

    With another address it is another one, and the links in mails to the old address end."""
    made = salted_hmac("linkages.posting", f"{posting.pk}:{posting.contact_email.casefold()}", algorithm="sha256")
    return force_str(urlsafe_base64_encode(made.digest()))


def keep_link(posting):
    """Notes by its hash which link leads to the posting; none does while there is no address to send it to."""
    posting.token_hash = hashed(token_of(posting)) if posting.contact_email else None
    Posting.objects.filter(pk=posting.pk).update(token_hash=posting.token_hash)


def find(token):
    return Posting.objects.select_related("sector", "owner__firm").filter(token_hash=hashed(token)).first()


def own_path(posting):
    return reverse("posting_own", args=[token_of(posting)])


# Letters -------------------------------------------------------------------------------------------------------------
def named(posting, language):
    """Number and title in one language."""
    with override(language):
        return f"{posting.code}, {posting.shown_title}"


def _tell_owner(posting, occasion, letter, now):
    if posting.contact_email:
        letters.send(f"posting:{posting.pk}:{occasion}", posting.contact_email, posting.language, letter, now)


def own_action(posting):
    return gettext_lazy("See, change, renew or withdraw it"), own_path(posting)


KEEP = gettext_lazy("Keep this mail: the link in it is your key. Do not pass it on; whoever has it can change the text.")


def _taken_letter(posting):
    return Letter(
        heading=gettext_lazy("Your need has come in") if posting.direction == "need" else gettext_lazy("Your offer has come in"),
        about=named(posting, posting.language),
        paragraphs=[
            gettext_lazy("An officer of the authority reads it within a few working days. Nobody else sees it until then.")
        ],
        action=own_action(posting),
        quiet=[
            KEEP,
            gettext_lazy("If you entered nothing, somebody typed your address by mistake: open the link and withdraw it."),
        ],
    )


def _published_letter(posting):
    with override(posting.language):
        day = date_format(posting.expires_on, "SHORT_DATE_FORMAT")
    name = gettext_lazy("It is shown without your name.") if posting.is_anonymous else gettext_lazy("It is shown with your name.")
    return Letter(
        heading=gettext_lazy("Published"),
        about=named(posting, posting.language),
        paragraphs=[
            format_lazy(gettext_lazy("Everybody can read it until {day}."), day=day),
            name,
            gettext_lazy("Whoever is interested writes to the officer, who asks you before anything is passed on."),
        ],
        action=own_action(posting),
        quiet=[KEEP],
    )


def _returned_letter(posting):
    return Letter(
        heading=gettext_lazy("Something is to be changed before it can be published"),
        about=named(posting, posting.language),
        paragraphs=[gettext_lazy("The officer writes:")],
        quote=posting.review_note,
        action=(gettext_lazy("Change it and send it again"), own_path(posting)),
        quiet=[KEEP],
    )


def _tell_office(posting, now):
    letter = Letter(
        heading=gettext_lazy("A need or an offer waits for review"),
        about=named(posting, "vi"),
        paragraphs=[format_lazy(gettext_lazy("From: {who}"), who=posting.owner_words or str(posting.owner or "–"))],
        action=(gettext_lazy("Look it over"), reverse("posting_decide", args=[posting.code])),
    )
    letters.tell_office(f"posting:{posting.pk}:office:{registry.version_of(posting)}", letter, now)
