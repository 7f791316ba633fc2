"""The four small generative models: each one's exact properties, and the same numbers in the browser."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from conftest import ROOT
from playwright.sync_api import Page

from handbook.models import container, diffusion, families, measures, shapes
from handbook.models.diffusion import SIGNAL, STEPS, Diffusion
from handbook.models.random import Random
from handbook.models.vae import VAE, kl, log_normal

WEIGHTS = ROOT / "docs/assets/labs/weights"
TOLERANCE = 1e-4
MODELS = {shape: families.load(WEIGHTS / f"families-{shape}.bin") for shape in shapes.SHAPES}
CARDS = {shape: json.loads((WEIGHTS / f"families-{shape}.json").read_text()) for shape in shapes.SHAPES}

each_shape = pytest.mark.parametrize("shape", shapes.SHAPES)


# Data ---------------------------------------------------------------------------------------


@each_shape
def test_the_data_have_mean_0_and_variance_1_and_fit_the_range(shape: str) -> None:
    points, labels = shapes.draw(shape, 20_000, Random(3))
    assert np.abs(points.mean(axis=0)).max() < 0.03
    assert points.var(axis=0).mean() == pytest.approx(1, abs=0.02)
    assert np.abs(points).max() < shapes.RANGE
    assert np.bincount(labels).tolist() == pytest.approx(
        [20_000 / shapes.CLASSES[shape]] * shapes.CLASSES[shape], rel=0.1
    )


@each_shape
def test_a_class_is_a_part_of_the_shape(shape: str) -> None:
    points, labels = shapes.draw(shape, 1000, Random(3))
    others, theirs = shapes.draw(shape, 1000, Random(4))
    nearest = ((points[:, None] - others[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (labels == theirs[nearest]).mean() > 0.98


def test_an_unknown_shape_is_told() -> None:
    with pytest.raises(ValueError, match="no shape is named 'cube'; there are moons, ring, spiral"):
        shapes.draw("cube", 3, Random(1))


# Autoregressive -----------------------------------------------------------------------------


@each_shape
def test_the_autoregressive_density_integrates_to_1(shape: str) -> None:
    model = MODELS[shape]["autoregressive"]
    per_bin = 4  # midpoints in each bin of x₁, where the second factor changes; x₂ is constant within a bin
    first = -shapes.RANGE + model.width / per_bin * (np.arange(per_bin * model.bins) + 0.5)
    second = -shapes.RANGE + model.width * (np.arange(model.bins) + 0.5)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(first, second, indexing="ij")], axis=1)
    assert np.exp(model.log_density(grid)).sum() * model.width**2 / per_bin == pytest.approx(1, abs=1e-9)


def test_the_autoregressive_density_is_none_outside_its_square() -> None:
    model = MODELS["ring"]["autoregressive"]
    inside, outside = model.log_density(np.array([[0.5, 1.0], [0.5, 3.1]]))
    assert np.isfinite(inside)
    assert outside == -np.inf


@each_shape
def test_autoregressive_samples_follow_the_density(shape: str) -> None:
    model = MODELS[shape]["autoregressive"]
    points = model.sample(20_000, Random(5))
    share = np.bincount(model.bin_of(points[:, 0]), minlength=model.bins) / len(points)
    assert np.abs(share - np.exp(model.log_first())).max() < 0.005
    fresh, _ = shapes.draw(shape, 2000, Random(6))
    assert model.log_density(points).mean() == pytest.approx(model.log_density(fresh).mean(), abs=0.1)


# VAE ----------------------------------------------------------------------------------------


def test_the_kl_is_the_mean_log_ratio_and_zero_at_the_prior() -> None:
    mean, log_variance = np.array([[0.7, -1.2]]), np.array([[-0.5, 0.3]])
    codes = mean + np.exp(0.5 * log_variance) * Random(2).normals((200_000, 2))
    ratio = log_normal(codes, mean, log_variance) - log_normal(codes, np.zeros((1, 2)), np.zeros((1, 2)))
    assert kl(mean, log_variance)[0] == pytest.approx(ratio.mean(), abs=0.02)
    assert kl(np.zeros((3, 2)), np.zeros((3, 2))).tolist() == [0, 0, 0]


@each_shape
def test_the_vae_encodes_and_decodes(shape: str) -> None:
    model: VAE = MODELS[shape]["vae"]
    points, _ = shapes.draw(shape, 500, Random(8))
    mean, log_variance = model.encode(points)
    assert mean.shape == log_variance.shape == (500, model.latents)
    place = model.decode(mean)
    assert place.shape == points.shape
    assert ((place - points) ** 2).mean() < 0.05  # of a variance of 1: the codes tell where the points are


@each_shape
def test_the_bound_lies_below_the_likelihood(shape: str) -> None:
    model: VAE = MODELS[shape]["vae"]
    points, _ = shapes.draw(shape, 200, Random(9))
    bound = model.bound(points, Random(1).normals((200, model.latents))).mean()
    mean, log_variance = model.encode(points)
    ratios = []
    random = Random(2)
    for _ in range(50):  # importance sampling (Burda et al. 2015): a tighter bound
        codes = mean + np.exp(0.5 * log_variance) * random.normals(mean.shape)
        prior = log_normal(codes, np.zeros_like(mean), np.zeros_like(mean))
        ratios.append(
            log_normal(points, model.decode(codes), model.log_variance) + prior - log_normal(codes, mean, log_variance)
        )
    likelihood = np.logaddexp.reduce(ratios, axis=0) - math.log(len(ratios))
    assert bound < likelihood.mean()


# Diffusion ----------------------------------------------------------------------------------


def test_the_schedule_falls_from_all_signal_to_none() -> None:
    assert SIGNAL[0] == 1
    assert len(SIGNAL) == STEPS + 1
    assert (np.diff(SIGNAL) < 0).all()
    assert 0 < SIGNAL[-1] < 1e-3


@pytest.mark.parametrize("t", [0, 1, 30, 70, STEPS])
def test_noising_keeps_the_variance_of_data_of_variance_1(t: int) -> None:
    points = shapes.draw("ring", 20_000, Random(1))[0]
    noisy = diffusion.add_noise(points, t, Random(2).normals(points.shape))
    assert noisy.var(axis=0) == pytest.approx(SIGNAL[t] * points.var(axis=0) + 1 - SIGNAL[t], abs=0.03)
    assert np.cov(noisy[:, 0], points[:, 0])[0, 1] == pytest.approx(math.sqrt(SIGNAL[t]) * points[:, 0].var(), abs=0.03)


def test_noise_and_clean_point_make_the_noisy_one() -> None:
    model: Diffusion = MODELS["spiral"]["diffusion"]
    points = Random(3).normals((40, 2))
    for t in (1, 50, STEPS):
        clean, noise = model.predict(points, t, 1, 2.5)
        assert diffusion.add_noise(clean, t, noise) == pytest.approx(points, abs=1e-9)
        assert model.score(points, t, 1, 2.5) == pytest.approx(-noise / math.sqrt(1 - SIGNAL[t]))


def test_guidance_0_forgets_the_class_and_1_is_the_plain_model() -> None:
    model: Diffusion = MODELS["moons"]["diffusion"]
    points = Random(3).normals((40, 2))
    without, plain = model.predict(points, 40)[1], model.predict(points, 40, 1, 1)[1]
    assert np.array_equal(model.predict(points, 40, 1, 0)[1], without)
    for scale in (0.5, 3):
        mixed = model.predict(points, 40, 1, scale)[1]
        assert mixed == pytest.approx(scale * plain + (1 - scale) * without, abs=1e-9)
    assert np.abs(plain - without).max() > 0.1


def test_a_class_for_each_point_is_the_same_as_one_for_all() -> None:
    model: Diffusion = MODELS["ring"]["diffusion"]
    points = Random(3).normals((8, 2))
    mixed = model.velocity(points, 20, np.arange(8))
    for label in range(8):
        assert mixed[label] == pytest.approx(model.velocity(points, 20, label)[label], abs=1e-12)


def test_without_added_noise_sampling_is_deterministic() -> None:
    model: Diffusion = MODELS["ring"]["diffusion"]
    start = Random(3).normals((20, 2))
    paths = model.paths(start, steps=10)
    assert paths.shape == (11, 20, 2)
    assert np.array_equal(paths[0], start)
    assert np.array_equal(paths, model.paths(start, Random(9), steps=10))
    noisy = [model.paths(start, Random(seed), steps=10, eta=1)[-1] for seed in (1, 1, 2)]
    assert np.array_equal(noisy[0], noisy[1])
    assert not np.array_equal(noisy[0], noisy[2])


def test_the_ancestral_step_is_that_of_the_source() -> None:
    """With all steps and eta 1 the mean and variance are those of DDPM, equations 6 and 7."""
    model: Diffusion = MODELS["ring"]["diffusion"]
    start = Random(3).normals((500, 2))
    clean, _ = model.predict(start, STEPS)
    now, then = SIGNAL[STEPS], SIGNAL[STEPS - 1]
    beta = 1 - now / then
    mean = math.sqrt(then) * beta / (1 - now) * clean + math.sqrt(now / then) * (1 - then) / (1 - now) * start
    stepped = model.paths(start, Random(4), steps=STEPS, eta=1)[1]
    noise = Random(4).normals((500, 2))
    assert stepped == pytest.approx(mean + math.sqrt((1 - then) / (1 - now) * beta) * noise, abs=1e-9)


def test_the_stops_of_a_sampler_fall_from_all_to_none() -> None:
    assert diffusion.times(4).tolist() == [100, 75, 50, 25, 0]
    assert diffusion.times(1).tolist() == [100, 0]
    for steps in (3, 7, 60, STEPS):
        stops = diffusion.times(steps)
        assert len(stops) == steps + 1
        assert (np.diff(stops) < 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: diffusion.times(0), "1 to 100 steps, not 0"),
        (lambda model: diffusion.times(101), "1 to 100 steps, not 101"),
        (lambda model: model.velocity(np.zeros((1, 2)), 5, 9), "the classes are 0 to 1"),
        (lambda model: model.paths(np.zeros((1, 2)), eta=1), "a source of noise"),
        (lambda model: Diffusion({}), "no network named 'diffusion.point'"),
    ],
)
def test_bad_input_is_told(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(MODELS["moons"]["diffusion"])


@each_shape
def test_classes_of_diffusion_samples_are_those_asked_for(shape: str) -> None:
    labels = np.arange(200) % shapes.CLASSES[shape]
    points = MODELS[shape]["diffusion"].sample(200, Random(1), steps=20, labels=labels)
    real, theirs = shapes.draw(shape, 2000, Random(2))
    nearest = ((points[:, None] - real[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (theirs[nearest] == labels).mean() > 0.97


# All four -----------------------------------------------------------------------------------


@each_shape
def test_every_family_has_learnt_the_shape(shape: str) -> None:
    """Each is far better than one Gaussian with the data's moments, the least that a model should beat."""
    real = shapes.draw(shape, 1000, Random(1))[0]
    gaussian = Random(2).normals((1000, 2)) * real.std(axis=0)
    least = measures.neighbours(real, gaussian).precision
    for family, model in MODELS[shape].items():
        found = measures.neighbours(real, model.sample(1000, Random(3)))
        assert found.precision > least + 0.2, family
        assert found.recall > 0.9, family


