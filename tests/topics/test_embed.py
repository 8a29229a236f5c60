"""Sentence vectors, where their weights come from, and what the cache keeps."""

import contextlib
import shutil

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits

from cxresearch.study.schema import InputError
from cxresearch.topics import embed as module
from cxresearch.topics.embed import DEFAULT, embed, encoder_files

TEXTS = ["the printer is broken", "my card was stolen", "the printer is broken", ""]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def vectors(cache):
    return embed(TEXTS, cache=cache)


@contextlib.contextmanager
def threads(number):
    """As many threads for torch and the like."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    with threadpool_limits(number):
        yield
    torch.set_num_threads(before)


def test_vectors_are_float32_of_length_one(vectors):
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_equal_texts_have_equal_vectors_and_alike_ones_are_near(vectors):
    printing, card, same, _ = vectors
    jam = embed(["paper jam in the printer"])[0]
    assert (printing == same).all()
    assert jam @ printing > jam @ card + 0.2


def test_neither_threads_nor_the_texts_beside_it_change_a_bit_of_a_text_s_vector(tmp_path):
    texts = [f"{'the printer shows an error ' * (n % 5)}on page {n}" for n in range(60)]
    together, apart = np.zeros((2, 60, 384))
    with threads(1):
        together[:] = embed(texts, cache=tmp_path / "together")
    with threads(2):
        for some in np.split(np.random.default_rng(3).permutation(60), 4):
            apart[some] = embed([texts[n] for n in some], cache=tmp_path / "apart")
    np.testing.assert_array_equal(apart, together)


def test_a_text_in_the_cache_is_not_encoded_again(vectors, cache, monkeypatch):
    monkeypatch.setattr(module, "_model", lambda *_: pytest.fail("the encoder was loaded"))
    np.testing.assert_array_equal(embed(TEXTS[::-1], cache=cache), vectors[::-1])


def test_a_broken_cache_file_and_a_killed_write_do_no_harm(vectors, tmp_path, cache):
    shutil.copytree(cache, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.rglob("*.parquet"):
        file.write_bytes(file.read_bytes()[:100])
        file.with_suffix(".part").write_bytes(b"half")
    np.testing.assert_allclose(embed(TEXTS, cache=tmp_path), vectors, atol=1e-5)


def test_the_cache_is_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CXRESEARCH_CACHE", str(tmp_path))
    embed(["hello"])
    assert len(list(tmp_path.rglob("*.parquet"))) == 1


def test_progress_is_shown_only_when_asked_for(tmp_path, capsys):
    embed(["one text"], cache=tmp_path)
    assert capsys.readouterr() == ("", "")
    embed(["another text"], cache=tmp_path, progress=True)
    assert "1/1" in capsys.readouterr().out


def test_weights_that_are_not_the_known_ones_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(InputError, match="not the ones this version"):
        module._model(tmp_path, module.WEIGHTS_SHA256)


def test_an_encoder_that_is_not_on_disk_is_said_to_be_missing():
    with pytest.raises(InputError, match="nothing is downloaded"):
        encoder_files("no-such-encoder")


def test_a_folder_without_safe_weights_is_refused(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(InputError, match=r"no \.safetensors"):
        encoder_files(str(tmp_path))


def test_a_folder_can_be_the_encoder(vectors, cache):
    folder, _ = encoder_files(DEFAULT)
    ours = embed(TEXTS[:2], encoder=str(folder), cache=cache)
    np.testing.assert_allclose(ours, vectors[:2], atol=1e-5)
    assert len(list((cache / "vectors").iterdir())) == 2
