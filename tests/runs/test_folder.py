"""The run folder: made whole or not at all, and never in the place of something else."""

import json

import pytest

from kullback.errors import RunFolderError
from kullback.runs.folder import CONFIG, ENCODED, FILES, INCOMPLETE, RunFolder, next_folder, require_complete

OURS = {"model": {}, "held_out": "out-of-fold", "versions": "kullback"}


def fill(folder, text):
    for name in FILES:
        folder.write_text(name, json.dumps(OURS) if name == CONFIG else text)


def write_run(path, text="old", *, overwrite=False):
    with RunFolder(path, overwrite=overwrite) as folder:
        fill(folder, text)


def fail(path, error, *, overwrite=False):
    with RunFolder(path, overwrite=overwrite) as folder:
        fill(folder, "new")
        (path / ENCODED).touch()
        raise error


def content(path):
    return {p.name: p.read_text() if p.is_file() else None for p in path.iterdir()}


def test_it_is_incomplete_until_the_end(tmp_path):
    path = tmp_path / "a" / "run"
    with RunFolder(path, overwrite=False) as folder:
        assert (path / INCOMPLETE).exists()
        with pytest.raises(
            RunFolderError, match=r"is incomplete, expected a finished run; fit again with --overwrite$"
        ):
            require_complete(path)
        fill(folder, "new")
    assert set(content(path)) == set(FILES)
    require_complete(path)


def test_an_error_leaves_nothing_not_even_the_folders_above(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "a" / "b" / "run", ZeroDivisionError)
    assert not list(tmp_path.iterdir())


def test_an_error_leaves_folders_that_were_there(tmp_path):
    (tmp_path / "runs").mkdir()
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "runs" / "run", ZeroDivisionError)
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_earlier_run_survives_whatever_goes_wrong(tmp_path, error):
    write_run(tmp_path / "run")
    (tmp_path / "run" / ENCODED).write_text("embeddings")
    before = content(tmp_path / "run")
    with pytest.raises((ZeroDivisionError, KeyboardInterrupt, RunFolderError)):
        fail(tmp_path / "run", error, overwrite=True)
    assert content(tmp_path / "run") == before


def test_an_earlier_run_is_replaced_and_its_encoded_text_and_others_files_kept(tmp_path):
    write_run(tmp_path / "run")
    (tmp_path / "run" / ENCODED).write_text("embeddings")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    write_run(tmp_path / "run", "new", overwrite=True)
    found = content(tmp_path / "run")
    assert set(found) == {*FILES, ENCODED, "notes.txt"}
    assert found["model.safetensors"] == "new"
    assert (found["notes.txt"], found[ENCODED]) == ("mine", "embeddings")


def test_a_run_that_was_killed_may_be_replaced(tmp_path):
    folder = RunFolder(tmp_path / "run", overwrite=False).__enter__()
    folder.write_text("model.safetensors", "half")
    with pytest.raises(RunFolderError, match=r"exists, expected a new one; use overwrite=True \(--overwrite\)$"):
        RunFolder(tmp_path / "run", overwrite=False)
    write_run(tmp_path / "run", overwrite=True)
    assert set(content(tmp_path / "run")) == set(FILES)


NO_RUNS = {
    "a model of another library": {"config.json": '{"model_type": "bert"}', "model.safetensors": "x"},
    "a list": {"config.json": "[1]"},
    "garbage": {"config.json": "\udcff{"},
    "another's note": {"INCOMPLETE": "my homework"},
    "papers": {"thesis.tex": "x"},
}


@pytest.mark.parametrize("case", NO_RUNS)
def test_what_is_no_run_is_never_touched(tmp_path, case):
    for name, text in NO_RUNS[case].items():
        (tmp_path / name).write_bytes(text.encode("utf-8", errors="surrogateescape"))
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(
        RunFolderError, match=r"is no run folder, expected one to overwrite; name another with --output$"
    ):
        RunFolder(tmp_path, overwrite=True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").write_text("x")
    for overwrite in (False, True):
        with pytest.raises(RunFolderError):
            RunFolder(tmp_path / "run", overwrite=overwrite)
    with pytest.raises(RunFolderError, match=r"run folder .*/run/deep cannot be written: Not a directory; "):
        write_run(tmp_path / "run" / "deep")


def test_names_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(next_folder("t")) == "runs/t"
    for name in ("t", "t-2"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert str(next_folder("t")) == "runs/t-3"


def test_an_empty_folder_is_no_run_but_may_become_one(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(RunFolderError, match=r"has no model\.safetensors, expected a run folder; "):
        require_complete(tmp_path / "run")
    write_run(tmp_path / "run")
    require_complete(tmp_path / "run")
