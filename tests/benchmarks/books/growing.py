"""A picture of what a reward costs as the catalogue grows."""

from collections.abc import Iterator, Sequence
from math import log10

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 40, 52
LINES = 4
FONT = 'font-family="sans-serif" font-size="12" fill="#333"'


def draw_growth(point: int, costs: Sequence[float]) -> str:
    """Draw milliseconds per reward over the number of rewards, which is laid out by its logarithm."""
    ceiling = _ceiling(max(costs))
    sizes = [point * (number + 1) for number in range(len(costs))]
    spots = [
        (_x(size, sizes[0], sizes[-1]), _y(cost, ceiling))
        for size, cost in zip(sizes, costs, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img">',
        "<title>Milliseconds to import a reward, by how many there are</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" {FONT}>ms to import one reward (3 languages, 5 faces),'
        " by how many rewards there are</text>",
        *_grid(ceiling),
        *_sizes(sizes[0], sizes[-1]),
        f'<polyline points="{path}" fill="none" stroke="#0b6e69" stroke-width="1.5"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="#0b6e69"/>' for x, y in spots),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ceiling(greatest: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten, so that the lines stand at plain numbers."""
    power = 10.0 ** (len(str(int(greatest))) - 1 if greatest >= 1 else -1)
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= greatest)


def _x(size: int, least: int, most: int) -> float:
    span = log10(most) - log10(least) or 1.0
    return LEFT + (WIDTH - LEFT - RIGHT) * (log10(size) - log10(least)) / span


def _y(cost: float, ceiling: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - cost / ceiling)


def _grid(ceiling: float) -> Iterator[str]:
    for number in range(LINES + 1):
        value = ceiling * number / LINES
        y = _y(value, ceiling)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {FONT}>{value:.3g}</text>'


def _sizes(least: int, most: int) -> Iterator[str]:
    marks = [size for size in (least, 30_000, 100_000, 300_000, most) if least <= size <= most]
    for size in dict.fromkeys(marks):
        x = _x(size, least, most)
        yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>'
        yield (
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" {FONT}>'
            f"{size:,}</text>"
        )
