"""Frames, and results that hold frames, as one Parquet file each, without pickle.

A frame is a Parquet file. A result (a frozen dataclass of this package) is one that holds, a row
each, the Parquet files of its frames; the rest of it stands in the file's metadata as JSON.
"""

import io
import json
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import FunctionType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PACKAGE = __name__.partition(".")[0]
TOLD = b"cxresearch"


class NotKeptError(Exception):
    """A value of a kind that is not written, or that would not come back as it was."""


def written(value: object, told: dict) -> bytes:
    """A value and what is told about it as the bytes of a file. Raises NotKeptError."""
    frames: list[bytes] = []
    tree = _tree(value, frames)
    if isinstance(value, pd.DataFrame):
        table = pq.read_table(pa.BufferReader(frames[0]))
    else:
        table = pa.table({"parquet": pa.array(frames, pa.large_binary())})
    metadata = {**(table.schema.metadata or {}), TOLD: json.dumps([tree, told]).encode()}
    return _file(table.replace_schema_metadata(metadata))


def read(content: bytes) -> tuple[object, dict]:
    """The value that was written, and what was told about it."""
    table = pq.read_table(pa.BufferReader(content))
    tree, told = json.loads(table.schema.metadata[TOLD])
    if "frame" in tree:
        return _frame(table, tree["sparse"]), told
    parts = [pq.read_table(pa.BufferReader(part)) for part in table["parquet"].to_pylist()]
    return _value(tree, parts), told


def _tree(value: object, frames: list[bytes]) -> dict:
    """A value as JSON; its frames are added to those."""
    if isinstance(value, pd.DataFrame):
        kinds = {n: d for n, d in value.dtypes.items() if isinstance(d, pd.SparseDtype)}
        sparse = {name: (str(d.subtype), d.fill_value) for name, d in kinds.items()}
        frames.append(_exactly(value, sparse))
        return {"frame": len(frames) - 1, "sparse": sparse}
    if isinstance(value, pd.Series) and value.dtype == object:
        return {"mixed": [[_tree(v, frames) for v in one] for one in (value, value.index)]}
    if isinstance(value, pd.Series):
        tree = _tree(value.to_frame("value"), frames)
        return {"series": tree, "name": _tree(value.name, frames)}
    if isinstance(value, np.ndarray):
        flat = pd.DataFrame({"value": value.ravel("K")})
        order = "F" if value.flags.f_contiguous else "C"
        return {"array": _tree(flat, frames), "shape": value.shape, "order": order}
    if type(value) in (pd.Index, pd.RangeIndex):
        return {"index": _tree(pd.DataFrame({"at": 0}, value), frames)}
    if value is None or type(value) in (bool, int, float, str):
        return {"is": value}
    if type(value) in (np.float64, np.int64, np.bool_):
        return {"numpy": value.item(), "type": type(value).__name__}
    if type(value) is pd.Timestamp:
        return {"time": value.isoformat(), "unit": value.unit, "zone": value.tz and str(value.tz)}
    if type(value) in (tuple, list, frozenset, set):
        held = sorted(value, key=repr) if isinstance(value, frozenset | set) else value
        return {type(value).__name__: [_tree(each, frames) for each in held]}
    if type(value) is dict:
        return {"dict": [[_tree(k, frames), _tree(v, frames)] for k, v in value.items()]}
    if is_dataclass(value) and type(value).__module__.startswith(f"{PACKAGE}."):
        held = {f.name: _tree(getattr(value, f.name), frames) for f in fields(value)}
        return {"class": [type(value).__module__, type(value).__qualname__], "fields": held}
    if isinstance(value, FunctionType) and _named(value.__module__, value.__qualname__) is value:
        return {"function": [value.__module__, value.__qualname__]}
    raise NotKeptError(type(value))


COLLECTIONS = {"tuple": tuple, "list": list, "frozenset": frozenset, "set": set}


def _value(tree: dict, parts: list[pa.Table]) -> object:
    kind = next(iter(tree))
    held = tree[kind]
    match kind:
        case "is":
            return held
        case "frame":
            return _frame(parts[held], tree["sparse"])
        case "series":
            return _value(held, parts)["value"].rename(_value(tree["name"], parts))
        case "mixed":
            values, labels = ([_value(each, parts) for each in one] for one in held)
            return pd.Series(values, labels, dtype=object)
        case "array":
            return (
                _value(held, parts)["value"].to_numpy().reshape(tree["shape"], order=tree["order"])
            )
        case "index":
            return _value(held, parts).index
        case "function":
            return _named(*held)
        case "numpy":
            return getattr(np, tree["type"])(held)
        case "time":
            time = pd.Timestamp(held).as_unit(tree["unit"])
            return time.tz_convert(tree["zone"]) if tree["zone"] else time
        case "dict":
            return {_value(key, parts): _value(each, parts) for key, each in held}
        case "class":
            return _result(*held, {name: _value(v, parts) for name, v in tree["fields"].items()})
    return COLLECTIONS[kind](_value(each, parts) for each in held)


def _result(module: str, name: str, held: dict) -> object:
    """A dataclass of this package with what its fields held."""
    kind = _named(module, name)
    if not is_dataclass(kind):
        raise NotKeptError(f"{module}.{name}")
    result = object.__new__(kind)
    for field, value in held.items():
        object.__setattr__(result, field, value)
    return result


def _named(module: str, name: str) -> object:
    """What has this name in a module of this package; nothing else is ever looked up."""
    ours = module.startswith(f"{PACKAGE}.")
    return getattr(import_module(module), name, None) if ours else None


def _exactly(frame: pd.DataFrame, sparse: dict[str, tuple]) -> bytes:
    """A frame as a Parquet file. Raises NotKeptError if it would not come back to the last bit."""
    try:
        dense = frame.assign(**{name: frame[name].sparse.to_dense() for name in sparse})
        content = _file(pa.Table.from_pandas(dense))
        back = _frame(pq.read_table(pa.BufferReader(content)), sparse)
        pd.testing.assert_frame_equal(back, frame, check_exact=True, check_index_type="exact")
        return content
    except (ValueError, TypeError, pa.ArrowException, AssertionError) as error:
        raise NotKeptError(str(error)) from error


def _frame(table: pa.Table, sparse: dict[str, tuple]) -> pd.DataFrame:
    return table.to_pandas().astype({name: pd.SparseDtype(*of) for name, of in sparse.items()})


def _file(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
