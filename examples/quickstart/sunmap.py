"""Draws places on a map of the world, coloured by how far their clock is from the sun."""

from html import escape

WIDTH, MAP_HEIGHT, TOP, BOTTOM = 1080, 540, 96, 150
LIMIT = 100  # minutes at which the colour is full


def colour(minutes):
    """Blue where noon comes early, grey where the clock agrees with the sun, red where it comes late."""
    share = max(-1.0, min(1.0, minutes / LIMIT))
    full = (196, 40, 40) if share > 0 else (30, 90, 200)
    return "#" + "".join(f"{round(188 + (part - 188) * abs(share)):02x}" for part in full)


def at(latitude, longitude):
    return (longitude + 180) * WIDTH / 360, TOP + (90 - latitude) * MAP_HEIGHT / 180


def text(x, y, words, size=15, extra=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" {extra}>{escape(words)}</text>'


def label(minutes):
    sign = "+" if minutes >= 1 else "\u2212" if minutes <= -1 else ""
    return f"{sign}{int(abs(minutes)) // 60}:{int(abs(minutes)) % 60:02}"


def grid():
    for longitude in range(-180, 181, 15):
        x, _ = at(0, longitude)
        yield f'<path d="M{x:.1f} {TOP}v{MAP_HEIGHT}" stroke="#e7e7ea"/>'
    for latitude in (-60, -30, 0, 30, 60):
        _, y = at(latitude, 0)
        stroke = "#c9c9d0" if latitude == 0 else "#e7e7ea"
        yield f'<path d="M0 {y:.1f}h{WIDTH}" stroke="{stroke}"/>'


def dots(studied):
    for one in sorted(studied, key=lambda one: abs(one["aheadMinutes"])):
        x, y = at(one["latitude"], one["longitude"])
        fill = colour(one["aheadMinutes"])
        title = f"{one['zone']}: clock {label(one['aheadMinutes'])} against the sun, latest sunrise {one['latestSunrise']}"
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="#fff">'
            f"<title>{escape(title)}</title></circle>"
        )


def names(studied):
    """The places furthest off, ahead and behind, as far as their names do not cover one another."""
    by_clock = sorted(studied, key=lambda one: one["aheadMinutes"])
    taken = []
    for one in by_clock[::-1][:6] + by_clock[:4]:
        x, y = at(one["latitude"], one["longitude"])
        if any(abs(x - other_x) < 160 and abs(y - other_y) < 18 for other_x, other_y in taken):
            continue
        taken.append((x, y))
        words = f"{one['name']} {label(one['aheadMinutes'])}"
        yield text(x + 10, y + 5, words, 14, 'paint-order="stroke" stroke="#fff" stroke-width="4"')


def histogram(studied):
    """How many places lie in each quarter of an hour, from two hours behind to three ahead."""
    bins = [0] * 20
    for one in studied:
        bins[max(0, min(len(bins) - 1, int((one["aheadMinutes"] + 120) // 15)))] += 1
    base, step = TOP + MAP_HEIGHT + BOTTOM - 34, WIDTH / len(bins)
    for i, count in enumerate(bins):
        height = 80 * count / max(bins)
        minutes = i * 15 - 120
        yield f'<rect x="{i * step + 2:.1f}" y="{base - height:.1f}" width="{step - 4:.1f}" height="{height:.1f}" fill="{colour(minutes + 7)}"/>'
        if minutes % 60 == 0:
            yield text(i * step, base + 18, label(minutes), 12, 'text-anchor="middle"' if i else "")


def draw(studied, average):
    height = TOP + MAP_HEIGHT + BOTTOM
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" fill="#26262b">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            text(20, 40, "What the clock shows when the sun stands highest", 26, 'font-weight="bold"'),
            text(
                20,
                68,
                f"Average of every day since 1970 at {len(studied)} places. Red: the clock is ahead of the sun, so noon and"
                f" sunrise come late. All places: {label(average)}.",
            ),
            *grid(),
            *dots(studied),
            *names(studied),
            *histogram(studied),
            text(WIDTH - 10, height - 6, "Data: IANA time zone database, public domain", 11, 'text-anchor="end"'),
            "</svg>\n",
        ]
    )
