"""Train the small GPT on this handbook's own prose: python -m handbook.models.training gpt.

The model is that of handbook/models/gpt.py, in PyTorch so that it can be trained. Its sizes, the number of steps and
the other constants were found by looking at the held-out loss of earlier runs; so that loss flatters a little.
"""

import math
from datetime import date
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from handbook.models import bpe, container, gpt, text
from handbook.models.training import WEIGHTS

SHAPE = gpt.Shape(vocabulary=1024, width=80, blocks=4, heads=4, inner=240, context=128)
STEPS, BATCH = 3000, 16
RATE, LAST_RATE, WARM_UP = 3e-3, 0.02, 100  # learning rate, the share of it at the end, steps until it is reached
DECAY, DROPOUT, LARGEST_GRADIENT = 0.1, 0.15, 1.0
THREADS = 1  # a second one gains little on matrices as small as these

BOUNDS = {
    "gpt.bin": {
        "measures.held_out.loss": 0.15,
        "measures.held_out.bits_per_byte": 0.08,
        "measures.held_out_before_rounding.loss": 0.15,
        "measures.training_part.loss": 0.25,
    }
}


class Norm(nn.Module):
    """RMSNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(SHAPE.width))

    def forward(self, x: Tensor) -> Tensor:
        return self.gain * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + gpt.TINY)


class Block(nn.Module):
    """Attention and feed-forward network, each added to its input."""

    def __init__(self) -> None:
        super().__init__()
        d, f = SHAPE.width, SHAPE.inner
        self.attention_norm, self.inner_norm = Norm(), Norm()
        self.query, self.key, self.value, self.output = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(d, f, bias=False), nn.Linear(f, d, bias=False)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        normal = self.attention_norm(x)
        query, key, value = (
            of(normal).unflatten(-1, (SHAPE.heads, -1)).transpose(1, 2) for of in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(
            rotate(query, cosine, sine), rotate(key, cosine, sine), value, is_causal=True
        )
        x = x + self.dropout(self.output(mixed.transpose(1, 2).flatten(-2)))
        return x + self.dropout(self.down(functional.relu(self.up(self.inner_norm(x)))))


class Model(nn.Module):
    """The whole of it: ids (batch, n) to logits (batch, n, V)."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SHAPE.vocabulary, SHAPE.width)
        self.blocks = nn.ModuleList(Block() for _ in range(SHAPE.blocks))
        self.norm = Norm()
        self.dropout = nn.Dropout(DROPOUT)
        size = SHAPE.width // SHAPE.heads
        angles = torch.arange(SHAPE.context)[:, None] * gpt.BASE ** (-torch.arange(0, size, 2) / size)
        self.cosine, self.sine = angles.cos(), angles.sin()
        nn.init.normal_(self.embedding.weight, std=0.02)
        for block in self.blocks:
            for layer in (block.query, block.key, block.value, block.output, block.up, block.down):
                nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            for layer in (block.output, block.down):  # Radford et al. 2019, section 2.3: sums over depth stay in range
                layer.weight.data /= math.sqrt(2 * SHAPE.blocks)

    def forward(self, ids: Tensor) -> Tensor:
        n = ids.shape[1]
        x = self.dropout(self.embedding(ids))
        for block in self.blocks:
            x = block(x, self.cosine[:n], self.sine[:n])
        return self.norm(x) @ self.embedding.weight.T

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights under the names of gpt.Shape.tensors."""
        parameters = {name: value.detach().numpy() for name, value in self.named_parameters()}
        names = {name.removesuffix(".weight").removesuffix(".gain"): name for name in parameters}
        return {name: parameters[names[name]] for name in SHAPE.tensors()}


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn queries or keys (batch, h, n, d_k) by their positions."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


def fit(ids: list[int], seed: int) -> Model:
    """Train a model on the ids: AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101), a warm-up, then half a cosine."""
    torch.manual_seed(seed)
    torch.set_num_threads(THREADS)
    model, data = Model(), torch.tensor(ids)
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    gains = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": gains, "weight_decay": 0.0}], betas=(0.9, 0.99)
    )
    for step in range(1, STEPS + 1):
        fall = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * step / STEPS)) / 2
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, step / WARM_UP) * fall
        begins = torch.randint(len(data) - SHAPE.context, (BATCH, 1))
        windows = data[begins + torch.arange(SHAPE.context + 1)]
        loss = functional.cross_entropy(model(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
    return model.eval()


def measure(model: gpt.Gpt, tokeniser: bpe.Tokeniser, prose: str) -> dict[str, float]:
    """Loss in nats and perplexity, both per token, and bits per byte of a text, given a line feed before it."""
    losses = model.losses(tokeniser.encode("\n" + prose))
    return {
        "loss": round(float(losses.mean()), 4),
        "perplexity": round(float(np.exp(losses.mean())), 2),
        "bits_per_byte": round(float(losses.sum()) / math.log(2) / len(prose.encode()), 4),
    }


def train(seed: int, out: Path) -> list[dict]:
    """Train, write gpt.bin and gpt.json into the folder, and return the card."""
    training, held_out = text.split()
    tokeniser = bpe.load(WEIGHTS / "tokeniser.bin")
    if tokeniser.size != SHAPE.vocabulary:
        raise ValueError(f"the tokeniser has {tokeniser.size} tokens, the model {SHAPE.vocabulary}: train both")
    ids = tokeniser.encode(training)
    tensors = fit(ids, seed).tensors()
    rounded = {name: dequantised(tensor) for name, tensor in tensors.items()}
    small = gpt.Gpt(SHAPE, rounded)
    card = {
        "name": "gpt",
        "what": "Decoder-only transformer of the labs",
        "data": "The prose of this handbook's chapters; every tenth section is held out",
        "data_sha256": text.fingerprint(training),
        "tokens": {"training": len(ids), "held_out": len(tokeniser.encode(held_out))},
        "shape": vars(SHAPE),
        "parameters": SHAPE.parameters,
        "steps": {"number": STEPS, "tokens_each": BATCH * SHAPE.context},
        "seed": seed,
        "script": "python -m handbook.models.training gpt",
        "measures": {
            "training_part": measure(small, tokeniser, training[: len(held_out)]),
            "held_out": measure(small, tokeniser, held_out),
            "held_out_before_rounding": measure(gpt.Gpt(SHAPE, tensors), tokeniser, held_out),
        },
        "date": date.today().isoformat(),
    }
    types = {name: "i8" for name, tensor in tensors.items() if tensor.ndim > 1}
    return [container.write(out / "gpt.bin", tensors, card, types)]


def dequantised(tensor: np.ndarray) -> np.ndarray:
    """A tensor as it is read from the file: matrices with int8 numbers and a scale for each row."""
    if tensor.ndim == 1:
        return tensor
    numbers, scales = container.quantise(tensor)
    return numbers * scales[:, None]
