"""Zones and the registry of firms: what the investors' directory shows."""
