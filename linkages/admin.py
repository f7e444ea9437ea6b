"""Administration pages of the linkages: which person acts for which board of other zones."""

from django.contrib import admin

from linkages.models import BoardMember
from parkportal.admin import KeptAdmin, site


@admin.register(BoardMember, site=site)
class BoardMemberAdmin(KeptAdmin):
    """Who leaves gets a last day; the entry stays."""

    list_display = ["user", "authority", "starts_on", "ends_on"]
    list_filter = ["authority"]
    search_fields = ["user__full_name", "user__email", "authority__name"]
    autocomplete_fields = ["user"]
