"""Make the tables of docs/measures and of the README that say which method answers what, by asking the library.

python scripts/make_tables.py
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from families import FAMILIES, HELD, MODELS, Holding

import kullback as kb
from kullback.estimators import METHODS

ROOT = Path(__file__).parents[1]
COLUMNS = ("closed form", "exact sum", "series", "quadrature", "cubature", "monte carlo")
CHEAP: Any = {"max_evals": 2**15, "rng": 0}
LEGEND = (
    "● what answers by itself · ○ also answers with `method=` · ✗ answers with `method=`, and is not within "
    "four standard errors of ●"
)


def short(method: str) -> str:
    """Leave out how Monte Carlo was made better, and name a way that both halves of a divergence took once."""
    parts = [part if part.startswith("plug-in") else part.partition(",")[0] for part in method.split(" and ")]
    return " and ".join(dict.fromkeys(parts))


def answer(ask: Callable[[], kb.Estimate], *, why: bool = False) -> str:
    """Ask, and say by which method it was answered; `no`, and on request what to do instead, if it is refused."""
    try:
        estimate = ask()
    except kb.KullbackError as error:
        said = str(error)
        return "no: " + (said.partition("; ")[2] or said.partition(", ")[2]) if why else "no"
    value = np.asarray(estimate.value, dtype=np.float64)
    if np.isnan(value).any():
        raise ValueError(f"{estimate!r} is no answer")
    return "+∞, " + short(estimate.method) if np.isinf(value).all() else short(estimate.method)


def rows(head: list[str], body: list[list[str]]) -> str:
    """Lay out a table of Markdown."""
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def entropy_table() -> str:
    """Every class of torch.distributions against every method."""
    body = [[name, *_marks(make())] for name, make in FAMILIES.items()]
    return rows(["P", *COLUMNS], body) + "\n\n" + LEGEND


def _marks(p: Any) -> list[str]:
    default = kb.entropy(p, **CHEAP)
    return [_mark(p, default, method) for method in COLUMNS]


def _mark(p: Any, default: kb.Estimate, method: str) -> str:
    if short(default.method) == method:
        return "●"
    try:
        with drawing():
            forced = kb.entropy(p, method=method, **CHEAP)
    except kb.KullbackError:
        return ""
    allowed = 4 * float(forced.std_error + default.std_error) + float(forced.error + default.error) + 1e-9
    return "○" if abs(float(forced) - float(default)) <= allowed else "✗"


def pair_table(measure: Callable[..., kb.Estimate]) -> str:
    """P of each kind of outcome against a few Q of the same kind."""
    return "\n\n".join(_pairs(measure, kind, ps, qs) for kind, (ps, qs) in MODELS.items())


def _pairs(measure: Callable[..., kb.Estimate], kind: str, ps: tuple[str, ...], qs: dict[str, Any]) -> str:
    body = [[name, *(_cell(measure, name, q) for q in qs.values())] for name in ps]
    return rows([f"P ↓ Q → ({kind})", *qs], body)


def _cell(measure: Callable[..., kb.Estimate], name: str, q: Any) -> str:
    return answer(lambda: measure(FAMILIES[name](), q, **CHEAP))


def information_table() -> str:
    """Which classes of torch.distributions have −log q(x) at one of their draws, by the method that gave it."""
    torch.manual_seed(0)
    found: dict[str, list[str]] = {}
    for name, make in FAMILIES.items():
        q = make()
        with drawing():
            x = q.sample((1,))
        found.setdefault(answer(lambda q=q, x=x: kb.information(q, x)), []).append(name)
    return rows(["−log q(x) by", "Q"], [[method, ", ".join(names)] for method, names in found.items()])


@contextmanager
def drawing() -> Generator[None, None, None]:
    """Draw without what torch says of every draw of a Wishart distribution, that it is singular."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Singular sample")
        yield


def joint_table(asked: str) -> str:
    """What a person holds of two variables against the method that answers."""
    body = [[name, answer(lambda h=h: ASKED[asked](h), why=True)] for name, h in HELD.items()]
    return with_notes(["joint", "by"], body)


def counts_table() -> str:
    """Every method for counts against the measures."""
    names = [name for name, (for_samples, _) in METHODS.items() if for_samples]
    body = [[f"`{name}`", *(_counted(measure, held, name) for measure, held in OF_COUNTS.values())] for name in names]
    return rows(["method", *OF_COUNTS], body) + "\n\n● what answers by itself · ○ answers with `method=`"


def _counted(measure: Callable[..., kb.Estimate], held: tuple[Any, ...], name: str) -> str:
    try:
        forced = measure(*held, method=name)
    except kb.KullbackError:
        return ""
    return "●" if float(forced) == float(measure(*held)) else "○"


