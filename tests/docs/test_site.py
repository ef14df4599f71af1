"""The site builds without a warning, in the order of its pages, and fetches nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=quiet, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    return folder


def test_pages_fetch_nothing(site: Path):
    fetched = [
        f"{page.name}: {address}"
        for page in site.rglob("*.html")
        for address in re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]*)', page.read_text())
    ]
    assert fetched == []


def test_pages_are_read_in_order(site: Path):
    home = (site / "index.html").read_text()
    order = [
        home.index(f'href="{page}.html"')
        for page in ("ideas/information", "measures/information", "methods", "reference")
    ]
    later = [home.index(f'href="{page}.html"') for page in ("reference", "measured", "architecture")]
    assert order == sorted(order)
    assert later == sorted(later)


def test_links_of_the_readme_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert all((ROOT / link).exists() for link in links)
