"""Spreadsheets of editors: received, read, mapped, checked, shown, decided, imported and given back with remarks."""
