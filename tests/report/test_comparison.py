"""The comparison's page and text: well-formed, self-contained, escaped, and what they say."""

import json
import re

import numpy as np
import pytest
from tests.report.test_html import Page, words

import kullback as kb
from kullback.account.comparison import ESTIMATES
from kullback.report.comparison.sentences import NAMES
from kullback.report.comparison.table import MEANINGS

HOSTILE = ["</script><script>alert(1)</script>", "<b>b", "$\\frac$ %"]


@pytest.fixture(scope="module")
def models():
    rng = np.random.default_rng(0)
    p = rng.dirichlet([0.5, 0.5, 0.5], size=500)
    labels = (rng.random((500, 1)) > p.cumsum(axis=1)).sum(axis=1)
    return p, 0.6 * p + 0.4 / 3, labels


@pytest.fixture
def write(tmp_path):
    def written(comparison):
        comparison.to_html(tmp_path / "c.html")
        assert [path.name for path in tmp_path.iterdir()] == ["c.html"]
        return (tmp_path / "c.html").read_text(encoding="utf-8")

    return written


def test_every_number_has_a_name_and_a_meaning():
    assert tuple(NAMES) == tuple(MEANINGS) == ESTIMATES


def test_the_page_holds_every_part(models, write):
    comparison = kb.compare(*models)
    source = write(comparison)
    page = Page(source)
    said = words(page)
    assert page.tags.count("figure") == page.tags.count("figcaption") == 1
    assert page.tags.count("svg") == 2  # a wide and a narrow layout
    assert page.tags.count("li") == 10
    assert "A loses" in said
    for name, e in comparison.estimates().items():
        assert (NAMES[name] in said) == (e is not None), name
    assert json.loads(page.scripts[0]) == comparison.to_dict()
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") for link in page.links)
    assert "#01fe" not in source
    assert write(comparison) == source


def test_names_of_classes_cannot_leave_the_page(models, write):
    source = write(kb.compare(*models, classes=HOSTILE))
    page = Page(source)
    assert page.tags.count("script") == 1
    assert "<b>b" not in source
    assert any("<b>b" in text for text in page.text)


def test_the_difference_is_drawn_where_it_lies(models, write):
    """The picture names the two losses and the difference as the estimates do."""
    comparison = kb.compare(*models)
    drawn = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", write(comparison)))
    for e in (comparison.cross_entropy_a, comparison.cross_entropy_b, comparison.difference):
        assert f"{float(e):.3f} ± {float(e.std_error):.3f}".replace("-", "−") in drawn


def test_infinite_divergences_and_missing_labels_are_said(models, write):
    a, b, _ = models
    b = b.copy()
    b[5] = [0, 0.5, 0.5]
    page = Page(write(kb.compare(a, b)))
    said = words(page)
    assert "infinite in 1 of 500 rows" in said
    assert "= ∞ bits" in said
    assert "Without labels" in said
    assert page.tags.count("svg") == 2
    assert "Cross-entropy" not in said


def test_the_text_says_who_is_better_and_by_how_much(models):
    a, b, labels = models
    won, lost = repr(kb.compare(a, b, labels)), repr(kb.compare(b, a, labels))
    (size,) = re.findall(r"A loses (\S+) bits less than B", won)
    assert f"B loses {size} bits less than A" in lost
    assert all(len(line) <= 100 for line in won.splitlines())
    noise = np.random.default_rng(1).normal(size=b.shape)
    near = b * np.exp(0.05 * noise)
    unsure = kb.compare(b, near / near.sum(axis=1, keepdims=True), labels)
    assert unsure.better is None
    assert "lies within its error" in repr(unsure)
