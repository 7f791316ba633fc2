"""The four families on one data set, drawn and measured as the lab `families` does."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from handbook.models import container, measures, shapes
from handbook.models.autoregressive import Autoregressive
from handbook.models.diffusion import Diffusion
from handbook.models.gan import GAN
from handbook.models.random import Random
from handbook.models.vae import VAE

FAMILIES = {"autoregressive": Autoregressive, "vae": VAE, "gan": GAN, "diffusion": Diffusion}
NAMES = {"autoregressive": "Autoregressive", "vae": "VAE", "gan": "GAN", "diffusion": "Diffusion"}
DATA = "data"  # a second sample of the data, measured as the models are: what a perfect model would score
STEPS = 20  # of the diffusion model, where nothing else is said
STREAMS = 6  # seeds that one comparison takes: two samples of the data, four models

Model = Autoregressive | VAE | GAN | Diffusion


def load(path: Path | str) -> dict[str, Model]:
    """Return the four models of a file `families-<shape>.bin` by name; raises OSError or ContainerError."""
    tensors, _ = container.read(path)
    return {family: make(tensors) for family, make in FAMILIES.items()}


def draw(models: dict[str, Model], shape: str, n: int, steps: int, seed: int) -> dict[str, np.ndarray]:
    """Draw n points (n, 2) of the data, twice, and of each model.

    Returns:
        "reference", the families, and `DATA`; "reference" and `DATA` are drawn from the data. Each has a stream of its
        own: the seeds seed · STREAMS + 0 for "reference", 1 for `DATA`, and 2 to 5 for the families, modulo 2³².
    """
    reference, data, *streams = (Random((seed * STREAMS + number) % 2**32) for number in range(STREAMS))
    samples = {"reference": shapes.draw(shape, n, reference)[0]}
    for (family, model), random in zip(models.items(), streams, strict=True):
        options = {"steps": steps} if isinstance(model, Diffusion) else {}
        samples[family] = model.sample(n, random, **options)
    return {**samples, DATA: shapes.draw(shape, n, data)[0]}


def measure(samples: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return precision, recall, coverage and frechet of every sample against the reference."""
    found = {}
    for name, points in samples.items():
        if name != "reference":
            near = measures.neighbours(samples["reference"], points)
            found[name] = {
                "precision": near.precision,
                "recall": near.recall,
                "coverage": near.coverage,
                "frechet": measures.frechet(samples["reference"], points),
            }
    return found
