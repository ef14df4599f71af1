"""An ensemble as safetensors and JSON, never pickle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from kullback.errors import RunFolderError
from kullback.training import KINDS, Ensemble, Settings
from kullback.training.cross_fit import Member
from kullback.training.features import Columns, Sizes
from kullback.training.network import Network, Shape


def save_arrays(ensemble: Ensemble, path: Path) -> None:
    """Write weights and what was learned of the columns: `m.network.…` and `m.columns.i.…` for member m, column i."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for m, member in enumerate(ensemble.members):
        for name, tensor in member.network.state_dict().items():
            arrays[f"{m}.network.{name}"] = tensor.numpy()
        for i, column in enumerate(member.columns.fitted.values()):
            arrays |= {
                f"{m}.columns.{i}.{key}": np.ascontiguousarray(value) for key, value in column.state()[0].items()
            }
    path.write_bytes(save(arrays))


def describe(ensemble: Ensemble) -> dict[str, Any]:
    """Give what `restore` needs beside the arrays, as JSON."""
    return {
        "kinds": ensemble.kinds,
        "classes": list(ensemble.classes),
        "settings": dataclasses.asdict(ensemble.settings),
        "members": [
            {
                "sizes": dataclasses.asdict(member.sizes),
                "columns": [column.state()[1] for column in member.columns.fitted.values()],
            }
            for member in ensemble.members
        ],
    }


def restore(path: Path, model: dict[str, Any]) -> Ensemble:
    """Make the ensemble from the file and the JSON.

    Raises:
        RunFolderError: if the two do not fit together, or the file is damaged.
    """
    try:
        arrays = load_file(path)
        shape = Shape(**model["settings"].pop("shape"))
        settings = Settings(**model["settings"], shape=shape)
        members = tuple(
            _restore_member(
                m,
                arrays=arrays,
                described=described,
                kinds=model["kinds"],
                n_classes=len(model["classes"]),
                shape=shape,
            )
            for m, described in enumerate(model["members"])
        )
    except (SafetensorError, OSError, LookupError, TypeError, AttributeError, ValueError, RuntimeError) as error:
        raise RunFolderError(
            f"{path} cannot be read, expected a model of this version of kullback; fit again"
        ) from error
    return Ensemble(members, model["kinds"], tuple(model["classes"]), settings)


def _restore_member(
    m: int,
    *,
    arrays: dict[str, np.ndarray[Any, Any]],
    described: dict[str, Any],
    kinds: dict[str, str],
    n_classes: int,
    shape: Shape,
) -> Member:
    def beginning(prefix: str) -> dict[str, np.ndarray[Any, Any]]:
        return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}

    columns = Columns(
        {
            name: KINDS[kind].restore(beginning(f"{m}.columns.{i}."), described["columns"][i])
            for i, (name, kind) in enumerate(kinds.items())
        }
    )
    stored: dict[str, Any] = described["sizes"]
    sizes = Sizes(stored["numbers"], stored["plain"], tuple(stored["codes"]), stored["wide"])
    network = Network(sizes, torch.zeros(n_classes), shape)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in beginning(f"{m}.network.").items()})
    return Member(columns, sizes, network.eval())
