"""PDF: the processes that lay it out, the typeface they set it in, and what every app's documents need besides."""
