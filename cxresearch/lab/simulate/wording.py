"""The words behind the slots of clauses: names, devices, amounts, numbers; all invented."""

import re

import numpy as np

FIRST = (
    "Ada Ben Carla David Elin Farid Greta Hugo Ines Jonas Karin Leo Mira Nils Olga Pablo Quinn "
    "Rosa Sami Tara Uwe Vera Wim Yara Zoe Amir Bela Cleo Dario Edda Finn Gina Hana Igor Jule"
).split()
LAST = (
    "Abel Berger Castro Dahl Engel Ferro Grant Holm Iversen Jansen Keller Lorca Marsh Novak "
    "Ortega Pohl Quist Reyes Sauer Tran Ullman Vidal Weber Young Zeller Brook Finch Hollis"
).split()
SHOPS = (
    "Birch & Bolt;Corner Cycles;Harbour Tools;Lamp Street;Nordwool;Papertree;Plum Kitchen;"
    "Redwing Parts;Saltmarsh Books;Tall Oak Toys;Wild Thyme;Winter Yard"
).split(";")
MONTHS = (
    "January February March April May June July August September October November December"
).split()
CHOICES = {
    "device": "Lark One;Lark Two;Galaxy A54;Pixel 7;iPhone 13;iPad 9;Zebra TC22;Honeywell CT30",
    "browser": "Chrome;Firefox;Edge;Safari;Chrome 126;Firefox ESR",
    "warehouse": "the main warehouse;warehouse North;warehouse B;the Leeds store;the Porto store;"
    "the back room;the second shop;the container",
    "file": "articles.csv;prices_2025.xlsx;stock-list.csv;suppliers.csv;export (3).xlsx;items.txt",
    "plan": "Starter;Team;Business",
    "role": "Counter;Warehouse;Member;Editor;Buyer",
    "system": "Shopify;WooCommerce;our web shop;DATEV;Xero;Zapier;Magento;our cash register",
    "code": "401;403;404;409;422;429;500;502;503;504",
    "weekday": "Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday",
    "nth": "second;third;fourth;fifth;tenth",
    "host": "birch;cycles;harbour;lamp;nordwool;paper;plum;redwing;salt;oak;thyme;yard",
}
LISTS = {name: words.split(";") for name, words in CHOICES.items()}
SLOT = re.compile(r"\{([a-z]+0?)\}")


class Dice:
    """Random choices one at a time, from a numpy stream."""

    def __init__(self, rng: np.random.Generator):
        self._rng, self._drawn = rng, iter(())

    def __call__(self) -> float:
        """A number from 0 to 1."""
        for drawn in self._drawn:
            return drawn
        self._drawn = iter(self._rng.random(4096).tolist())
        return next(self._drawn)

    def one(self, words):
        """One of the words."""
        return words[int(self() * len(words))]

    def whole(self, low: int, high: int) -> int:
        """A whole number from low up to and including high."""
        return low + int(self() * (high - low + 1))

    def digits(self, n: int) -> str:
        """n digits, the first of which is not 0."""
        return str(self.whole(10 ** (n - 1), 10**n - 1))


def slots_filled(text: str, dice: Dice, known: dict[str, str]) -> str:
    """The text with every {slot} replaced; what is known of the ticket comes before chance, and
    what chance says is known from then on: a ticket has one order number, one device."""
    return SLOT.sub(lambda slot: _kept(slot[1], dice, known) or slot[0], text)


def person_name(number: int) -> str:
    """First and last name of a person, by number: always the same."""
    return f"{FIRST[number % len(FIRST)]} {LAST[number * 7 // 5 % len(LAST)]}"


def email_of(name: str, number: int) -> str:
    """A mailbox of that person at an invented shop."""
    host = LISTS["host"][number % 12]
    return f"{name.lower().replace(' ', '.')}@{host}.example.{'com' if number % 3 else 'org'}"


def card_number(dice: Dice) -> str:
    """A card number whose check digit is right (Luhn), from the range kept for tests."""
    digits = [4, 0, 0, 0, 0, 0, *(dice.whole(0, 9) for _ in range(9))]
    doubled = [d if place % 2 else d * 2 - 9 * (d > 4) for place, d in enumerate(digits)]
    digits.append(-sum(doubled) % 10)
    return " ".join("".join(map(str, digits[i : i + 4])) for i in range(0, 16, 4))


def _kept(slot: str, dice: Dice, known: dict[str, str]) -> str:
    """The word for a slot, or nothing if there is no such slot."""
    if slot in known:
        return known[slot]
    word = dice.one(LISTS[slot]) if slot in LISTS else MADE[slot](dice) if slot in MADE else ""
    if slot not in CHANGING:
        known[slot] = word
    return word


def _phone(dice: Dice) -> str:
    """A number from the ranges kept for films and books."""
    form = dice.one(("+44 7700 900{}", "07700 900 {}", "+49 171 39200{:.2}", "+1 202 555 01{:.2}"))
    return form.format(dice.digits(3))


# Slots that may change within a ticket.
CHANGING = ("n", "few", "hours", "secs", "big", "hex", "hour", "minute", "nth")
AMOUNTS = ("€{}", "{} EUR", "€ {}")
PATHS = ("orders", "v2/items", "hook", "stock", "login", "report?id=7")
MADE = {
    "n": lambda d: str(d.whole(2, 48)),
    "few": lambda d: str(d.whole(2, 6)),
    "hours": lambda d: str(d.whole(2, 9)),
    "secs": lambda d: str(d.whole(12, 95)),
    "day": lambda d: f"{d.whole(4, 28)}th",
    "big": lambda d: f"{d.whole(2, 95) * 100:,}",
    "amount": lambda d: d.one(AMOUNTS).format(f"{d.whole(19, 990)}.{d.whole(10, 99)}"),
    "invoice": lambda d: f"INV-{d.digits(6)}",
    "order": lambda d: d.one(("LK-{}", "LK{}", "#{}")).format(d.digits(6)),
    "ticket": lambda d: d.digits(6),
    "version": lambda d: f"{d.whole(4, 6)}.{d.whole(0, 14)}.{d.whole(0, 3)}",
    "person": lambda d: d.one(FIRST),
    "phone": _phone,
    "mm": lambda d: f"{d.whole(1, 12):02d}",
    "card": card_number,
    "email": lambda d: email_of(person_name(d.whole(0, 900)), d.whole(0, 90)),
    "url": lambda d: f"https://{d.one(LISTS['host'])}.example.com/{d.one(PATHS)}",
    "hex": lambda d: f"{d.whole(2**24, 2**32 - 1):08x}",
    "hour": lambda d: f"{d.whole(7, 19):02d}",
    "minute": lambda d: f"{d.whole(0, 59):02d}",
}
