"""Every example of the pages and of the README runs and prints what it says."""

from __future__ import annotations

import doctest
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if BLOCK.search(path.read_text()))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(path: Path) -> list[tuple[int, str]]:
    """The Python of a page, with the line it begins at."""
    text = path.read_text()
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in BLOCK.finditer(text)]


def failures(path: Path) -> str:
    """Run the blocks of a page in one namespace; what doctest says of those that print something else."""
    said: list[str] = []
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for line, code in blocks(path):
        if ">>>" not in code:
            exec(compile("\n" * line + code, str(path), "exec"), names)  # noqa: S102 (running the page is the test)
            continue
        test = doctest.DocTestParser().get_doctest(code, names, path.name, str(path), line)
        runner.run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
    return "".join(said)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_pages_print_what_they_say(path: Path):
    assert failures(path) == ""


def test_all_pages_of_ideas_and_measures_have_examples():
    pages = [*(ROOT / "docs" / "ideas").glob("*.md"), *(ROOT / "docs" / "measures").glob("*.md")]
    assert len(pages) == 14
    assert set(pages) <= set(PAGES)


def test_the_runner_sees_a_wrong_number(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n```python\n>>> x = 2\n```\n\nthen\n\n```python\n>>> x\n3\n```\n")
    assert "Expected:\n    3\nGot:\n    2" in failures(page)


def test_the_readme_prints_what_its_comments_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """All of its block but the fit, which takes minutes and is run by tests/runs."""
    monkeypatch.chdir(tmp_path)
    ((_, code),) = blocks(ROOT / "README.md")
    lines = [line for line in code.splitlines() if "fit" not in line]
    assert len(lines) == len(code.splitlines()) - 2
    out = io.StringIO()
    with redirect_stdout(out):
        exec("\n".join(lines), {})  # noqa: S102 (running the page is the test)
    said = [re.sub(r".*\)\s+# ", "", line) for line in lines if "# " in line]
    assert without_rounding(out.getvalue()).splitlines() == [without_rounding(line) for line in said]


def without_rounding(text: str) -> str:
    """Drop the numerical error where it is of the size of rounding, which machines do differently."""
    return re.sub(r"error \de-1\d", "error …", text)
