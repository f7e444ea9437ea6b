"""What the pages are measured on: 20 years of cycles, and two bare pages beside the real ones."""
