"""A decoder-only transformer in NumPy: the small GPT of the labs, as Transformers (docs/genai/transformers.md) has it.

Token ids go in, a logit for each token of the vocabulary comes out, at every position. With d the width, L blocks,
h heads of d_k = d / h numbers and f the inner width:

    x = E[ids]                                   rows of the embedding matrix, (n, d)
    for each block, normalising before the step and not after it (Xiong et al. 2020, arXiv:2002.04745, figure 1b):
        x = x + MHA(Norm(x))                     Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2
        x = x + max(0, Norm(x) W_up) W_down      the same, equation 2, without the constants
    logits = Norm(x) E^T                         the same, section 3.4: input and output share E

Norm is RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467, equation 4). Positions are rotary (Su et al. 2021,
arXiv:2104.09864, equations 14 and 34): neighbouring numbers 2i and 2i + 1 of each query and key are turned by the angle
m 10000^(-2i / d_k) at position m. Generating keeps the keys and values of earlier positions.

docs/assets/labs/models/gpt.js computes the same in the browser; tests/test_gpt.py compares the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from handbook.models import container

BASE = 10_000.0  # of the angles of rotary positions
START = 10  # each context begins with the token of a line feed
TINY = 1e-5  # keeps the norm from a division by zero


@dataclass(frozen=True)
class Shape:
    """The sizes of a model; the card of its weights holds them under `shape`."""

    vocabulary: int  # V, tokens
    width: int  # d
    blocks: int  # L
    heads: int  # h
    inner: int  # f, width of the feed-forward network
    context: int  # the most tokens that the model reads at once

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise ValueError(f"{name} is 1 or more, not {value}")
        if self.width % (2 * self.heads):
            raise ValueError(f"a width of {self.width} doesn't split into {self.heads} heads of an even size")

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by name; matrices are (numbers out, numbers in)."""
        d, f = self.width, self.inner
        shapes: dict[str, tuple[int, ...]] = {"embedding": (self.vocabulary, d)}
        for block in range(self.blocks):
            shapes |= {
                f"blocks.{block}.attention_norm": (d,),
                f"blocks.{block}.query": (d, d),
                f"blocks.{block}.key": (d, d),
                f"blocks.{block}.value": (d, d),
                f"blocks.{block}.output": (d, d),
                f"blocks.{block}.inner_norm": (d,),
                f"blocks.{block}.up": (f, d),
                f"blocks.{block}.down": (d, f),
            }
        return shapes | {"norm": (d,)}

    @property
    def parameters(self) -> int:
        """How many numbers training sets."""
        return sum(int(np.prod(shape)) for shape in self.tensors().values())


@dataclass
class Cache:
    """Keys and values of the positions read so far: for each block an array (n, h, d_k)."""

    keys: list[np.ndarray]
    values: list[np.ndarray]
    attention: list[np.ndarray] = field(default_factory=list)  # of the last call, by block: (h, new, n)

    @property
    def length(self) -> int:
        """n, the positions read so far."""
        return len(self.keys[0])


def normalise(x: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """RMSNorm of each row: x (n, d), gain (d,)."""
    return gain * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + TINY)


def rotate(x: np.ndarray, first: int) -> np.ndarray:
    """Turn queries or keys x, (n, h, d_k), by their positions, which are first, first + 1, …"""
    n, _, size = x.shape
    angles = np.arange(first, first + n)[:, None, None] * BASE ** (-np.arange(0, size, 2) / size)
    cosine, sine = np.cos(angles), np.sin(angles)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = np.empty_like(x)
    turned[..., 0::2] = even * cosine - odd * sine
    turned[..., 1::2] = even * sine + odd * cosine
    return turned


