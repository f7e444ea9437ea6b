"""The QR code that leads from a printed document to its page."""

import segno


def modules(url):
    """The QR code's modules as the path of an SVG, and its size in modules. No address, no code."""
    if not url:
        return None
    code = segno.make(url, error="m", micro=False)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark)
    return {"path": path, "size": str(len(code.matrix))}
