"""What the registry gives away to machines: what is published of each noun, in which form, and how often it may be asked for."""
