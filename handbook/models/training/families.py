"""Train the four small generative models on each two-dimensional shape: `python -m handbook.models.training families`.

All four see the same 40,000 points, and the network that makes the points is the same size in each: an MLP with three
hidden layers of 64 numbers. What they need besides (an encoder, a discriminator, time and class) comes on top.
Each is trained as its source says, for as long as its samples improved when the numbers below were chosen.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from handbook.models import container, diffusion, measures, shapes
from handbook.models.autoregressive import Autoregressive, waves
from handbook.models.diffusion import SIGNAL, time_waves
from handbook.models.families import FAMILIES, STEPS, Model
from handbook.models.random import Random
from handbook.models.shapes import SHAPES
from handbook.models.vae import VAE

PROCESSES = 2
POINTS, JUDGED = 40_000, 5_000  # points to train on, and points of each side in the measures
TIMINGS = 3  # draws of which the fastest tells the speed
HIDDEN, DEPTH = 64, 3
BATCH = 500
AVERAGED = 0.999  # how much of the running average of the weights stays at each step

BINS, WAVES = 100, 5
AUTOREGRESSIVE_STEPS, AUTOREGRESSIVE_RATE = 6_000, 2e-3

VAE_LATENTS = 2
VAE_FIRST_NOISE = -3.0  # the decoder's log variance at the start: low, so that the codes are worth using
VAE_STEPS, VAE_RATE = 15_000, 2e-3

GAN_LATENTS = 4
GAN_STEPS, GAN_RATE, GAN_WIDTH = 6_000, 1e-3, 128

EMBEDDED, NO_CLASS = 32, 0.3
DIFFUSION_STEPS, DIFFUSION_RATE = 16_000, 3e-3

# How far the measures may move when all is trained anew: sums in another order end in other weights, and the two that
# train on a bound or a game vary most.
MOVES = {"autoregressive": 0.03, "vae": 0.08, "gan": 0.1, "diffusion": 0.03}
BOUNDS = {
    f"families-{shape}.bin": {
        f"measures.{family}.{measure}": MOVES[family] if measure != "frechet" else 0.05
        for family in FAMILIES
        for measure in ("precision", "recall", "coverage", "frechet")
    }
    for shape in SHAPES
}


def train(seed: int, out: Path) -> list[dict]:
    """Train all models, write `families-<shape>.bin` and its card into the folder for each shape; return the cards.

    Two models train at a time, each in a process of its own on one thread.
    """
    tasks = [(shape, family, seed) for family in ("gan", "diffusion", "vae", "autoregressive") for shape in SHAPES]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        trained = dict(zip(((shape, family) for shape, family, _ in tasks), pool.map(_train_one, tasks), strict=True))
    return [_write(shape, {family: trained[shape, family] for family in FAMILIES}, seed, out) for shape in SHAPES]


def _train_one(task: tuple[str, str, int]) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Train one family on one shape; return its tensors (float32) and what its card tells of the training."""
    shape, family, seed = task
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    points, labels = shapes.draw(shape, POINTS, Random(seed))
    began = time.process_time()
    tensors, told = TRAINERS[family](torch.tensor(points, dtype=torch.float32), torch.tensor(labels))
    return tensors, {**told, "cpu_seconds": round(time.process_time() - began)}


def _write(shape: str, trained: dict[str, tuple[dict[str, np.ndarray], dict]], seed: int, out: Path) -> dict:
    """Write a shape's four models and their card; the measures are those of the weights as they are stored."""
    path = out / f"families-{shape}.bin"
    tensors = {name: array for found, _ in trained.values() for name, array in found.items()}
    types = dict.fromkeys(tensors, "f16")
    container.write(path, tensors, {}, types)
    points, _ = shapes.draw(shape, POINTS, Random(seed))
    told, losses = {}, {}
    for family, (found, training) in trained.items():
        model = FAMILIES[family](container.read(path)[0])
        losses[family] = training.pop("loss")
        fewer = {"steps": STEPS} if family == "diffusion" else {}
        size = sum(array.size for array in found.values())
        told[family] = {"parameters": size, **training, **_judge(model, shape, seed, **fewer)}
        if fewer:
            told["diffusion_all_steps"] = _judge(model, shape, seed)
    card = {
        "name": f"families-{shape}",
        "what": f"Four small generative models of the shape '{shape}': {', '.join(FAMILIES)}",
        "data": f"{POINTS:,} points of handbook.models.shapes.draw('{shape}', {POINTS}, Random({seed}))",
        "data_sha256": hashlib.sha256(points.astype("<f8").tobytes()).hexdigest(),
        "parameters": sum(array.size for array in tensors.values()),
        "seed": seed,
        "script": "python -m handbook.models.training families",
        "training_loss": losses,
        "measures": told,
        "date": date.today().isoformat(),
    }
    return container.write(path, tensors, card, types)