def softmax(x: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class Gpt:
    """The model: weights by name, as Shape.tensors lists them. Computes in float64.

    Raises ValueError if a tensor is missing or has another shape.
    """

    def __init__(self, shape: Shape, tensors: Mapping[str, np.ndarray]) -> None:
        self.shape = shape
        self.weights: dict[str, np.ndarray] = {}
        for name, expected in shape.tensors().items():
            if name not in tensors:
                raise ValueError(f"the weights lack the tensor '{name}'")
            if tensors[name].shape != expected:
                raise ValueError(f"the tensor '{name}' has the shape {tensors[name].shape}, not {expected}")
            self.weights[name] = tensors[name].astype(np.float64)

    @classmethod
    def load(cls, path: Path | str) -> "Gpt":
        """Read a model from its file of weights. Raises ValueError if the file is not a GPT's."""
        tensors, card = container.read(path)
        try:
            shape = Shape(**card["shape"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path}: the card has no shape of a GPT") from error
        return cls(shape, tensors)

    def start(self) -> Cache:
        """An empty cache."""
        empty = np.empty((0, self.shape.heads, self.shape.width // self.shape.heads))
        return Cache([empty] * self.shape.blocks, [empty] * self.shape.blocks)

    def read(self, ids: Sequence[int], cache: Cache | None = None) -> np.ndarray:
        """Logits (len(ids), V) after each of the ids; row i is about the token that follows ids[i].

        With a cache the ids go on from what it holds, and it takes up their keys, values and attention weights.
        Raises ValueError for an empty sequence, an id outside the vocabulary, or more than `context` positions.
        """
        cache = cache or self.start()
        x = self.weights["embedding"][self._checked(ids, cache.length)]
        cache.attention = []
        for block in range(self.shape.blocks):
            x = x + self._attend(x, block, cache)
            hidden = normalise(x, self.weights[f"blocks.{block}.inner_norm"]) @ self.weights[f"blocks.{block}.up"].T
            x = x + np.maximum(hidden, 0) @ self.weights[f"blocks.{block}.down"].T
        return normalise(x, self.weights["norm"]) @ self.weights["embedding"].T

    def attention(self, ids: Sequence[int]) -> np.ndarray:
        """Attention weights (L, h, n, n): row i of a head says how much position i takes from each position."""
        cache = self.start()
        self.read(ids, cache)
        return np.stack(cache.attention)

    def window(self, length: int) -> int:
        """Where reading begins when `length` tokens are there: at 0 while they fit into the context, else later.

        It moves by half a context at a time, so that a cache serves for many tokens and each token but the first
        ones is predicted from at least half a context.
        """
        half = max(1, self.shape.context // 2)
        return max(0, -(-(length - self.shape.context) // half) * half)

    def next_logits(self, ids: Sequence[int]) -> np.ndarray:
        """Logits (V,) of the token after the ids, which are read from `window` on."""
        return self.read(ids[self.window(len(ids)) :])[-1]

    def losses(self, ids: Sequence[int]) -> np.ndarray:
        """−ln p of each id after the first, given those before it from `window` on: (len(ids) − 1,), in nats."""
        found: list[float] = []
        while len(found) < len(ids) - 1:
            begin = self.window(len(found) + 1)
            part = np.asarray(ids[begin : begin + self.shape.context + 1])
            logits = self.read(part[:-1])
            ahead = logits - logits.max(axis=-1, keepdims=True)
            logs = ahead - np.log(np.exp(ahead).sum(axis=-1, keepdims=True))
            losses = -logs[np.arange(len(part) - 1), part[1:]]
            found.extend(losses[len(found) - begin :])
        return np.array(found)

    def _attend(self, x: np.ndarray, block: int, cache: Cache) -> np.ndarray:
        """Multi-head attention of the rows x, (new, d), over the cache and themselves."""
        heads, (new, width) = self.shape.heads, x.shape
        normal = normalise(x, self.weights[f"blocks.{block}.attention_norm"])
        query, key, value = (
            (normal @ self.weights[f"blocks.{block}.{name}"].T).reshape(new, heads, -1)
            for name in ("query", "key", "value")
        )
        first = len(cache.keys[block])
        keys = cache.keys[block] = np.concatenate([cache.keys[block], rotate(key, first)])
        values = cache.values[block] = np.concatenate([cache.values[block], value])
        scores = rotate(query, first).transpose(1, 0, 2) @ keys.transpose(1, 2, 0) / np.sqrt(width // heads)
        future = np.arange(len(keys))[None, :] > np.arange(first, first + new)[:, None]
        weights = softmax(np.where(future, -np.inf, scores))
        cache.attention.append(weights)
        mixed = (weights @ values.transpose(1, 0, 2)).transpose(1, 0, 2).reshape(new, width)
        return mixed @ self.weights[f"blocks.{block}.output"].T

    def _checked(self, ids: Sequence[int], before: int) -> np.ndarray:
        found = np.asarray(ids, dtype=np.int64)
        if found.ndim != 1 or not len(found):
            raise ValueError("the model needs at least one token to go on from")
        if found.min() < 0 or found.max() >= self.shape.vocabulary:
            raise ValueError(f"token ids are 0 to {self.shape.vocabulary - 1}")
        if before + len(found) > self.shape.context:
            raise ValueError(f"{before + len(found)} tokens are more than the context of {self.shape.context}")
        return found
