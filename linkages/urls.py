"""Addresses of the linkage programme; each name is the view's and the template's."""

urlpatterns = []
