"""What stands for the lab of sums where no script runs: speed against requests, and price against prompts."""

from handbook.figures.plot import Figure, linear, log
from handbook.models import sums

# Llama 3.1 8B on one H100, as in the chapter's tables.
PARAMETERS, LAYERS, HEADS, SIZE = 8e9, 32, 8, 128
BANDWIDTH, CONTEXT = 3.35e12, 4096
REQUESTS = (1, 2, 4, 8, 16, 32, 64)

# Invented round prices, USD for a million tokens, and an answer's length.
PROMPT_PRICE, ANSWER_PRICE, ANSWER = 3, 15, 500
PROMPTS = (500, 1000, 2000, 4000, 8000)
THOUSAND = 1000  # answers


def draw() -> dict[str, str]:
    """Return the figures: file name -> SVG text."""
    return {"sums.svg": speeds(), "sums-cost.svg": prices()}


def tables() -> dict[str, dict]:
    """Return the tables of the same numbers, by the figures' names."""
    return {"sums": speed_table(), "sums-cost": price_table()}


def each(bits: float, requests: int) -> float:
    """Return the ceiling in tokens a second for each of the requests."""
    cache = sums.cache_memory(LAYERS, HEADS, SIZE, CONTEXT, requests)
    return sums.speed(BANDWIDTH, sums.weight_memory(PARAMETERS, bits), cache, requests) / requests


def speeds() -> str:
    """Draw the ceiling for each request against the requests served together, at 16 and at 4 bits."""
    figure = Figure(height=250)
    axes = figure.axes(
        log(1, 64, "Requests together", ticks=[1, 2, 4, 8, 16, 32, 64]),
        linear(0, 800, "Tokens a second for each", ticks=[0, 200, 400, 600, 800]),
    )
    for colour, bits, text_at in ((1, 4, 330), (2, 16, 160)):
        axes.line(REQUESTS, [each(bits, requests) for requests in REQUESTS], colour=colour)
        axes.note(
            8 if bits == 4 else 1, text_at, f"{bits} bits a weight", colour=colour, dx=6, dy=18 if bits != 4 else -18
        )
    return figure.svg()


def speed_table() -> dict:
    """Return the same ceilings, with the bytes behind them."""
    rows = []
    for requests in REQUESTS:
        cache = sums.cache_memory(LAYERS, HEADS, SIZE, CONTEXT, requests)
        slow, fast = each(16, requests), each(4, requests)
        rows.append([str(requests), f"{cache / 1e9:.1f}", f"{slow:.0f}", f"{fast:.0f}", f"{fast / slow:.2f}"])
    header = ["Requests together", "Cache, GB", "Each at 16 bits, tokens a second", "Each at 4 bits", "Times faster"]
    return {"header": header, "rows": rows}


def thousand_prompts(tokens: int) -> float:
    """Return the dollars of a thousand prompts."""
    return tokens * PROMPT_PRICE / 1e6 * THOUSAND


def prices() -> str:
    """Draw the price of a thousand answers against the length of the prompt, in its two parts."""
    figure = Figure(height=250)
    axes = figure.axes(
        linear(0, 8000, "Prompt", unit="tokens", ticks=[0, 2000, 4000, 6000, 8000]),
        linear(0, 25, "USD for a thousand answers", ticks=[0, 5, 10, 15, 20, 25]),
    )
    ends = (0, 8000)
    axes.line(ends, [thousand_prompts(tokens) for tokens in ends], colour=1)
    axes.line(ends, [ANSWER * ANSWER_PRICE / 1e6 * THOUSAND] * 2, colour=2)
    axes.note(5200, thousand_prompts(5200), "the prompts", colour=1, anchor="end", dx=-8, dy=-4)
    axes.note(8000, ANSWER * ANSWER_PRICE / 1e6 * THOUSAND, "the answers", colour=2, anchor="end", dx=0, dy=-8)
    return figure.svg()


def price_table() -> dict:
    """Return the same prices, and their sum."""
    rows = []
    for tokens in PROMPTS:
        whole = sums.answer_price(tokens, ANSWER, PROMPT_PRICE, ANSWER_PRICE) * THOUSAND
        prompts = thousand_prompts(tokens)
        rows.append([f"{tokens:,}", f"{prompts:.2f}", f"{whole - prompts:.2f}", f"{whole:.2f}"])
    return {"header": ["Prompt, tokens", "Prompts, USD", "Answers, USD", "Both, USD"], "rows": rows}