@each_shape
def test_the_card_tells_the_measures_of_the_file(shape: str) -> None:
    card = CARDS[shape]
    fresh = shapes.draw(shape, 5000, Random(card["seed"] + 1))[0]
    sample = MODELS[shape]["gan"].sample(5000, Random(card["seed"] + 2))
    assert measures.neighbours(fresh, sample).precision == pytest.approx(card["measures"]["gan"]["precision"], abs=1e-3)
    bound, exact = card["measures"]["vae"]["lower_bound"], card["measures"]["autoregressive"]["log_likelihood"]
    assert bound < exact
    assert container.read(WEIGHTS / card["file"])[1].items() <= card.items()


@each_shape
def test_the_same_comparison_comes_out_the_same(shape: str) -> None:
    first, second = (families.draw(MODELS[shape], shape, 100, 5, 2**32 - 1) for _ in range(2))
    assert list(first) == ["reference", "autoregressive", "vae", "gan", "diffusion", "data"]
    for name, points in first.items():
        assert points.shape == (100, 2)
        assert np.array_equal(points, second[name])
    assert not np.array_equal(first["reference"], first["data"])


PARITY = """async ([shape, n]) => {
  const url = (path) => `/assets/labs/${path}`;
  const [{ read }, { Random }, shapes, models] = await Promise.all(
    ["core/container.js", "core/random.js", "models/shapes.js", "models/families.js"].map((path) => import(url(path))));
  const { tensors } = read(await (await fetch(url(`weights/families-${shape}.bin`))).arrayBuffer());
  const diffusion = new models.Diffusion(tensors);
  const { points, labels } = shapes.draw(shape, n, new Random(7));
  const found = {
    data: points,
    autoregressive: new models.Autoregressive(tensors).sample(n, new Random(7)),
    vae: new models.VAE(tensors).sample(n, new Random(7)),
    gan: new models.GAN(tensors).sample(n, new Random(7)),
    diffusion: diffusion.sample(n, new Random(7), { steps: 20 }),
    guided: diffusion.sample(n, new Random(7), { steps: 10, labels, guidance: 3, eta: 1 }),
    single: diffusion.predict(points, 30, 1, 2).noise,
    noisy: models.addNoise(points, 60, new Random(8).normals(2 * n)),
  };
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, [...values]]));
}"""


@each_shape
def test_the_browser_draws_the_same(served_site: str, page: Page, shape: str) -> None:
    n = 300
    page.goto(served_site)
    found = page.evaluate(PARITY, [shape, n])
    models = MODELS[shape]
    points, labels = shapes.draw(shape, n, Random(7))
    wanted = {
        "data": points,
        **{family: models[family].sample(n, Random(7)) for family in ("autoregressive", "vae", "gan")},
        "diffusion": models["diffusion"].sample(n, Random(7), steps=20),
        "guided": models["diffusion"].sample(n, Random(7), steps=10, labels=labels, guidance=3, eta=1),
        "single": models["diffusion"].predict(points, 30, 1, 2)[1],
        "noisy": diffusion.add_noise(points, 60, Random(8).normals((n, 2))),
    }
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert np.abs(np.array(found[name]) - values.ravel()).max() < TOLERANCE, name
