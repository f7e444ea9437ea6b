"""Administration pages of agencies, who acts for them, which followed which, and the public holidays."""

from django.contrib import admin
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource

from parkportal.admin import KeptAdmin, site
from tasks.models import Agency, AgencyAlias, Holiday, Membership, ReportingCycle, Succession


class AliasInline(admin.TabularInline):
    model = AgencyAlias
    extra = 1


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 1
    autocomplete_fields = ["user"]
    can_delete = False


@admin.register(Agency, site=site)
class AgencyAdmin(KeptAdmin):
    fields = [
        "name", "name_en", "abbreviation", "key", "kind", "is_consolidator", "dissolved_on", "unsure", "source_url",
    ]  # fmt: skip
    list_display = ["name", "abbreviation", "kind", "is_consolidator", "dissolved_on"]
    list_filter = ["kind", "is_consolidator"]
    search_fields = ["name", "name_en", "abbreviation", "search_text", "aliases__name"]
    prepopulated_fields = {"key": ["name"]}
    inlines = [AliasInline, MembershipInline]


@admin.register(Membership, site=site)
class MembershipAdmin(KeptAdmin):
    """Who leaves gets a last day; the entry stays."""

    list_display = ["user", "duty", "agency", "starts_on", "ends_on"]
    list_filter = ["duty", "agency"]
    search_fields = ["user__full_name", "user__email", "agency__name", "agency__search_text"]
    autocomplete_fields = ["user", "agency"]


@admin.register(Succession, site=site)
class SuccessionAdmin(KeptAdmin):
    list_display = ["predecessor", "successor", "effective_on", "change"]
    search_fields = ["predecessor__name", "successor__name"]
    autocomplete_fields = ["predecessor", "successor"]


class HolidayResource(ModelResource):
    class Meta:
        model = Holiday
        import_id_fields = ["date"]
        fields = ["date", "name", "name_en", "is_confirmed", "source"]
        skip_unchanged = True


@admin.register(Holiday, site=site)
class HolidayAdmin(ImportExportModelAdmin):
    """The holidays of a year come as one file, when the government has announced them."""

    resource_classes = [HolidayResource]
    list_display = ["date", "name", "is_confirmed"]
    list_filter = ["is_confirmed"]
    date_hierarchy = "date"


@admin.register(ReportingCycle, site=site)
class ReportingCycleAdmin(KeptAdmin):
    """Only read here: cycles are opened, closed and dated on their own page, where every step is guarded."""

    list_display = ["year", "kind", "state", "opens_on", "agencies_due_on", "consolidation_due_on"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
