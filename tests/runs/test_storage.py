"""What is loaded predicts what was saved; encoded text is computed once; nothing is pickled."""

import json
import zipfile

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

import kullback as kb
from kullback.errors import RunFolderError
from kullback.runs.encoding import caching_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rng = np.random.default_rng(0)
    n = 60
    frame = pl.DataFrame({"x": rng.normal(size=n), "t": [f"word {i % 9} of text {i}" for i in range(n)]})
    frame = frame.with_columns(y=pl.when(pl.col("x") > 0).then(pl.lit("ja")).otherwise(pl.lit("né")))
    path = tmp_path_factory.mktemp("storage") / "run"
    kb.fit(frame, target="y", folds=2, epochs=1, output=path, quiet=True)
    return path


def test_no_file_is_pickled(folder):
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not content.startswith(b"\x80"), path.name
        assert not zipfile.is_zipfile(path), path.name
    assert all(isinstance(array, np.ndarray) for array in load_file(folder / "model.safetensors").values())


def copy(folder, to):
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def without_member(path):
    config = json.loads(path.read_text())
    config["model"]["members"][0]["columns"].pop()
    path.write_text(json.dumps(config))


def wider(path):
    config = json.loads(path.read_text())
    config["model"]["settings"]["shape"]["width"] = 7
    path.write_text(json.dumps(config))


DAMAGES = {
    "model cut": ("model.safetensors", cut),
    "model garbage": ("model.safetensors", lambda path: path.write_bytes(b"\xff" * 99)),
    "config cut": ("config.json", cut),
    "config a list": ("config.json", lambda path: path.write_text("[]")),
    "config empty": ("config.json", lambda path: path.write_text("{}")),
    "config of fewer columns": ("config.json", without_member),
    "config of another network": ("config.json", wider),
    "predictions cut": ("predictions.parquet", cut),
    "history garbage": ("history.jsonl", lambda path: path.write_text("{\n")),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_run_is_refused_in_one_line(folder, tmp_path, case):
    name, damage = DAMAGES[case]
    run = copy(folder, tmp_path / "run")
    damage(run / name)
    with pytest.raises(RunFolderError, match=r"^[^\n]*cannot be read, expected [^\n]*; fit again$"):
        kb.load(run)


def test_loaded_and_saved_again_it_is_the_same_model(folder, tmp_path):
    kb.load(folder).save(tmp_path / "again")
    ours, theirs = load_file(folder / "model.safetensors"), load_file(tmp_path / "again" / "model.safetensors")
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ours)
    assert {p.name for p in (tmp_path / "again").iterdir()} == {p.name for p in folder.iterdir()}


def test_text_is_encoded_once(tmp_path, monkeypatch):
    calls = []

    def encode(texts):
        calls.append(len(texts))
        return np.array([[len(t)] for t in texts], np.float32)

    monkeypatch.setattr("kullback.runs.encoding.load_encoder", lambda *_: encode)
    cache = tmp_path / "encoded.safetensors"
    for texts in (["a", "bb"], ["a", "bb"], ["bb", "a"], ["a", "bb"]):
        np.testing.assert_array_equal(caching_encoder("model", cache)(texts)[:, 0], [len(t) for t in texts])
    assert calls == [2, 2]
    caching_encoder("another model", cache)(["a", "bb"])
    assert calls == [2, 2, 2]
    assert [p.name for p in tmp_path.iterdir()] == [cache.name]
    cut(cache)
    caching_encoder("model", cache)(["a", "bb"])
    assert len(calls) == 4


def test_an_encoder_is_cached_in_the_folder_and_reused(tmp_path, monkeypatch):
    calls = []

    def encode(texts):
        calls.append(len(texts))
        return np.array([[len(t), t.count("o")] for t in texts], np.float32)

    monkeypatch.setattr("kullback.runs.encoding.load_encoder", lambda *_: encode)
    frame = pl.DataFrame({"t": [f"so many {'o' * (i % 5)} words {i}" for i in range(60)], "y": ["a", "b"] * 30})
    for overwrite in (False, True):
        kb.fit(frame, "y", encoder="m", folds=2, epochs=1, output=tmp_path / "r", overwrite=overwrite, quiet=True)
    assert calls == [60]
    assert (tmp_path / "r" / "encoded.safetensors").exists()
    loaded = kb.load(tmp_path / "r")
    assert loaded.config["kinds"] == {"t": "encoded text"}
    assert len(loaded.predict(frame.head(7))) == 7
    assert calls == [60, 7]