_COUNTS = HELD["`kb.Counts`"]
_PAIR = (_COUNTS.p, _COUNTS.q)
OF_COUNTS: dict[str, tuple[Callable[..., kb.Estimate], tuple[Any, ...]]] = {
    "H(P)": (kb.entropy, (_COUNTS.p,)),
    "H(P, Q)": (kb.cross_entropy, _PAIR),
    "KL(P‖Q)": (kb.kl_divergence, _PAIR),
    "JS(P, Q)": (kb.jensen_shannon, _PAIR),
    "I(X;Y)": (kb.mutual_information, _COUNTS.joint),
    "H(Y∣X)": (kb.conditional_entropy, _COUNTS.joint),
}


def works_table() -> str:
    """What a person holds against the measures."""
    body = [
        [name, *(answer(lambda h=h, ask=ask: ask(h), why=True) for ask in ASKED.values())] for name, h in HELD.items()
    ]
    return with_notes(["what you hold", *ASKED], body)


def with_notes(head: list[str], body: list[list[str]]) -> str:
    """Lay out a table whose refusals are numbered, and say below what to do instead."""
    reasons = list(dict.fromkeys(cell for line in body for cell in line if cell.startswith("no: ")))
    numbers = {reason: f"no {number}" for reason, number in zip(reasons, "¹²³⁴⁵⁶⁷⁸⁹", strict=False)}
    table = rows(head, [[numbers.get(cell, cell) for cell in line] for line in body])
    notes = [f"{numbers[reason].removeprefix('no ')} {reason.removeprefix('no: ')}" for reason in reasons]
    return "\n\n".join([table, " · ".join(notes)]) if notes else table


ASKED: dict[str, Callable[[Holding], kb.Estimate]] = {
    "−log q(x)": lambda h: kb.information(h.q, h.x),
    "H(P)": lambda h: kb.entropy(h.p, **CHEAP),
    "H(P, Q), exp H": lambda h: kb.cross_entropy(h.p, h.q, **CHEAP),
    "KL(P‖Q)": lambda h: kb.kl_divergence(h.p, h.q, **CHEAP),
    "JS(P, Q)": lambda h: kb.jensen_shannon(h.p, h.q, **CHEAP),
    "I(X;Y)": lambda h: kb.mutual_information(*h.joint, **CHEAP),
    "H(Y∣X)": lambda h: kb.conditional_entropy(h.joint[0], **CHEAP),
}

FAMILY_MARKS = ("<!-- table: family x method -->", "<!-- end -->")
COUNTS_MARKS = ("<!-- table: counts x method -->", "<!-- end -->")
WORKS_MARKS = ("<!-- works: begin -->", "<!-- works: end -->")

TABLES: dict[str, tuple[tuple[str, str], Callable[[], str]]] = {
    "docs/measures/information.md": (FAMILY_MARKS, information_table),
    "docs/measures/entropy.md": (FAMILY_MARKS, entropy_table),
    "docs/measures/cross_entropy.md": (FAMILY_MARKS, lambda: pair_table(kb.cross_entropy)),
    "docs/measures/kl_divergence.md": (FAMILY_MARKS, lambda: pair_table(kb.kl_divergence)),
    "docs/measures/jensen_shannon.md": (FAMILY_MARKS, lambda: pair_table(kb.jensen_shannon)),
    "docs/measures/perplexity.md": (FAMILY_MARKS, lambda: pair_table(kb.perplexity)),
    "docs/measures/mutual_information.md": (FAMILY_MARKS, lambda: joint_table("I(X;Y)")),
    "docs/measures/conditional_entropy.md": (FAMILY_MARKS, lambda: joint_table("H(Y∣X)")),
    "docs/methods.md": (COUNTS_MARKS, counts_table),
    "README.md": (WORKS_MARKS, works_table),
}
"""Page → the marks between which its table is, and what makes it."""


def between(text: str, marks: tuple[str, str]) -> str:
    """Read the table of a page."""
    return text.partition(marks[0])[2].partition(marks[1])[0].strip()


def filled(text: str, marks: tuple[str, str], table: str) -> str:
    """Put a table into a page."""
    before, _, rest = text.partition(marks[0])
    if marks[1] not in rest:
        raise ValueError(f"the page has no {marks[0]} … {marks[1]}, expected both; write them where the table goes")
    return f"{before}{marks[0]}\n\n{table}\n\n{marks[1]}{rest.partition(marks[1])[2]}"


if __name__ == "__main__":
    for page, (marks, make) in TABLES.items():
        path = ROOT / page
        path.write_text(filled(path.read_text(), marks, make()))
