"""The house's own rules: direction of imports, words in both languages, settings in the README, nothing from elsewhere."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
APPS = ["parkportal", "tasks", "firms", "linkages"]
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
PAGES = sorted((ROOT / "templates").rglob("*.html"))
CATALOGUES = {language: ROOT / f"parkportal/locale/{language}/LC_MESSAGES/django.po" for language in ("vi", "en")}
FORBIDDEN_NAMES = {"services", "utils", "helpers", "mixins", "signals", "common", "misc"}
README = (ROOT / "README.md").read_text()


def short(path):
    return str(path.relative_to(ROOT))


def test_imports_go_one_way():
    """In a process of its own: the linter switches off the log of whatever is loaded beside it."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_import_hides_inside_a_function(path):
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [node.lineno for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not hidden, f"{short(path)} imports inside a function at lines {hidden}"


def test_modules_are_named_after_what_they_do():
    assert [short(path) for path in MODULES if path.stem in FORBIDDEN_NAMES] == []


def test_files_stay_readable():
    lengths = {short(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


@pytest.mark.parametrize("path", [path for path in PAGES if not {"mail", "email", "document"} & set(path.parts)], ids=short)
def test_pages_carry_no_inline_style_script_or_handler(path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"<style|\sstyle=", text), "inline style"
    assert not re.search(r"\son[a-z]+=", text), "inline handler"


def test_pages_fetch_nothing_from_elsewhere():
    sources = [*PAGES, *(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    fetched = re.compile(r"""(?:src=|@import|url\(|from\s|<link[^>]*href=)\s*["']?(?:https?:)?//""")
    assert [short(path) for path in sources if fetched.search(path.read_text())] == []


# Words --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", CATALOGUES)
def test_every_string_is_translated_and_none_is_guessed(language):
    entries = [entry for entry in polib.pofile(str(CATALOGUES[language])) if not entry.obsolete]
    assert [entry.msgid for entry in entries if entry.fuzzy or not entry.translated()] == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_keeps_the_places_of_its_values(language):
    places = re.compile(r"%\(\w+\)[sd]|{\w*}|%[sd]")
    wrong = []
    for entry in polib.pofile(str(CATALOGUES[language])):
        if entry.obsolete or not entry.translated():
            continue
        allowed = set(places.findall(entry.msgid)) | set(places.findall(entry.msgid_plural))
        needed = set(places.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            found = set(places.findall(text))
            if not found <= allowed or (not entry.msgid_plural and found != needed):
                wrong.append((entry.msgid, text))
    assert wrong == []


@pytest.mark.gettext
def test_every_string_of_the_code_is_in_the_catalogues(tmp_path):
    copy = tmp_path / "portal"
    for part in [*APPS, "templates", "fixtures", "static"]:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "manage.py", copy)
    command = [sys.executable, "manage.py", "makemessages", "-l", "vi", "-l", "en", "--no-obsolete", "--no-location"]
    environment = {key: value for key, value in os.environ.items() if key not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")}
    environment |= {"VAR_DIR": str(tmp_path / "var")}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for path in CATALOGUES.values():
        known = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}
        collected = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(copy / path.relative_to(ROOT)))}
        assert collected - known == set(), f"run make catalogues: {short(path)} lacks these"
        assert known - collected == set(), f"run make catalogues: {short(path)} has these that no code says any more"


def test_pages_leave_vietnamese_to_the_catalogue():
    """Vietnamese in a page would be shown to English readers too. What stays Vietnamese for them says so: lang="vi"."""
    vietnamese = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    aside = re.compile(r"{#.*?#}|{% (comment|blocktranslate).*?{% end\1 %}|{%.*?%}|<(\w+)[^>]* lang=.*?</\2>", re.DOTALL)
    pages = [path for path in PAGES if not {"document", "mail"} & set(path.parts)]
    found = {short(path): vietnamese.search(aside.sub("", path.read_text())) for path in pages}
    assert {name: match.string[max(0, match.start() - 30) :][:60] for name, match in found.items() if match} == {}


# Settings -----------------------------------------------------------------------------------------------------------
def settings_read():
    text = (ROOT / "parkportal" / "settings.py").read_text()
    return set(re.findall(r'env\.\w+\("([A-Z_]+)"', text)) | set(re.findall(r'required\("([A-Z_]+)"\)', text))


def test_every_setting_stands_in_the_readme_and_the_readme_invents_none():
    section = README.split("## Every setting")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE))
    assert told == settings_read()


def test_the_readme_names_only_places_and_commands_that_exist():
    commands = {path.stem for app in APPS for path in (ROOT / app).glob("management/commands/*.py")}
    djangos = {"migrate", "collectstatic", "createsuperuser", "runserver"}
    assert set(re.findall(r"manage\.py ([a-z_]+)", README)) <= commands | djangos
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make (run|test|lint|bench|catalogues)\b", README)) <= targets
    for place in re.findall(r"`((?:parkportal|tasks|tests|\.ci|fixtures)/[\w./]+)`", README):
        assert (ROOT / place).exists(), place


SUSPICIOUS = re.compile(r"/root/|/home/[a-z]+/|BEGIN (RSA|EC|OPENSSH) PRIVATE|index-url|\b(TODO|FIXME|XXX)\b")
WRITTEN = {".py", ".md", ".toml", ".txt", ".yml", ".html", ".css", ".js", ""}


def test_the_repository_names_no_machine_no_secret_and_nothing_left_to_do():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    paths = [ROOT / name for name in names if not name.startswith("fixtures/sources")]
    ours = [path for path in paths if path.is_file() and path.suffix in WRITTEN and path != Path(__file__)]
    assert [short(path) for path in ours if SUSPICIOUS.search(path.read_text(errors="ignore"))] == []
