"""Reads the IANA time zone database and says how far each place's clock was from UTC, day by day."""

import datetime
import re

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
DAY = 86_400
EPOCH = datetime.date(1970, 1, 1).toordinal()


def seconds(text):
    """`2:30` -> 9000, `-1` -> -3600, `-` -> 0."""
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("-").split(":") if part]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1)))


def starting_with(names, prefix):
    return next(i for i, name in enumerate(names) if name.startswith(prefix.lower()))


def month_days(year, month):
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return (following - datetime.date(year, month, 1)).days


def day_number(year, month, on):
    """The day that `on` names in that month (`14`, `lastSun`, `Sun>=8`, `Sat<=30`), counted from 1970-01-01."""
    if on.isdigit():
        return datetime.date(year, month, int(on)).toordinal() - EPOCH
    if on.startswith("last"):
        weekday, step, start = on[4:], -1, month_days(year, month)
    else:
        weekday, relation, day = re.fullmatch(r"(\w+)([<>])=(\d+)", on).groups()
        step, start = (1 if relation == ">" else -1), int(day)
    number = datetime.date(year, month, start).toordinal() - EPOCH
    wanted = starting_with(WEEKDAYS, weekday)
    while (number + 3) % 7 != wanted:  # 1970-01-01 was a Thursday
        number += step
    return number


def moment(year, month="Jan", on="1", at="0"):
    """A time as the database writes it: (seconds on that clock since 1970, which clock)."""
    clock = at[-1] if at[-1] in "wsugz" else "w"
    midnight = day_number(year, starting_with(MONTHS, month) + 1, on) * DAY
    return midnight + seconds(at.rstrip("wsugz")), clock


def to_utc(time, standard, save):
    civil, clock = time
    return civil - {"w": standard + save, "s": standard}.get(clock, 0)


class Database:
    def __init__(self, text):
        self.rules, self.zones, self.links = {}, {}, {}
        zone = None
        for line in text.splitlines():
            fields = line.split()
            match fields:
                case [] | ["#", *_]:
                    continue
                case ["R", name, *rule]:
                    self.rules.setdefault(name, []).append(rule)
                case ["L", target, name]:
                    self.links[name] = target
                case ["Z", name, *era]:
                    zone = self.zones.setdefault(name, [])
                    zone.append(era)
                case era:
                    zone.append(era)

    def activations(self, name, first_year, last_year):
        """When the rules of that name change the clock: [(moment, seconds saved)], in order."""
        found = []
        for first, last, _, month, on, at, save, *_ in self.rules[name]:
            first = int(first)
            last = {"o": first, "ma": last_year}.get(last) or int(last)
            for year in range(max(first, first_year), min(last, last_year) + 1):
                found.append((moment(year, month, on, at), seconds(save.rstrip("sd"))))
        return sorted(found)

    def changes(self, name, last_year):
        """The zone's whole history: [(UTC second from which it holds, seconds ahead of UTC)], in order."""
        history, start = [], float("-inf")
        for era in self.zones[self.links.get(name, name)]:
            standard, rules, _, *until = era
            standard = seconds(standard)
            end = moment(int(until[0]), *until[1:]) if until else None
            save, steps = 0, []
            if rules in self.rules:
                steps = self.activations(rules, 1800, last_year)
            elif rules != "-":
                save = seconds(rules)
            begun = []
            for time, next_save in steps:
                at = to_utc(time, standard, save)
                if end and at >= to_utc(end, standard, save):
                    break
                save = next_save
                if at > start:
                    begun.append((at, standard + save))
                else:
                    begun = [(start, standard + save)]
            if not begun or begun[0][0] > start:
                before = 0 if rules in self.rules else save
                begun.insert(0, (start, standard + before))
            history += begun
            start = to_utc(end, standard, save) if end else float("inf")
        return history

    def daily_offsets(self, name, days):
        """Seconds ahead of UTC at noon UTC of each day (a range, counted from 1970-01-01)."""
        history = self.changes(name, 1972 + days[-1] // 365)
        offsets, i = [], 0
        for day in days:
            while i + 1 < len(history) and history[i + 1][0] <= day * DAY + DAY // 2:
                i += 1
            offsets.append(history[i][1])
        return offsets


def read_places(text):
    """[(zone, latitude, longitude)] from zone1970.tab, in degrees."""
    places = []
    for line in text.splitlines():
        if not line.startswith("#"):
            _, coordinates, zone, *_ = line.split("\t")
            places.append((zone, *map(degrees, re.findall(r"[+-]\d+", coordinates))))
    return places


def degrees(text):
    """ISO 6709: `+4230` -> 42.5; seconds of arc may follow the minutes."""
    sign, digits = text[0], text[1:]
    whole = 2 if len(digits) in (4, 6) else 3
    minutes, arc_seconds = digits[whole : whole + 2], digits[whole + 2 :] or "0"
    return float(sign + "1") * (int(digits[:whole]) + int(minutes) / 60 + int(arc_seconds) / 3600)
