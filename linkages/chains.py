"""What officers do with chains: stage, roles, members, links, publishing. Each is one transaction over the chain as it is
stored now, with a line in its history; a membership ends and a link leaves, so that earlier days keep them."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from firms import registry
from linkages import formation
from linkages.letters import said_in
from linkages.links import written
from linkages.models import Chain, ChainLink, ChainMember, ChainRole, Link

Stage = Chain.Stage
BY_THE_RULE = (Stage.FORMED, Stage.LASTING)
PREFIX = "CLK"  # chuỗi liên kết
DAY = timedelta(days=1)
LEAD = gettext_noop("Lead firm")


def held(pk):
    """The chain as it is stored, held until the transaction ends."""
    return Chain.objects.select_for_update(of=("self",)).get(pk=pk)


def next_code():
    """CLK-01, CLK-02 …: one that no chain has or ever had."""
    used = Chain.history.filter(code__startswith=f"{PREFIX}-").values_list("code", flat=True)
    numbers = [int(code.removeprefix(f"{PREFIX}-")) for code in used if code.removeprefix(f"{PREFIX}-").isdecimal()]
    return f"{PREFIX}-{max(numbers, default=0) + 1:02d}"


def seat_lead(chain, by, today):
    """A new chain's lead plays the first role from today on: only members count by the rule."""
    with transaction.atomic():
        role = written(ChainRole(chain=chain, name=said_in("vi", LEAD), name_en=said_in("en", LEAD), tier=0), by)
        return written(ChainMember(role=role, party=chain.lead, starts_on=today), by)


# Stage and publishing ------------------------------------------------------------------------------------------------
def standing_of(chain, today):
    return formation.standing(formation.CHAINS.get(pk=chain.pk), today, formation.rules())


def missing_lines(standing):
    """What the rule still asks for, a sentence a line."""
    words = _("{what}: {have} of {need}, {missing} missing")
    lacking = [it for it in standing.conditions if it.missing]
    return [words.format(what=it.words, have=len(it.have), need=it.need, missing=it.missing) for it in lacking]


def move(chain, to, was, by, today):
    """Takes the chain to a stage; False where it stands there. `formed` and `lasting` only while the rule holds."""
    with transaction.atomic():
        chain = held(chain.pk)
        if chain.stage != was:
            message = _("Meanwhile the chain is at “{stage}”. Nothing was changed now.")
            raise ValidationError(message.format(stage=chain.get_stage_display()))
        if to not in Stage.values or to == chain.stage:
            return False
        if to in BY_THE_RULE and (lines := missing_lines(standing_of(chain, today))):
            raise ValidationError([_("The chain cannot be called “{stage}” yet.").format(stage=Stage(to).label), *lines])
        chain.stage = to
        written(chain, by)
        return True


def show(chain, is_public, by):
    """Publishes a chain or hides it; False where it stands so already."""
    with transaction.atomic():
        chain = held(chain.pk)
        if chain.is_public == is_public:
            return False
        if is_public and not chain.roles.exists():
            raise ValidationError(_("Describe at least one role first: a chain without roles says nothing to a reader."))
        chain.is_public = is_public
        written(chain, by)
        return True


# Roles ---------------------------------------------------------------------------------------------------------------
def publish_role(role, is_open, by, today):
    """Publishes a role as an opportunity to join, or closes it; False where it stands so already."""
    with transaction.atomic():
        chain = held(role.chain_id)
        role = ChainRole.objects.select_for_update(of=("self",)).get(pk=role.pk)  # its words are edited without the chain
        if role.is_open == is_open:
            return False
        if is_open and not chain.is_public:
            raise ValidationError(_("Publish the chain first: an opportunity shows to which chain it belongs."))
        if is_open and filled(role, today) >= role.needed:
            raise ValidationError(_("All places of this role are filled. Raise how many are needed, then publish it."))
        role.is_open, role.opened_on = is_open, today if is_open else role.opened_on
        written(role, by)
        return True


