"""A variational autoencoder of points in the plane (Kingma and Welling 2013, arXiv:1312.6114).

The encoder gives a Gaussian over codes z for a point x, with independent coordinates whose means and log variances
come from an MLP (appendix C.2).
The decoder gives a Gaussian over points for a code: its mean comes from an MLP, and its variance is one learnt number,
the same in both coordinates and for all codes (Rybkin et al. 2020, arXiv:2006.13202). With a variance for
each coordinate and code, training on these shapes settles on one coordinate alone and leaves a latent unused.
"""

from __future__ import annotations

import math

import numpy as np

from handbook.models.mlp import MLP, Weights
from handbook.models.random import Random


def kl(mean: np.ndarray, log_variance: np.ndarray) -> np.ndarray:
    """Return the divergence of N(mean, exp(log_variance)) from the prior N(0, 1) in nats (appendix B).

    Args:
        mean: (n, k).
        log_variance: (n, k).

    Returns:
        (n,), never negative: ½ Σ (μ² + σ² − 1 − log σ²).
    """
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)


def log_normal(x: np.ndarray, mean: np.ndarray, log_variance: np.ndarray | float) -> np.ndarray:
    """Return log N(x; mean, exp(log_variance)) in nats, summed over the coordinates: (n, d) to (n,)."""
    return -0.5 * (math.log(2 * math.pi) + log_variance + (x - mean) ** 2 / np.exp(log_variance)).sum(axis=1)


class VAE:
    """An encoder q(z | x), a decoder p(x | z) and the prior p(z) = N(0, 1)."""

    def __init__(self, weights: Weights) -> None:
        """Take the networks `vae.encoder` (2 to 2k numbers), `vae.decoder` (k to 2), and `vae.log_variance` (1,)."""
        self.encoder, self.decoder = MLP(weights, "vae.encoder"), MLP(weights, "vae.decoder")
        self.log_variance = float(weights["vae.log_variance"][0])
        self.latents = self.decoder.layers[0][0].shape[1]

    def encode(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log variance (n, k) of the codes of points (n, 2)."""
        mean, log_variance = np.split(self.encoder(points), 2, axis=1)
        return mean, log_variance

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the mean (n, 2) of the points of codes (n, k); their log variance is `log_variance`."""
        return self.decoder(codes)

    def bound(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return a one-draw estimate (n,) of the evidence lower bound in nats (equations 7 and 10).

        Args:
            points: (n, 2).
            noise: standard normal numbers (n, k), for z = μ + σ ε (equation 4).
        """
        mean, log_variance = self.encode(points)
        codes = mean + np.exp(0.5 * log_variance) * noise
        return log_normal(points, self.decode(codes), self.log_variance) - kl(mean, log_variance)

    def sample(self, n: int, random: Random) -> np.ndarray:
        """Draw points (n, 2): k normal numbers a point for the codes, and then two a point for the decoder's noise."""
        codes = random.normals(n * self.latents).reshape(n, self.latents)
        noise = random.normals(2 * n).reshape(n, 2)
        return self.decode(codes) + math.exp(0.5 * self.log_variance) * noise