def _judge(model: Model, shape: str, seed: int, **options: int) -> dict[str, float]:
    """Measure a model's sample of `JUDGED` points against as many new points of the data, and its speed in NumPy."""
    fresh, _ = shapes.draw(shape, JUDGED, Random(seed + 1))
    seconds = []
    for _ in range(TIMINGS):
        began = time.perf_counter()
        sample = model.sample(JUDGED, Random(seed + 2), **options)
        seconds.append(time.perf_counter() - began)
    found = measures.neighbours(fresh, sample)
    told = {
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 4),
        "density": round(found.density, 4),
        "coverage": round(found.coverage, 4),
        "frechet": round(measures.frechet(fresh, sample), 5),
        "samples_a_second": int(round(JUDGED / min(seconds), -2)),
    }
    if isinstance(model, Autoregressive):
        told["log_likelihood"] = round(float(model.log_density(fresh).mean()), 4)
    if isinstance(model, VAE):
        noise = Random(seed + 3).normals((JUDGED, model.latents))
        told["lower_bound"] = round(float(model.bound(fresh, noise).mean()), 4)
    return told


# Networks -----------------------------------------------------------------------------------


def _mlp(*sizes: int) -> nn.Sequential:
    """Linear layers with SiLU between them: what handbook.models.mlp.MLP computes."""
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        parts += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*parts[:-1])


def _linears(network: nn.Module) -> list[nn.Linear]:
    return [part for part in network.modules() if isinstance(part, nn.Linear)]


def _tensors(name: str, network: nn.Module) -> dict[str, np.ndarray]:
    """The weights of a network's linear layers, under the names that the NumPy models read."""
    return {
        f"{name}.{number}.{kind}": getattr(layer, kind).detach().numpy()
        for number, layer in enumerate(_linears(network))
        for kind in ("weight", "bias")
    }


class _Average:
    """The running average of some parameters, which samples better than where training happens to stop."""

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters = list(parameters)
        self.means = [parameter.detach().clone() for parameter in self.parameters]

    @torch.no_grad()
    def add(self) -> None:
        torch._foreach_lerp_(self.means, self.parameters, 1 - AVERAGED)

    @torch.no_grad()
    def use(self) -> None:
        """Put the average in the parameters' place."""
        for parameter, mean in zip(self.parameters, self.means, strict=True):
            parameter.copy_(mean)


def _cosine(optimiser: torch.optim.Optimizer, rate: float, step: int, steps: int) -> None:
    """Set the learning rate of a step: from `rate` down to 0 along half a cosine."""
    for group in optimiser.param_groups:
        group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))


def _minimise(parameters: list[nn.Parameter], rate: float, steps: int, loss: Callable[[], Tensor]) -> float:
    """Minimise a loss with Adam; leave the averaged weights in place, and return the mean of the last 500 losses."""
    optimiser = torch.optim.Adam(parameters, rate)
    average = _Average(parameters)
    last: list[float] = []
    for step in range(steps):
        _cosine(optimiser, rate, step, steps)
        value = loss()
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        average.add()
        if step >= steps - 500:
            last.append(value.item())
    average.use()
    return round(sum(last) / len(last), 4)


def _batch(count: int) -> Tensor:
    return torch.randint(count, (BATCH,))


# The four families --------------------------------------------------------------------------


def _autoregressive(points: Tensor, _: Tensor) -> tuple[dict[str, np.ndarray], dict]:
    """Maximise the likelihood: cross-entropy of the bin of x₁, and of that of x₂ given x₁."""
    first = nn.Parameter(torch.zeros(BINS))
    second = _mlp(2 * WAVES, *[HIDDEN] * DEPTH, BINS)
    seen = torch.tensor(waves(points[:, 0].double().numpy(), WAVES), dtype=torch.float32)
    bins = ((points + shapes.RANGE) / (2 * shapes.RANGE / BINS)).floor().long().clip(0, BINS - 1)

    def loss() -> Tensor:
        chosen = _batch(len(points))
        known = functional.cross_entropy(first.expand(BATCH, -1), bins[chosen, 0])
        return known + functional.cross_entropy(second(seen[chosen]), bins[chosen, 1])

    value = _minimise([first, *second.parameters()], AUTOREGRESSIVE_RATE, AUTOREGRESSIVE_STEPS, loss)
    tensors = {"autoregressive.first": first.detach().numpy(), **_tensors("autoregressive.second", second)}
    return tensors, {"loss": value, "updates": AUTOREGRESSIVE_STEPS}


