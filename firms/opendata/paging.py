"""Lists page by page: the number of rows, the way to the neighbours in the answer and in its Link header."""

from django.core.paginator import EmptyPage
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from parkportal.text import whole_number


class Pages(PageNumberPagination):
    page_size, max_page_size = 25, 100
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset, request, view=None):
        """Rows of the page asked for; `queryset` may be a list of keys as well. Numbers that are none are refused in words."""
        self.request = request
        number = self.number(request, self.page_query_param, 1, None)
        size = self.number(request, self.page_size_query_param, self.page_size, self.max_page_size)
        try:
            self.page = self.django_paginator_class(queryset, size).page(number)
        except EmptyPage as error:
            raise NotFound(_("The list has no page {number}.").format(number=number)) from error
        return list(self.page)

    @staticmethod
    def number(request, name, otherwise, most):
        given = request.query_params.get(name)
        if given is None:
            return otherwise
        number = whole_number(given)
        if not number or (most and number > most):
            words = _("Give a whole number from 1 to {most}.").format(most=most) if most else _("Give a whole number from 1 on.")
            raise ValidationError({name: words})
        return number

    def get_paginated_response(self, data):
        following, preceding = self.get_next_link(), self.get_previous_link()
        links = [f'<{link}>; rel="{rel}"' for rel, link in [("next", following), ("prev", preceding)] if link]
        content = {
            "count": self.page.paginator.count,
            "page": self.page.number,
            "pages": self.page.paginator.num_pages,
            "next": following,
            "previous": preceding,
            "results": data,
        }
        return Response(content, headers={"Link": ", ".join(links)} if links else {})

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        number = {"type": "integer", "minimum": 0}
        properties = {"count": number, "page": number, "pages": number, "next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view):
        names = {self.page_query_param: None, self.page_size_query_param: self.max_page_size}
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1} | ({"maximum": most} if most else {}),
            }
            for name, most in names.items()
        ]
