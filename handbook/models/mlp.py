"""The small fully connected network that the two-dimensional models share.

Numbers are float64 here and in docs/assets/labs/models/families.js; the weights are what a container holds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]


def silu(x: np.ndarray) -> np.ndarray:
    """Return x · sigmoid(x), entry by entry (Elfwing et al. 2017, arXiv:1702.03118, equation 1)."""
    return x / (1 + np.exp(-x))


def layers(weights: Weights, name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the layers `<name>.0`, `<name>.1`, … of a file of weights, each as weight (out, in) and bias (out,).

    Raises:
        ValueError: the file has no such layer.
    """
    found = []
    while f"{name}.{len(found)}.weight" in weights:
        key = f"{name}.{len(found)}"
        found.append((weights[f"{key}.weight"].astype(np.float64), weights[f"{key}.bias"].astype(np.float64)))
    if not found:
        raise ValueError(f"the weights hold no network named '{name}'")
    return found


class MLP:
    """A multi-layer perceptron: linear layers with SiLU between them, and none after the last."""

    def __init__(self, weights: Weights, name: str) -> None:
        self.layers = layers(weights, name)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Turn inputs (n, in) into outputs (n, out)."""
        for weight, bias in self.layers[:-1]:
            x = silu(x @ weight.T + bias)
        weight, bias = self.layers[-1]
        return x @ weight.T + bias
