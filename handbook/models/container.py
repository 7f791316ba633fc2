"""The binary file of a lab's weights: written here, read here and by `docs/assets/labs/core/container.js`.

Little-endian. Four bytes `HBW1`; the length of the header (uint32); the header, UTF-8 JSON padded with spaces to a
multiple of four bytes; then the data, each tensor aligned to four bytes:

    {"tensors": [{"name", "shape", "type": "f16" | "f32" | "i8" | "i32" | "u16" | "u8", "offset",
                  "scale": the name of an f32 tensor before it, one number a row, where i8 stands for int8 × scale}],
     "card": {…}}

`offset` counts from the start of the data. f16 and scaled i8 are read as float32, so the reference computes with
the same numbers as the page.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"HBW1"
TYPES = {"f16": "<f2", "f32": "<f4", "i8": "|i1", "i32": "<i4", "u16": "<u2", "u8": "|u1"}
_LARGEST = 127  # of a quantised number
_ALIGNED = 4


class ContainerError(ValueError):
    """A file that is no container, is cut off, or contradicts itself; or tensors that can't be stored."""


def write(
    path: Path | str, tensors: Mapping[str, np.ndarray], card: Mapping[str, Any], types: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write tensors and their card to `path`, and the card alone beside it as JSON; return that card.

    `types` names the stored type of a tensor; without it floats are f32 and integers keep their own type.
    i8 quantises each row (first axis) to whole numbers of −127 to 127 and a scale of max|row| / 127, which is
    stored as the tensor `<name>.scale`. The JSON card has `file`, `bytes` and `sha256` besides.
    Raises ContainerError for numbers that the type can't hold.
    """
    path, types = Path(path), types or {}
    if unknown := set(types) - set(tensors):
        raise ContainerError(f"types for tensors that are not given: {', '.join(sorted(unknown))}")
    entries: list[dict[str, Any]] = []
    data = bytearray()

    def add(name: str, array: np.ndarray, kind: str, **more: str) -> None:
        entries.append({"name": name, "shape": list(array.shape), "type": kind, "offset": len(data), **more})
        data.extend(array.astype(TYPES[kind]).tobytes())
        data.extend(bytes(-len(data) % _ALIGNED))

    for name, given in tensors.items():
        array = np.asarray(given)
        kind = types.get(name) or _type_of(name, array)
        if kind not in TYPES:
            raise ContainerError(f"tensor '{name}': unknown type '{kind}'; use {', '.join(TYPES)}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ContainerError(f"tensor '{name}' holds a number that is not finite")
        if kind == "i8" and array.dtype.kind == "f":
            numbers, scales = quantise(array)
            add(f"{name}.scale", scales, "f32")
            add(name, numbers, "i8", scale=f"{name}.scale")
            continue
        _refuse_loss(name, array, kind)
        add(name, array, kind)
    header = json.dumps({"tensors": entries, "card": dict(card)}, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _ALIGNED)
    content = MAGIC + struct.pack("<I", len(header)) + header + bytes(data)
    path.write_bytes(content)
    told = {**card, "file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.with_suffix(".json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return told


def quantise(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return int8 numbers (the array's shape) and float32 scales (one a row): array ≈ numbers × scale of the row."""
    rows = np.asarray(array, dtype=np.float32).reshape(array.shape[0], -1)
    scales = (np.abs(rows).max(axis=1, initial=0) / _LARGEST).astype(np.float32)
    numbers = np.rint(rows / np.where(scales > 0, scales, 1)[:, None])
    return np.clip(numbers, -_LARGEST, _LARGEST).astype(np.int8).reshape(array.shape), scales


def _type_of(name: str, array: np.ndarray) -> str:
    if array.dtype.kind == "f":
        return "f32"
    for kind, stored in TYPES.items():
        if array.dtype == np.dtype(stored):
            return kind
    raise ContainerError(f"tensor '{name}' is {array.dtype}; name its type, one of {', '.join(TYPES)}")


def _refuse_loss(name: str, array: np.ndarray, kind: str) -> None:
    stored = np.dtype(TYPES[kind])
    if not array.size:
        return
    if stored.kind == "f":
        fits = np.abs(array).max() <= np.finfo(stored).max
    else:
        limits = np.iinfo(stored)
        fits = array.dtype.kind in "iu" and array.min() >= limits.min and array.max() <= limits.max
    if not fits:
        raise ContainerError(f"tensor '{name}' ({array.dtype}) does not fit {kind}; choose a wider type")


def read(path: Path | str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the tensors, f16 and scaled i8 as float32, and the card; raises ContainerError, or OSError."""
    content = Path(path).read_bytes()
    try:
        return parse(content)
    except ContainerError as error:
        raise ContainerError(f"{path}: {error}") from error


def parse(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return tensors and card of a container's bytes; raises ContainerError."""
    if content[:4] != MAGIC:
        raise ContainerError("this is no file of weights (it does not begin with HBW1)")
    length = int.from_bytes(content[4:8], "little")
    start = 8 + length
    if len(content) < start:
        raise ContainerError("the file is cut off in its header")
    try:
        header = json.loads(content[8:start])
        entries, card = list(header["tensors"]), dict(header["card"])
        stored = {entry["name"]: _stored(content, start, entry) for entry in entries}
        scales = {entry["name"]: entry["scale"] for entry in entries if entry.get("scale")}
        tensors = {name: _restored(stored, name, scales) for name in stored if name not in scales.values()}
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, ContainerError):
            raise
        raise ContainerError(f"the file's header is damaged ({type(error).__name__}: {error})") from error
    return tensors, card


def _stored(content: bytes, start: int, entry: dict[str, Any]) -> np.ndarray:
    kind, count = np.dtype(TYPES[entry["type"]]), math.prod(entry["shape"])
    begin = start + entry["offset"]
    if entry["offset"] % _ALIGNED or begin + count * kind.itemsize > len(content):
        raise ContainerError(f"tensor '{entry['name']}' lies outside the file")
    return np.frombuffer(content, kind, count, begin).reshape(entry["shape"])


def _restored(stored: dict[str, np.ndarray], name: str, scales: dict[str, str]) -> np.ndarray:
    array = stored[name]
    if name in scales:
        rows = stored[scales[name]].reshape(-1, *[1] * (array.ndim - 1))
        return array.astype(np.float32) * rows
    return array.astype(np.float32) if array.dtype.kind == "f" else array.copy()
