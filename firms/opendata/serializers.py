"""What is published of each noun. A field that does not stand here leaves the registry through no interface.

Internal notes stay inside; a contact appears only with consent, and never with an e-mail address: mail goes through the relay.
Amounts and areas are decimal numbers written as strings, so that no digit is lost on the way."""

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import translation
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from firms.models import (
    Capability,
    Certificate,
    Contact,
    Firm,
    FirmActivity,
    FirmName,
    FirmYear,
    LandFigures,
    Project,
    Qualification,
    Sector,
    Zone,
    ZoneAuthority,
)

SOURCED = ["sources", "as_of", "as_of_words", "retrieved_on", "confidence", "unsure"]


class SourcedSerializer(serializers.ModelSerializer):
    """A row with its sources, the day its facts speak of, and how sure they are."""

    sources = serializers.ListField(child=serializers.CharField(), read_only=True)
    unsure = serializers.DictField(child=serializers.CharField(), read_only=True)


class PagesSerializer(serializers.Serializer):
    """The page that people read, in both languages."""

    vi = serializers.URLField()
    en = serializers.URLField()


def pages(request, name, code):
    """{language: address} of a page of the portal."""
    found = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found[language] = request.build_absolute_uri(reverse(name, args=[code]))
    return found


class SectorSerializer(serializers.ModelSerializer):
    parent = serializers.SlugRelatedField("key", read_only=True, allow_null=True)

    class Meta:
        model = Sector
        fields = ["key", "parent", "name", "name_en", "position"]


class SectorBriefSerializer(serializers.ModelSerializer):
    class Meta:
        model = Sector
        fields = ["key", "name", "name_en"]


class ZoneBriefSerializer(serializers.ModelSerializer):
    class Meta:
        model = Zone
        fields = ["code", "name", "name_en"]


class LandSerializer(SourcedSerializer):
    """Land in hectares. Occupancy is computed: leased / leasable (of a part of a zone: / its area), in percent."""

    occupancy_percent = serializers.DecimalField(7, 2, source="occupancy", read_only=True, allow_null=True)
    free_ha = serializers.DecimalField(12, 4, read_only=True, allow_null=True)

    class Meta:
        model = LandFigures
        fields = ["area_ha", "leasable_ha", "leased_ha", "ready_ha", "free_ha", "occupancy_percent", *SOURCED]


class ManagementSerializer(serializers.ModelSerializer):
    """That an authority manages the zone from a day until a day; an empty day is not known, or has not come."""

    key = serializers.CharField(source="authority.key")
    name = serializers.CharField(source="authority.name")
    name_en = serializers.CharField(source="authority.name_en")

    class Meta:
        model = ZoneAuthority
        fields = ["key", "name", "name_en", "starts_on", "ends_on", "basis"]


class ZoneSerializer(SourcedSerializer):
    part_of = serializers.SlugRelatedField("code", source="parent", read_only=True, allow_null=True)
    land = serializers.SerializerMethodField()
    authorities = ManagementSerializer(many=True)
    pages = serializers.SerializerMethodField()

    class Meta:
        model = Zone
        fields = [
            "code",
            "part_of",
            "name",
            "name_en",
            "kind",
            "state",
            "state_words",
            "province",
            "province_before",
            "location",
            "established_year",
            "decision",
            "developer",
            "infrastructure",
            "infrastructure_en",
            "incentives",
            "incentives_en",
            "website",
            "latitude",
            "longitude",
            "point_basis",
            "is_point_sourced",
            "land",
            "authorities",
            "review",
            "pages",
            *SOURCED,
        ]

    @staticmethod
    def rows():
        return Zone.objects.public().select_related("parent").prefetch_related("authorities__authority").in_order()

    @extend_schema_field(LandSerializer(allow_null=True))
    def get_land(self, zone):
        """The newest figures; `land` of the context is {zone id: its row}."""
        row = self.context["land"].get(zone.pk)
        if row is None:
            return None
        row.zone = zone
        return LandSerializer(row).data

    @extend_schema_field(PagesSerializer)
    def get_pages(self, zone):
        return pages(self.context["request"], "zone_detail", zone.code)


class CertificateSerializer(SourcedSerializer):
    class Meta:
        model = Certificate
        fields = [
            "kind",
            "number",
            "issued_on",
            "issued_year",
            "issuer",
            "amendment",
            "changes",
            "capital",
            "currency",
            *SOURCED,
        ]