def _vae(points: Tensor, _: Tensor) -> tuple[dict[str, np.ndarray], dict]:
    """Maximise the evidence lower bound with one draw a point (Kingma and Welling 2013, equation 10)."""
    encoder = _mlp(2, *[HIDDEN] * DEPTH, 2 * VAE_LATENTS)
    decoder = _mlp(VAE_LATENTS, *[HIDDEN] * DEPTH, 2)
    log_noise = nn.Parameter(torch.tensor([VAE_FIRST_NOISE]))

    def loss() -> Tensor:
        x = points[_batch(len(points))]
        mean, log_variance = encoder(x).chunk(2, dim=1)
        code = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        misfit = 0.5 * (math.log(2 * math.pi) + log_noise + (x - decoder(code)) ** 2 * torch.exp(-log_noise)).sum(1)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
        return (misfit + divergence).mean()

    value = _minimise([*encoder.parameters(), *decoder.parameters(), log_noise], VAE_RATE, VAE_STEPS, loss)
    tensors = {
        **_tensors("vae.encoder", encoder),
        **_tensors("vae.decoder", decoder),
        "vae.log_variance": log_noise.detach().numpy(),
    }
    return tensors, {"loss": value, "updates": VAE_STEPS}


def _gan(points: Tensor, _: Tensor) -> tuple[dict[str, np.ndarray], dict]:
    """Play the game with the non-saturating loss (Goodfellow et al. 2014, section 3).

    There is no regulariser: a penalty on the discriminator's slope (R1 of Mescheder et al. 2018, arXiv:1801.04406),
    tried with a weight of 0.2, lowered the precision on the ring from 0.96 to 0.90. The learning rate falls to 0, Adam
    runs without momentum, and the generator's weights are averaged.
    """
    generator = _mlp(GAN_LATENTS, *[HIDDEN] * DEPTH, 2)
    discriminator = _mlp(2, *[GAN_WIDTH] * DEPTH, 1)
    chasing, judging = (torch.optim.Adam(net.parameters(), GAN_RATE, (0.0, 0.99)) for net in (generator, discriminator))
    average = _Average(generator.parameters())
    last: list[tuple[float, float]] = []
    for step in range(GAN_STEPS):
        _cosine(chasing, GAN_RATE, step, GAN_STEPS)
        _cosine(judging, GAN_RATE, step, GAN_STEPS)
        real = points[_batch(len(points))]
        made = generator(torch.randn(BATCH, GAN_LATENTS))
        judged = functional.softplus(-discriminator(real)) + functional.softplus(discriminator(made.detach()))
        judging.zero_grad()
        judged.mean().backward()
        judging.step()
        fooled = functional.softplus(-discriminator(made)).mean()
        chasing.zero_grad()
        fooled.backward()
        chasing.step()
        average.add()
        if step >= GAN_STEPS - 500:
            last.append((fooled.item(), judged.mean().item()))
    average.use()
    losses = np.mean(last, axis=0).round(4).tolist()
    told = {"loss": {"generator": losses[0], "discriminator": losses[1]}, "updates": GAN_STEPS}
    return _tensors("gan.generator", generator), told


def _diffusion(points: Tensor, labels: Tensor) -> tuple[dict[str, np.ndarray], dict]:
    """Minimise the squared error of the velocity at random times; leave the class out now and then, for guidance.

    Ho et al. 2020, algorithm 1, and Ho and Salimans 2022, algorithm 1.
    """
    classes = int(labels.max()) + 1
    point = _mlp(2, *[HIDDEN] * DEPTH, 2)
    clock = _mlp(2 * diffusion.FREQUENCIES, EMBEDDED, EMBEDDED)
    named = nn.Parameter(torch.randn(classes + 1, EMBEDDED) / 2)
    shifts = nn.ModuleList(nn.Linear(EMBEDDED, HIDDEN) for _ in range(DEPTH))
    signal = torch.tensor(SIGNAL, dtype=torch.float32)[:, None]
    hours = torch.tensor(np.stack([time_waves(t) for t in range(len(SIGNAL))]), dtype=torch.float32)
    *hidden, out = _linears(point)

    def loss() -> Tensor:
        chosen = _batch(len(points))
        clean, noise, t = points[chosen], torch.randn(BATCH, 2), torch.randint(1, len(SIGNAL), (BATCH,))
        label = torch.where(torch.rand(BATCH) < NO_CLASS, classes, labels[chosen])
        keep, add = signal[t].sqrt(), (1 - signal[t]).sqrt()
        known = functional.silu(clock(hours)[t] + named[label])
        x = keep * clean + add * noise
        for layer, shift in zip(hidden, shifts, strict=True):
            x = functional.silu(layer(x) + shift(known))
        return ((out(x) - (keep * noise - add * clean)) ** 2).mean()

    parameters = [*point.parameters(), *clock.parameters(), named, *shifts.parameters()]
    value = _minimise(parameters, DIFFUSION_RATE, DIFFUSION_STEPS, loss)
    tensors = {
        **_tensors("diffusion.point", point),
        **_tensors("diffusion.time", clock),
        **_tensors("diffusion.shift", shifts),
        "diffusion.class": named.detach().numpy(),
    }
    return tensors, {"loss": value, "updates": DIFFUSION_STEPS}


TRAINERS = {"autoregressive": _autoregressive, "vae": _vae, "gan": _gan, "diffusion": _diffusion}
