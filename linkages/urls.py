"""Addresses of the linkage programme; each name is the view's and the template's."""

from django.urls import path

from linkages.views import linkconfirmations, links, network, partners

urlpatterns = [
    path("links/", network.link_list, name="link_list"),
    path("links/new/", links.link_create, name="link_create"),
    path("links/<int:pk>/", links.link_detail, name="link_detail"),
    path("links/<int:pk>/edit/", links.link_edit, name="link_edit"),
    path("links/<int:pk>/move/", links.link_move, name="link_move"),
    path("links/<int:pk>/review/", links.link_review, name="link_review"),
    path("links/<int:pk>/show/", links.link_show, name="link_show"),
    path("links/<int:pk>/ask/", linkconfirmations.link_ask, name="link_ask"),
    path("links/<int:pk>/evidence/", links.link_evidence_add, name="link_evidence_add"),
    path("link-evidence/<int:pk>/", links.link_evidence_download, name="link_evidence_download"),
    path("link-evidence/<int:pk>/remove/", links.link_evidence_remove, name="link_evidence_remove"),
    path("link-evidence/<int:pk>/restore/", links.link_evidence_restore, name="link_evidence_restore"),
    path("link-confirmation/<str:token>/", linkconfirmations.link_confirm, name="link_confirm"),
    path("registry/partners/", partners.partner_list, name="partner_list"),
    path("registry/partners/new/", partners.partner_create, name="partner_create"),
    path("registry/partners/<int:pk>/", partners.partner_edit, name="partner_edit"),
]
