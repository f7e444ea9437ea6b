"""Measurements, each a module that prints ratios: make bench."""
