#!/usr/bin/python3
"""How far are the world's clocks from the sun?

For each of the time zone database's places and each day since 1970: what does the clock show when the sun
stands highest, and when does it rise? Writes result.json and a map, clock-vs-sun.svg.
"""

import datetime
import json
import math
import time

from sunmap import draw
from timezones import EPOCH, Database, read_places

LAST = datetime.date(2025, 12, 31)
DAYS = range(LAST.toordinal() - EPOCH + 1)
LATE_SUNRISE = 9 * 60
# The upper edge of the sun, seen through the air at the horizon.
SUNRISE_ZENITH = math.cos(math.radians(90.833))


def sun_on(day):
    """(minutes that a sundial is ahead of a mean clock, sine and cosine of the sun's declination)."""
    date = datetime.date.fromordinal(EPOCH + day)
    turn = 2 * math.pi * (date.timetuple().tm_yday - 0.5) / (366 if date.year % 4 == 0 else 365)
    equation = 229.18 * (
        0.000075
        + 0.001868 * math.cos(turn)
        - 0.032077 * math.sin(turn)
        - 0.014615 * math.cos(2 * turn)
        - 0.040849 * math.sin(2 * turn)
    )
    declination = (
        0.006918
        - 0.399912 * math.cos(turn)
        + 0.070257 * math.sin(turn)
        - 0.006758 * math.cos(2 * turn)
        + 0.000907 * math.sin(2 * turn)
        - 0.002697 * math.cos(3 * turn)
        + 0.00148 * math.sin(3 * turn)
    )
    return equation, math.sin(declination), math.cos(declination)


def study(place, database, sun):
    """One place, every day."""
    zone, latitude, longitude = place
    sine, cosine = math.sin(math.radians(latitude)), math.cos(math.radians(latitude))
    total, late_mornings, latest, latest_day = 0.0, 0, -math.inf, 0
    for day, offset in zip(DAYS, database.daily_offsets(zone, DAYS)):
        equation, sun_sine, sun_cosine = sun[day]
        # A clock shows no date: east and west of the date line count the same.
        ahead = (offset / 60 - 4 * longitude - equation + 720) % 1440 - 720
        total += ahead
        half_day = (SUNRISE_ZENITH - sine * sun_sine) / (cosine * sun_cosine)
        if -1 < half_day < 1:  # else the sun does not rise or does not set on that day
            sunrise = 720 + ahead - 4 * math.degrees(math.acos(half_day))
            late_mornings += sunrise > LATE_SUNRISE
            if sunrise > latest:
                latest, latest_day = sunrise, day
    return {
        "zone": zone,
        "name": zone.rpartition("/")[2].replace("_", " "),
        "latitude": round(latitude, 3),
        "longitude": round(longitude, 3),
        "aheadMinutes": round(total / len(DAYS), 1),
        "lateMorningsAYear": round(late_mornings * 365.25 / len(DAYS), 1),
        "latestSunrise": clock(latest) if latest > -math.inf else None,
        "latestSunriseOn": str(datetime.date.fromordinal(EPOCH + latest_day)),
    }


def clock(minutes):
    return f"{int(minutes) // 60 % 24:02}:{int(minutes) % 60:02}"


def span(minutes):
    return f"{int(abs(minutes)) // 60} h {int(abs(minutes)) % 60:02} min"


def side(minutes):
    return "ahead of" if minutes > 0 else "behind"


def main():
    began = time.monotonic()
    database = Database(open("tzdata.zi", encoding="utf-8").read())
    places = read_places(open("zone1970.tab", encoding="utf-8").read())
    print(f"{len(places)} places, {len(DAYS):,} days each, from the IANA time zone database", flush=True)
    sun = [sun_on(day) for day in DAYS]

    studied, region = [], []
    places.sort()
    for i, place in enumerate(places):
        region.append(study(place, database, sun))
        name = place[0].partition("/")[0]
        if i + 1 == len(places) or not places[i + 1][0].startswith(name + "/"):
            far = max(region, key=lambda one: abs(one["aheadMinutes"]))
            print(
                f"{(i + 1) / len(places):5.0%}  {name:<11}{len(region):4} places, furthest off: {far['name']},"
                f" {span(far['aheadMinutes'])} {side(far['aheadMinutes'])} the sun",
                flush=True,
            )
            studied += region
            region = []

    ahead = max(studied, key=lambda one: one["aheadMinutes"])
    behind = min(studied, key=lambda one: one["aheadMinutes"])
    late = max(studied, key=lambda one: one["lateMorningsAYear"])
    average = sum(one["aheadMinutes"] for one in studied) / len(studied)
    result = {
        "places": len(studied),
        "days": len(DAYS),
        "averageMinutesAhead": round(average, 1),
        "furthestAhead": {"place": ahead["zone"], "minutes": ahead["aheadMinutes"]},
        "furthestBehind": {"place": behind["zone"], "minutes": -behind["aheadMinutes"]},
        "mostSunrisesAfterNine": {"place": late["zone"], "aYear": late["lateMorningsAYear"]},
    }
    with open("clock-vs-sun.svg", "w", encoding="utf-8") as file:
        file.write(draw(studied, average))
    with open("result.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
    print(f"{len(studied) * len(DAYS):,} days and nights in {time.monotonic() - began:.1f} s", flush=True)


main()