def on(day):
    """Memberships of a day."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def filled(role, day):
    return role.members.filter(on(day)).count()


def remove_role(role, by):
    """Takes out a role that nobody ever played and nobody applied for; it can be put back."""
    with transaction.atomic():
        held(role.chain_id)
        if role.members.exists() or role.applications.exists():
            raise ValidationError(_("Somebody plays this role, played it or applied for it, so it stays. It can be closed."))
        registry.take_out(role, by)


# Members -------------------------------------------------------------------------------------------------------------
def join(role, party, starts_on, note, by):
    """A party plays a role from a day on; ValidationError where it does so already."""
    with transaction.atomic():
        held(role.chain_id)
        _refuse_twice(role, party, starts_on)
        return written(ChainMember(role=role, party=party, starts_on=starts_on, note=note), by)


def _refuse_twice(role, party, starts_on, but=None):
    there = role.members.filter(party=party).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).exclude(pk=but)
    if one := there.first():
        since, until = (date_format(day, "SHORT_DATE_FORMAT") if day else "" for day in (one.starts_on, one.ends_on))
        words = (
            _("{party} plays this role from {since} to {until} already. Choose a later day.")
            if until
            else _("{party} plays this role since {since} already.")
        )
        raise ValidationError({"party": words.format(party=party.title, since=since, until=until)})


def _member(pk):
    """The membership as it is stored, with its chain held."""
    member = ChainMember.objects.select_related("role", "party__firm").get(pk=pk)
    held(member.role.chain_id)
    member.refresh_from_db(fields=["starts_on", "ends_on"])
    return member


def end(member, last_day, by):
    """The party leaves the role after a day; earlier days keep it."""
    with transaction.atomic():
        member = _member(member.pk)
        if member.ends_on:
            day = date_format(member.ends_on, "SHORT_DATE_FORMAT")
            raise ValidationError(_("Meanwhile an end was entered already: {day}.").format(day=day))
        if last_day < member.starts_on:
            day = date_format(member.starts_on, "SHORT_DATE_FORMAT")
            raise ValidationError(_("It joined on {day}. Choose that day or a later one.").format(day=day))
        member.ends_on = last_day
        return written(member, by)


def come_back(member, by):
    """Takes an end back; False where there is none."""
    with transaction.atomic():
        member = _member(member.pk)
        if member.ends_on is None:
            return False
        _refuse_twice(member.role, member.party, member.starts_on, but=member.pk)
        member.ends_on = None
        return bool(written(member, by))


def remove_member(member, by):
    """Takes out a membership that was entered by mistake, so that it never was; it can be put back."""
    with transaction.atomic():
        registry.take_out(_member(member.pk), by)


# Links ---------------------------------------------------------------------------------------------------------------
def parties_of(chain):
    """Numbers of all partners that play or played a role."""
    return ChainMember.objects.filter(role__chain=chain).values("party")


def may_tie(chain):
    """Links whose two ends are partners of the chain and which it does not have yet."""
    there = chain.chain_links.filter(removed_on__isnull=True).values("link")
    found = Link.objects.filter(source_party__in=parties_of(chain), target_party__in=parties_of(chain)).exclude(pk__in=there)
    return found.with_parties().order_by("pk")


def tie(chain, link, added_on, by):
    """The link belongs to the chain from a day on."""
    with transaction.atomic():
        held(chain.pk)
        if not may_tie(chain).filter(pk=link.pk).exists():
            raise ValidationError(_("This link is part of the chain already, or one of its ends plays no role in it."))
        there = chain.chain_links.filter(link=link)
        if last := there.filter(removed_on__gte=added_on).order_by("-removed_on").first():
            if there.filter(added_on__gt=last.added_on).exists() or added_on < last.added_on:
                raise ValidationError(_("The link was part of the chain on that day already. Choose a later day."))
            last.removed_on = None
            return written(last, by)
        return written(ChainLink(chain=chain, link=link, added_on=added_on), by)


def untie(chain_link, by, today):
    """The link belongs to the chain until yesterday; one that was added today was added by mistake, so its row goes."""
    with transaction.atomic():
        held(chain_link.chain_id)
        row = ChainLink.objects.filter(pk=chain_link.pk, removed_on__isnull=True).first()
        if row is None:
            return False
        if row.added_on >= today:
            registry.take_out(row, by)
        else:
            row.removed_on = today - DAY
            written(row, by)
        return True


# What was taken out --------------------------------------------------------------------------------------------------
def gone(chain):
    """Roles and memberships that were taken out, newest first."""
    return sorted(
        [it for model, which in _removable(chain) for it in registry.gone_rows([model], **which)],
        key=lambda it: it.record.history_date, reverse=True,
    )  # fmt: skip


def _removable(chain):
    roles = list(ChainRole.history.filter(chain_id=chain.pk).values_list("id", flat=True).distinct())
    return [(ChainRole, {"chain_id": chain.pk}), (ChainMember, {"role_id__in": roles})]


def put_back(chain, key, by):
    with transaction.atomic():
        held(chain.pk)
        for model, which in _removable(chain):
            if key.startswith(f"{model._meta.model_name}:"):
                if model is ChainMember:
                    _refuse_lost_role(key, which)
                return registry.put_back(key, [model], by, **which)
    raise ValidationError(_("There is nothing to put back."))


def _refuse_lost_role(key, which):
    number = key.partition(":")[2]
    if number.isascii() and number.isdecimal() and len(number) < 18:
        record = ChainMember.history.filter(history_id=int(number), **which).first()
        if record and not ChainRole.objects.filter(pk=record.role_id).exists():
            raise ValidationError(_("Put its role back first."))
