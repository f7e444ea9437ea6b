"""The editor's forms of a zone: its facts, its point and outline, and the dated rows of land and authorities."""

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from firms.forms import SOURCED, DoubtsForm, EntryForm, Lines, part_form
from firms.forms_rows import Kind, RowForm
from firms.models import LandFigures, Plot, Zone, ZoneAuthority

# Viet Nam with its sea: a point outside is a slip (latitude and longitude exchanged, a comma lost).
SOUTH, NORTH, WEST, EAST = 6, 24, 101, 118
MOST_POINTS = 5000
MOST_BYTES = 500_000


class OutlineField(Lines):
    """GeoJSON of one polygon or several, as a map program exports it; stored as its bare geometry."""

    def prepare_value(self, value):
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value

    def to_python(self, value):
        if isinstance(value, dict):
            return value
        text = super().to_python(value)
        if not text:
            return None
        if len(text) > MOST_BYTES:
            raise forms.ValidationError(_("This outline is too large. Simplify it in the map program to some hundred points."))
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as broken:
            raise forms.ValidationError(
                _("This is no GeoJSON. Export the outline from the map program and paste the whole file.")
            ) from broken
        return geometry_of(given)

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != initial
        except forms.ValidationError:
            return True


def geometry_of(given):
    """The one geometry of a GeoJSON object, its coordinates checked; ValidationError in words otherwise."""
    if isinstance(given, dict) and given.get("type") == "FeatureCollection":
        features = given.get("features")
        given = features[0] if isinstance(features, list) and len(features) == 1 else None
        if given is None:
            raise forms.ValidationError(_("Paste the outline of this zone alone: one feature."))
    if isinstance(given, dict) and given.get("type") == "Feature":
        given = given.get("geometry")
    if not isinstance(given, dict) or given.get("type") not in ("Polygon", "MultiPolygon"):
        raise forms.ValidationError(_("The outline has to be a polygon (GeoJSON Polygon or MultiPolygon)."))
    polygons = given.get("coordinates")
    polygons = [polygons] if given["type"] == "Polygon" else polygons
    if not isinstance(polygons, list) or not polygons:
        raise forms.ValidationError(_("The outline has no points."))
    count = 0
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise forms.ValidationError(_("The outline has no points."))
        for ring in polygon:
            count += _checked(ring)
    if count > MOST_POINTS:
        raise forms.ValidationError(_("This outline is too large. Simplify it in the map program to some hundred points."))
    return {"type": given["type"], "coordinates": given["coordinates"]}


def _checked(ring):
    """The number of points of one ring, which has to be closed and to lie in Viet Nam."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise forms.ValidationError(_("Each line of the outline needs four points at least."))
    for point in ring:
        if not (isinstance(point, list) and len(point) >= 2 and all(_is_number(it) for it in point[:2])):
            raise forms.ValidationError(_("Each point of the outline is a longitude and a latitude."))
        if not (WEST <= point[0] <= EAST and SOUTH <= point[1] <= NORTH):
            raise forms.ValidationError(
                _("A point of the outline lies outside Viet Nam: %(point)s. GeoJSON writes the longitude first."),
                params={"point": ", ".join(str(it)[:20] for it in point[:2])},
            )
    if ring[0] != ring[-1]:
        raise forms.ValidationError(_("Each line of the outline has to end where it began."))
    return len(ring)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


class ZoneForm(EntryForm):
    def shape(self):
        if "code" in self.fields:
            self.fields["code"].help_text = _(
                "Stands in addresses and never changes: capitals, digits and hyphens, such as KCN-HK."
            )
        if "parent" in self.fields:
            self.fields["parent"].queryset = Zone.objects.exclude(pk=self.instance.pk).in_order()
            self.fields["parent"].empty_label = _("stands by itself")
        if "outline" in self.fields:
            self.fields["outline"] = OutlineField(
                required=False, label=_("Outline (GeoJSON)"),
                help_text=_("One polygon, longitude first, as a map program exports it. Blank: the point alone is shown."),
            )  # fmt: skip

    def clean(self):
        values = super().clean()
        latitude, longitude = values.get("latitude"), values.get("longitude")
        if (latitude is None) != (longitude is None) and "latitude" in self.fields:
            name = "latitude" if latitude is None else "longitude"
            if name not in self.errors:
                self.add_error(name, _("A point needs both its latitude and its longitude."))
        if latitude is not None and not SOUTH <= latitude <= NORTH:
            self.add_error("latitude", _("This latitude lies outside Viet Nam; around Da Nang it is 15.5 to 16.3."))
        if longitude is not None and not WEST <= longitude <= EAST:
            self.add_error("longitude", _("This longitude lies outside Viet Nam; around Da Nang it is 107.5 to 108.8."))
        return values

    def clean_parent(self):
        parent = self.cleaned_data.get("parent")
        above = parent
        for _step in range(20):
            if above is None:
                return parent
            if above.pk == self.instance.pk:
                raise forms.ValidationError(_("A zone cannot be part of itself."))
            above = above.parent
        return parent


class ZoneDoubtsForm(DoubtsForm):
    pass


class LandForm(RowForm):
    """Dated figures; occupancy is computed from them."""


class ManagementForm(RowForm):
    def clean(self):
        values = super().clean()
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first one."))
        return values


FACTS = [
    "name", "name_en", "kind", "parent", "rank", "province", "province_before", "location", "established_year", "decision",
    "developer", "state", "state_words", "website",
]  # fmt: skip
ZONE_PARTS = {
    "facts": (_("Name and facts"), part_form(Zone, ZoneForm, FACTS)),
    "offer": (
        _("Infrastructure and incentives"),
        part_form(Zone, ZoneForm, ["infrastructure", "infrastructure_en", "incentives", "incentives_en"]),
    ),
    "place": (
        _("Point and outline"),
        part_form(Zone, ZoneForm, ["latitude", "longitude", "point_basis", "is_point_sourced", "outline"]),
    ),
    "source": (_("Source and visibility"), part_form(Zone, ZoneDoubtsForm, [*SOURCED, "note", "is_public"])),
}
NewZoneForm = part_form(Zone, ZoneForm, ["code", "name", "name_en", "kind", "parent", "province", "state", "source", "is_public"])
ZONE_ROWS = {
    kind.key: kind
    for kind in [
        Kind(
            "land", _("Land"), LandFigures,
            ("as_of", "as_of_words", "area_ha", "leasable_ha", "leased_ha", "ready_ha", "printed_occupancy"),
            _("Add figures of another day"), owner="zone", form=LandForm,
            intro=_("One row a day of which a source speaks; older rows stay. Occupancy is computed, never typed."),
        ),
        Kind(
            "authorities", _("Managing authorities"), ZoneAuthority, ("authority", "starts_on", "ends_on", "basis"),
            _("Add an authority"), owner="zone", form=ManagementForm,
            intro=_("Who manages the zone from which day on. Both days count; a blank day is not known."),
        ),
        Kind(
            "plots", _("Plots"), Plot, ("number", "area_ha", "state"), _("Add a plot"), owner="zone", once=("number",),
            once_words=_("This plot is there already."),
        ),
    ]
}  # fmt: skip
