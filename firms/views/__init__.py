"""Pages: the directory for everybody, the registry for the authority's editors."""
