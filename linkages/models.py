"""Linkage chains between firms, their needs and offers, and the sessions that match them."""
