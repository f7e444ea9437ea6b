"""One module of views for each part of the reporting year."""