class ProjectSerializer(SourcedSerializer):
    """An investment project. Capital stands in the currency of its certificate; nothing is converted."""

    firm = serializers.SlugRelatedField("code", read_only=True)
    zone = serializers.SlugRelatedField("code", read_only=True, allow_null=True)
    plot = serializers.SlugRelatedField("number", read_only=True, allow_null=True)
    certificates = CertificateSerializer(many=True)

    class Meta:
        model = Project
        fields = [
            "id",
            "code",
            "firm",
            "zone",
            "plot",
            "name",
            "name_en",
            "goal",
            "stage",
            "stage_words",
            "registered_on",
            "registered_year",
            "ended_on",
            "capital",
            "currency",
            "disbursed",
            "land_ha",
            "jobs_planned",
            "certificates",
            *SOURCED,
        ]

    @staticmethod
    def rows():
        return Project.objects.public().select_related("firm", "zone", "plot").prefetch_related("certificates").order_by("pk")


class OtherNameSerializer(SourcedSerializer):
    class Meta:
        model = FirmName
        fields = ["name", "kind", "until_on", *SOURCED]


class ActivitySerializer(serializers.ModelSerializer):
    class Meta:
        model = FirmActivity
        fields = ["version", "code", "is_main"]


class CapabilitySerializer(SourcedSerializer):
    class Meta:
        model = Capability
        fields = [
            "kind",
            "name",
            "name_en",
            "process",
            "materials",
            "tolerance",
            "machines",
            "capacity",
            "capacity_unit",
            "spare_percent",
            "certificates",
            "markets",
            "origin",
            *SOURCED,
        ]


class QualificationSerializer(SourcedSerializer):
    class Meta:
        model = Qualification
        fields = ["kind", "number", "issuer", "issued_on", "expires_on", *SOURCED]


class YearSerializer(SourcedSerializer):
    class Meta:
        model = FirmYear
        fields = ["year", "kind", "value", "is_estimated", *SOURCED]


class ContactSerializer(serializers.ModelSerializer):
    """Whom a firm names, with that person's consent. Write through the firm's page: the portal passes the letter on."""

    class Meta:
        model = Contact
        fields = ["person", "position", "phone", "consented_on"]


class FirmSerializer(SourcedSerializer):
    zone = ZoneBriefSerializer(allow_null=True)
    sector = SectorBriefSerializer(allow_null=True)
    other_countries = serializers.ListField(child=serializers.CharField(), read_only=True)
    moved_to = serializers.SerializerMethodField()
    other_names = OtherNameSerializer(many=True)
    activities = ActivitySerializer(many=True)
    projects = ProjectSerializer(many=True)
    capabilities = CapabilitySerializer(many=True)
    qualifications = QualificationSerializer(many=True)
    years = YearSerializer(many=True)
    contacts = ContactSerializer(many=True)
    updated_at = serializers.DateTimeField(source="touched_at")
    pages = serializers.SerializerMethodField()

    class Meta:
        model = Firm
        fields = [
            "code",
            "tax_code",
            "name",
            "name_en",
            "short_name",
            "native_name",
            "other_names",
            "capital_type",
            "country",
            "other_countries",
            "parent_company",
            "zone",
            "sector",
            "sector_words",
            "activities",
            "high_tech",
            "is_supporting",
            "status",
            "status_words",
            "moved_to",
            "founded_year",
            "address",
            "website",
            "intro",
            "intro_en",
            "projects",
            "capabilities",
            "qualifications",
            "years",
            "contacts",
            "review",
            "confirmed_on",
            "is_demonstration",
            "updated_at",
            "pages",
            *SOURCED,
        ]

    @staticmethod
    def rows():
        """Firms with all that is published of them, in a number of queries that does not depend on how many there are."""
        return (
            Firm.objects.public()
            .select_related("zone", "sector", "moved_to")
            .prefetch_related(
                "other_names",
                "activities",
                "qualifications",
                Prefetch("projects", ProjectSerializer.rows()),
                Prefetch("capabilities", Capability.objects.filter(is_public=True)),
                Prefetch("years", FirmYear.objects.filter(is_public=True)),
                Prefetch("contacts", Contact.objects.filter(consented_on__isnull=False)),
            )
        )

    @extend_schema_field(serializers.CharField(allow_null=True, help_text=Firm._meta.get_field("moved_to").verbose_name))
    def get_moved_to(self, firm):
        target = firm.moved_to
        return target.code if target and target.is_public and not target.merged_into_id else None

    @extend_schema_field(PagesSerializer)
    def get_pages(self, firm):
        return pages(self.context["request"], "firm_detail", firm.code)
