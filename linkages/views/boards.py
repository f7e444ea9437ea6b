"""What people of another zones' board find of their own: its zones, firms, links and agreements."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from linkages import boards
from linkages.access import boards_only


@require_safe
@boards_only
def board_home(request):
    today = timezone.localdate()
    return render(
        request, "linkages/board_home.html", {"pages": [boards.page(it, today) for it in request.boards], "today": today}
    )
