"""The generator of a generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661).

Only the generator is kept: the discriminator that trained it (handbook/models/training/families.py) isn't needed to
draw, and there is no density to compute.
"""

from __future__ import annotations

import numpy as np

from handbook.models.mlp import MLP, Weights
from handbook.models.random import Random


class GAN:
    """G(z): normal numbers to a point."""

    def __init__(self, weights: Weights) -> None:
        """Take the network `gan.generator` (k to 2 numbers)."""
        self.generator = MLP(weights, "gan.generator")
        self.latents = self.generator.layers[0][0].shape[1]

    def sample(self, n: int, random: Random) -> np.ndarray:
        """Draw points (n, 2) in one pass; k normal numbers a point."""
        return self.generator(random.normals(n * self.latents).reshape(n, self.latents))
