"""The plan's tasks that everybody may read, for search engines."""

from django.urls import reverse

from parkportal.crawlers import RowSitemap
from tasks.models import Task


class TaskSitemap(RowSitemap):
    def items(self):
        return Task.objects.order_by("position").values_list("code", flat=True)

    def location(self, code):
        return reverse("plan_task_public", args=[code])
