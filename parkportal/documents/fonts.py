"""Where the PDF's typeface and the libraries that set it are on this machine.

Tinos has the widths of Times New Roman and every Vietnamese letter; "Times New Roman" itself would resolve to an older
Liberation Serif that lacks 93 of them and mixes two faces inside a word. Only whole TTF files: subsets under one family
name exchange glyphs in the PDF."""

import ctypes.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

FACES = {
    "Tinos-Regular.ttf": ("normal", "normal"),
    "Tinos-Bold.ttf": ("bold", "normal"),
    "Tinos-Italic.ttf": ("normal", "italic"),
    "Tinos-BoldItalic.ttf": ("bold", "italic"),
}
# Where `make run` unpacks the packages when it may not install them.
SYSLIBS = Path(__file__).resolve().parents[2] / ".syslibs"
FOLDERS = [
    Path("usr/share/fonts/truetype/croscore"),
    Path("usr/share/fonts/croscore"),
    Path("usr/share/fonts/google-croscore"),
    Path("usr/share/fonts/truetype/tinos"),
]
LIBRARIES = ["pango-1.0", "pangoft2-1.0", "harfbuzz-subset"]
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-croscore"
APT_LINE = f"apt-get install -y --no-install-recommends {PACKAGES}"


def font_folder():
    """The folder that holds the four faces, or None."""
    for root in (SYSLIBS, Path("/")):
        for folder in FOLDERS:
            if all((root / folder / name).is_file() for name in FACES):
                return root / folder
    return _folder_by_fontconfig()


def _folder_by_fontconfig():
    program = shutil.which("fc-match")
    if not program:
        return None
    answer = subprocess.run([program, "-f", "%{file}", "Tinos"], capture_output=True, text=True, timeout=20)  # noqa: S603
    folder = Path(answer.stdout).parent
    return folder if all((folder / name).is_file() for name in FACES) else None


def font_face_css(folder):
    return "\n".join(
        f'@font-face {{ font-family: Tinos; src: url("{(folder / name).as_uri()}"); font-weight: {weight}; font-style: {style} }}'
        for name, (weight, style) in FACES.items()
    )


def library_folders():
    """Folders of unpacked libraries to look in besides the system's own."""
    return sorted({str(path.parent) for path in SYSLIBS.glob("usr/lib/**/libpango-1.0.so*")})


def environment():
    """The rendering process's environment: with the unpacked libraries and their font configuration, if there are any."""
    variables = dict(os.environ)
    if folders := library_folders():
        variables["LD_LIBRARY_PATH"] = ":".join([*folders, *filter(None, [variables.get("LD_LIBRARY_PATH")])])
    config = SYSLIBS / "etc" / "fonts" / "fonts.conf"
    if config.is_file():
        variables.setdefault("FONTCONFIG_FILE", str(config))
    return variables


@cache
def missing():
    """What the PDF lacks here, by name: empty when it can be made. Looked up once: a new package needs a new start anyway."""
    files = [path.name for folder in library_folders() for path in Path(folder).glob("*.so*")]
    unpacked = {name.split(".so")[0].removeprefix("lib") for name in files}
    lacking = [name for name in LIBRARIES if name not in unpacked and not ctypes.util.find_library(name)]
    return lacking if font_folder() else [*lacking, "Tinos"]
