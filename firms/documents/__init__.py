"""The dossier as PDF and as a workbook: both only set what firms.dossiers put together."""
