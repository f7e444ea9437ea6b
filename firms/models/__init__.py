"""The nouns of the registry: zones, firms, projects, and what editors and visitors do with them."""

from firms.models.edition import Edition
from firms.models.firms import (
    Capability,
    CodeCounter,
    Contact,
    Firm,
    FirmActivity,
    FirmName,
    FirmYear,
    Qualification,
    Sector,
)
from firms.models.matching import FirmMerge, LikelyPair
from firms.models.projects import Certificate, Currency, ExchangeRate, Project, converted
from firms.models.public import ConfirmationLink, Correction, Dossier, Enquiry, SavedSearch
from firms.models.sourced import Confidence, Review
from firms.models.uploads import RememberedColumn, Upload
from firms.models.zones import Authority, LandFigures, Plot, Zone, ZoneAuthority

__all__ = [
    "Authority",
    "Capability",
    "Certificate",
    "CodeCounter",
    "Confidence",
    "ConfirmationLink",
    "Contact",
    "Correction",
    "Currency",
    "Dossier",
    "Edition",
    "Enquiry",
    "ExchangeRate",
    "Firm",
    "FirmActivity",
    "FirmMerge",
    "FirmName",
    "FirmYear",
    "LandFigures",
    "LikelyPair",
    "Plot",
    "Project",
    "Qualification",
    "RememberedColumn",
    "Review",
    "SavedSearch",
    "Sector",
    "Upload",
    "Zone",
    "ZoneAuthority",
    "converted",
]
