"""The HTML file: well-formed, self-contained, escaped, whole or absent, and the same every time."""

import dataclasses
import json
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from kullback.account import audit
from kullback.errors import InputError
from kullback.report import write_html

VOID = {"meta", "br", "hr", "img", "input", "link"}

HOSTILE = ["<script>alert(1)</script>", "$\\frac$ " + "w" * 2000, "😀\x00 é</b>"]

CURVES = [
    {"fold": fold, "epoch": epoch, "train": 1.4 / (1 + epoch), "held_out": 1.5 - 0.1 * epoch + 0.01 * fold}
    for fold in range(3)
    for epoch in range(4)
]


class Page(HTMLParser):
    """Collects what the tests ask of a page, and refuses elements that are not closed in order."""

    def __init__(self, source):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.text, self.scripts = [], [], [], [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"src", "href", "xlink:href", "action"}:
                self.links.append(value)
            assert not name.startswith("on")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.scripts if self.open and self.open[-1] == "script" else self.text).append(data)


@pytest.fixture
def write(tmp_path):
    def written(account, **options):
        path = tmp_path / "report.html"
        write_html(account, path, **options)
        return path.read_text(encoding="utf-8")

    return written


@pytest.fixture
def full(account, write):
    source = write(account, title="A title", curves=CURVES, texts=[f"text {i}" for i in range(40)], facts={"seed": "7"})
    return Page(source)


def words(page):
    return " ".join(" ".join(page.text).split())


def test_all_parts_are_there(full):
    said = words(full)
    assert full.tags.count("figure") == full.tags.count("figcaption") == 4
    assert full.tags.count("svg") == 6  # the account and the curves have a wide and a narrow layout
    for part in ("A title", "40 rows", "a better model could still learn at least 0.574", "1.1224", "text 3", "seed"):
        assert part in said
    assert said.count("excess") >= 20


def test_nothing_is_fetched(full, account, write):
    assert all(link.startswith("#") for link in full.links)
    source = write(account, curves=CURVES)
    assert "@import" not in source
    assert not [part for part in source.split("url(")[1:] if not part.startswith("#")]


def test_ids_are_unique_and_what_is_referred_to_exists(full, account, write):
    assert len(full.ids) == len(set(full.ids))
    referred = {link[1:] for link in full.links}
    referred |= {part.split(")")[0][1:] for part in write(account, curves=CURVES).split("url(")[1:]}
    assert referred
    assert referred <= set(full.ids)


def test_colours_follow_the_page(account, write):
    source = write(account, curves=CURVES)
    assert "#01fe" not in source
    for role in ("ink", "floor", "learnable", "captured"):
        assert f"var(--{role})" in source.partition("<svg")[2]


def test_the_numbers_are_embedded(account, write):
    hostile = dataclasses.replace(account, held_out="</script><script>alert(1)</script>")
    page = Page(write(hostile))
    (data,) = page.scripts
    assert json.loads(data) == json.loads(json.dumps(hostile.to_dict()))


def test_hostile_strings_are_shown_and_do_nothing(account, write):
    seen = dataclasses.replace(account.observations, classes=tuple(HOSTILE))
    hostile = dataclasses.replace(account, observations=seen, held_out="<b>held", warnings=("<i>careful",))
    source = write(hostile, title=HOSTILE[0], texts=[*HOSTILE, ""] * 10, facts={HOSTILE[0]: HOSTILE[2]})
    page = Page(source)
    assert "<script>alert" not in source
    assert page.tags.count("script") == 1
    assert not {"i", "img"} & set(page.tags)
    said = words(page)
    assert "<script>alert(1)</script>" in said
    assert "$\\frac$" in said
    assert "<i>careful" in said
    assert "(empty)" in said
    assert "w" * 301 not in said
    assert "\x00" not in source


def test_two_classes_with_a_hostile_name(write):
    q = np.random.default_rng(1).dirichlet([1, 1], size=60)
    labels = (np.random.default_rng(2).random(60) < q[:, 1]).astype(int)
    source = write(audit(q, labels, classes=["no", HOSTILE[0]]))
    Page(source)
    assert "<script>alert" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt; against the share" in source


def test_warnings_stand_before_the_pictures(leaked, write):
    source = write(leaked)
    assert source.index("lies below the noise floor: labels have leaked") < source.index("<svg")
    assert "too good to be true" in source


@pytest.mark.parametrize("case", ["account", "single", "leaked", "worse"])
def test_the_bar_says_what_it_shows(case, request, write):
    said = {
        "account": "Noise or learnable: not known",
        "single": "one label per row cannot tell them apart",
        "leaked": "The loss lies below the noise floor: too good to be true: 0.078 ± 0.010 bits",
        "worse": "Worse than guessing the label frequencies: 0.503 ± 0.020 bits",
    }
    label = write(request.getfixturevalue(case)).partition('aria-label="')[2].partition('"')[0]
    assert said[case] in label


def test_the_same_account_gives_the_same_bytes(account, write):
    assert write(account, curves=CURVES) == write(account, curves=CURVES)


def test_the_settings_of_the_user_are_neither_used_nor_changed(account, write):
    import matplotlib

    plain = write(account)
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.grid": True}):
        assert write(account) == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_a_failed_write_leaves_nothing(account, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_html(account, tmp_path / "taken")
    with pytest.raises(FileNotFoundError):
        write_html(account, tmp_path / "absent" / "report.html")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
    assert list((tmp_path / "taken").iterdir()) == []


def test_an_existing_report_survives_bad_arguments(account, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("before")
    with pytest.raises(InputError, match="texts has 3 entries, expected 40"):
        write_html(account, path, texts=["a"] * 3)
    with pytest.raises(InputError, match="without 'held_out'"):
        write_html(account, path, curves=[{"fold": 0, "epoch": 0, "train": 1.0}])
    assert path.read_text() == "before"
    with path.open() as reader:
        write_html(account, path)
        # who is reading the old report goes on reading it: the new one was moved into its place
        assert reader.read() == "before"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_importing_the_report_loads_no_drawing_library():
    heavy = ("matplotlib", "jinja2", "torch", "polars")
    code = f"import sys, kullback.report; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("n", "n_classes", "k"), [(2, 2, 1), (3, 3, 2), (20, 2, 1), (700, 30, 3)])
def test_all_shapes_are_drawn(n, n_classes, k, write):
    rng = np.random.default_rng(n)
    q = 0.99 * rng.dirichlet(np.full(n_classes, 0.3), size=n) + 0.01 / n_classes
    counts = np.stack([rng.multinomial(k, row / row.sum()) for row in q])
    Page(write(audit(q, counts=counts, base=None), curves=CURVES[:1]))


def test_a_saturated_model_is_drawn(write):
    q = np.eye(3)[np.arange(60) % 3]
    Page(write(audit(q, np.arange(60) % 3)))
