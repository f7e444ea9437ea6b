"""Pages: what is published for everybody, the rest for the authority's officers."""
