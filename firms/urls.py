"""Addresses of the directory and the registry; each name is the view's and the template's."""

urlpatterns = []
