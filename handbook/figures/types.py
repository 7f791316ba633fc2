"""The computed figure of the chapter Types of generative AI: three models of two clusters.

The samples are those of the chapter's code, drawn in the same order from the same seed.
"""

import numpy as np

from handbook.figures.plot import MUTED, RULE, Axes, Figure, linear

SEED = 7
SIZE = 5000  # numbers in each sample
LOW, HIGH = -4, 4  # what the histograms show
GAP = 0.5  # the gap between the clusters reaches this far on either side of 0
BITS = 4
SMOOTHING = 0.01  # added to both counts of a bit, so that no chance is exactly 0
BARS = 32  # two to each bin of the bit-by-bit model
FILLED = 0.72  # the share of a row's height that the highest bar takes

PANELS = {
    "data": ("The data: two clusters", 2),
    "gaussian": ("One Gaussian", 1),
    "mixture": ("Mixture with a hidden cluster", 3),
    "bits": ("Bit by bit (autoregressive)", 4),
}


def two_clusters(generator: np.random.Generator) -> np.ndarray:
    """Draw the data: seven in ten around -2, three in ten around 2."""
    centre = np.where(generator.random(SIZE) < 0.7, -2.0, 2.0)
    return centre + 0.5 * generator.standard_normal(SIZE)


def gaussian_samples(generator: np.random.Generator, data: np.ndarray) -> np.ndarray:
    """Fit one mean and one spread, and draw from them."""
    return data.mean() + data.std() * generator.standard_normal(SIZE)


def mixture_samples(generator: np.random.Generator, data: np.ndarray) -> np.ndarray:
    """Fit two clusters by expectation and maximisation, and draw a hidden cluster, then a number."""
    weight, mean, deviation = np.array([0.5, 0.5]), np.array([-1.0, 1.0]), np.ones(2)
    for _ in range(50):
        density = weight / deviation * np.exp(-0.5 * ((data[:, None] - mean) / deviation) ** 2)
        share = density / density.sum(axis=1, keepdims=True)
        total = share.sum(axis=0)
        weight, mean = total / len(data), (share * data[:, None]).sum(axis=0) / total
        deviation = np.sqrt((share * (data[:, None] - mean) ** 2).sum(axis=0) / total)
    hidden = (generator.random(SIZE) < weight[1]).astype(int)
    return mean[hidden] + deviation[hidden] * generator.standard_normal(SIZE)


def bit_by_bit_samples(generator: np.random.Generator, data: np.ndarray) -> np.ndarray:
    """Fit each bit of a number's bin given the bits before it, and draw them in turn."""
    bins = 2**BITS
    width = (HIGH - LOW) / bins
    code = np.clip((data - LOW) / width, 0, bins - 1).astype(int)
    sample = np.zeros(SIZE, dtype=int)
    for place in range(BITS):
        prefix, bit = code >> (BITS - place), (code >> (BITS - 1 - place)) & 1
        ones, both = np.bincount(prefix, bit, minlength=bins), np.bincount(prefix, minlength=bins)
        chance = (ones + SMOOTHING) / (both + 2 * SMOOTHING)
        sample = 2 * sample + (generator.random(SIZE) < chance[sample])
    return LOW + width * (sample + generator.random(SIZE))


def samples() -> dict[str, np.ndarray]:
    """Return the data and what each model draws; the order of the draws is the chapter's."""
    generator = np.random.default_rng(SEED)
    data = two_clusters(generator)
    return {
        "data": data,
        "gaussian": gaussian_samples(generator, data),
        "mixture": mixture_samples(generator, data),
        "bits": bit_by_bit_samples(generator, data),
    }


def in_gap(values: np.ndarray) -> float:
    """Return the share of the values that lie between the clusters."""
    return float((np.abs(values) <= GAP).mean())


def draw_row(axes: Axes, base: int, name: str, values: np.ndarray, highest: int) -> None:
    """Draw one histogram upwards from base, with its name, its share in the gap, and the gap."""
    title, colour = PANELS[name]
    edges = np.linspace(LOW, HIGH, BARS + 1)
    heights = np.histogram(values, edges)[0] / highest * FILLED
    axes.box_between(-GAP, base, GAP, base + FILLED, colour=RULE, opacity=0.6)
    outline = np.repeat(edges, 2)[1:-1]
    axes.area(outline, [base] * len(outline), base + np.repeat(heights, 2), colour=colour, opacity=0.75)
    axes.level(base, dash=None)
    axes.note(LOW, base + FILLED, title, dy=-7, weight="650")
    axes.note(HIGH, base + FILLED, f"{in_gap(values):.0%} in the gap", dy=-7, colour=MUTED, anchor="end")


def histograms() -> str:
    """Draw the data and the samples of the three models, one histogram below the other."""
    drawn = samples()
    edges = np.linspace(LOW, HIGH, BARS + 1)
    highest = max(np.histogram(values, edges)[0].max() for values in drawn.values())
    figure = Figure(height=108 * len(drawn) + 30)
    axes = figure.axes(linear(LOW, HIGH, ticks=[-4, -2, 0, 2, 4]), linear(0, len(drawn), ticks=[]))
    for row, (name, values) in enumerate(drawn.items()):
        draw_row(axes, len(drawn) - 1 - row, name, values, highest)
    return figure.svg()


def draw() -> dict[str, str]:
    """Return the chapter's computed figures by file name."""
    return {"two-clusters.svg": histograms()}
