"""Make src/kullback/datasets/reviews.parquet from the source distribution of vaderSentiment 0.5 (MIT).

The archive `additional_resources/hutto_ICWSM_2014.tar.gz` in it holds 3,708 sentences of Amazon product reviews, each
scored from −4 to 4 by 20 people (Hutto & Gilbert 2014, VADER, ICWSM-14; the reviews are those of Hu & Liu 2004).
The label of a score is its sign. The raters are anonymous: `rater_1` is not the same person in every row.

    python scripts/make_reviews.py [vaderSentiment-0.5.zip]

Without a path the file is fetched with pip.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[1] / "src" / "kullback" / "datasets"
ARCHIVE = "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz"
STEM = "hutto_ICWSM_2014/amazonReviewSnippets_"
SIGNS = {-1: "negative", 0: "neutral", 1: "positive"}


def download(folder: str) -> Path:
    """Fetch the source distribution from the package index."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation", "--dest", folder]
    subprocess.run([*pip, "vaderSentiment==0.5"], check=True)  # noqa: S603 (fixed arguments)
    return Path(folder) / "vaderSentiment-0.5.zip"


def read_rows(archive: bytes, kind: str) -> dict[str, list[str]]:
    """Read one tab-separated file of the archive: id → its other fields."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(f"{STEM}{kind}.txt")
        if member is None:
            raise SystemExit(f"{STEM}{kind}.txt is not a file in the archive")
        lines = member.read().decode("utf-8-sig").splitlines()
    return {row[0]: row[1:] for row in (line.split("\t") for line in lines if line)}


def main() -> None:
    """Write the Parquet file and the licence beside it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(sys.argv[1] if len(sys.argv) > 1 else download(folder)) as source,
    ):
        archive = source.read(ARCHIVE)
        licence = source.read("vaderSentiment-0.5/LICENSE.txt").decode()
    texts, ratings = read_rows(archive, "GroundTruth"), read_rows(archive, "anonDataRatings")
    if set(texts) != set(ratings):
        raise SystemExit("the ids of the texts and of the ratings differ")
    scores = {key: ast.literal_eval(fields[-1]) for key, fields in ratings.items()}
    columns: dict[str, list[str]] = {
        "review": [key.partition("_")[0] for key in texts],
        "text": [fields[-1] for fields in texts.values()],
    }
    for rater in range(20):
        columns[f"rater_{rater + 1}"] = [SIGNS[(s > 0) - (s < 0)] for s in (scores[key][rater] for key in texts)]
    pl.DataFrame(columns).write_parquet(ROOT / "reviews.parquet", compression="zstd", compression_level=19)
    (ROOT / "licences" / "reviews.txt").write_text(licence.replace("\r\n", "\n"))


if __name__ == "__main__":
    main()
