"""Noise as help desks see it around a customer's own words, for the tests only.

It was written before the scrubbing that it tries and is not to be changed to suit it; the demo's
simulator has other sentences.
"""

import html

import numpy as np

PEOPLE = (
    "Aoife Brennan;Marcus Oyelaran;Priya Raghunathan;Tomasz Wieczorek;Lucía Etxeberria;"
    "Jürgen Altmüller;Chiara Bonfanti;Olamide Adeyemi;Sven Lindqvist;Fatima Zahra;"
    "Duncan McAllister;Ewa Nowicka;Rajesh Subramanian;Beatriz Carvalho;Wolfgang Hintermeier;"
    "Nkechi Obi;Paul O'Leary;Hye-jin Park;"
    "Rosalind Okafor;Ignacio Belmonte"
).split(";")
FIRMS = (
    "Hartwell Logistics Ltd;Brüggemann & Söhne GmbH;Talleres Iriarte S.L.;Quayside Dental;"
    "Northgate Joinery;Pemberton Hotels plc;Ferreira Import Lda;Kestrel Avionics Inc."
).split(";")
ROLES = "Accounts Payable;Office Manager;Geschäftsführer;Head of Operations;Jefa de Compras".split(
    ";"
)
STREETS = "Mill Lane;Goethestraße;Calle Mayor;Station Road;King Street".split(";")
TOWNS = "Leeds LS1 4DY;80331 München;28013 Madrid;Bristol BS1 5TR;Austin TX 78701".split(";")
GREETINGS = (
    "Hi {agent},;Hello Support Team,;Dear Sir or Madam,;Good afternoon,;Hey guys!!;Hiya;"
    "To whom it may concern:;Dear customer care,;Hallo zusammen,;Buenos días,;"
    "Sehr geehrte Damen und Herren,;Estimado equipo de soporte:;Hello {agent}, hope you are well."
).split(";")
CLOSINGS = (
    "Kind regards,;Best,;Thx;Many thanks in advance!;Yours faithfully,;Cheers;BR;"
    "Mit freundlichen Grüßen;Un saludo,;Thanks & regards;Warmly,;Vielen Dank im Voraus;"
    "Saludos cordiales,;Looking forward to hearing from you"
).split(";")
CONTACT = (
    "You can reach me on {phone} after five.;Please e-mail me at {mail}.;Call me back: {phone}.;"
    "My customer number is {number}.;The reference is {ref}, in case you need it.;"
    "My postal address is {house} {street}, {town}.;Best to phone {phone} or write to {mail}.;"
    "Sie erreichen mich unter {phone}.;Mi número de cliente es {number}."
).split(";")
FOOTERS = (
    "This message and its attachments are intended only for the person named above and may hold "
    "privileged material. If it reached you in error, destroy every copy and tell the sender.",
    "CAUTION: this mail came from outside of our organisation. Do not follow links unless you "
    "recognise the sender.",
    "Submitted through the contact form on {date} at {clock}, request {number}.",
    "Please think of the trees before you print this.",
    "Diese Nachricht ist vertraulich. Wenn Sie nicht der Empfänger sind, löschen Sie sie bitte.",
    "Este mensaje es confidencial. Si lo ha recibido por error, bórrelo, por favor.",
)
DEVICES = ("Sent from my iPhone", "Get Outlook for Android", "Sent from Yahoo Mail on Android",
           "Von meinem iPhone gesendet", "Enviado desde mi iPhone")  # fmt: skip
REPLIES = (
    "Thank you for getting in touch. We have opened a case for you and will look into your card "
    "payment. You need not do anything at the moment.",
    "Thanks for your patience. Your identity check is with our team. It can take up to two days.",
    "We are sorry to hear this. Have you tried to install the app anew and to sign in again?",
    "Your transfer was passed to the receiving bank. Exchange rates are those of the moment.",
    "Please find our fees and limits in the help centre. Is there anything else we can do?",
)
BEGINNINGS = (
    "On {day}, {date} at {clock}, {agent} <{mail}> wrote:",
    "Am {date} um {clock} schrieb {agent} <{mail}>:",
    "El {date} a las {clock}, {agent} ({mail}) escribió:",
    "-----Original Message-----\nFrom: {agent} <{mail}>\nSent: {date} {clock}\nTo: {person}\n"
    "Subject: RE: your request {number}\n",
    "________________________________\nVon: {agent} <{mail}>\nGesendet: {date} {clock}\n"
    "An: {person}\nBetreff: AW: Ihre Anfrage {number}\n",
)
TRACES = (
    '```\nTraceback (most recent call last):\n  File "client.py", line {house}, in send\n'
    "    raise Refused(code)\nrequests.exceptions.Timeout: {number}\n```",
    "java.io.IOException: stream closed\n\tat com.acme.net.Wire.read(Wire.java:{house})\n"
    "\tat com.acme.App.main(App.java:12)",
    "TypeError: t is undefined\n    at render (app.min.js:1:{number})\n"
    "    at loop (app.min.js:1:9)",
    "{iso} ERROR [worker-{house}] c.a.n.Wire - request {hex} failed",
)
FORM = "Name: {person}\nE-mail: {mail}\nPhone: {phone}\nCustomer number: {number}\nMessage: "
TOKENS = "ref {ref};{hex};https://portal.example.com/c/{hex}?id={number};#{number};{mail}".split(
    ";"
)
DAYS = "Mon Tue Wed Thu Fri".split()


def noisy(text: str, seed: int) -> str:
    """The text as a mail, a form or a chat line might hold it; the same seed adds the same."""
    dice = np.random.default_rng(seed)
    facts = _facts(dice)
    kind = dice.random()
    if kind < 0.1:
        return text
    if kind < 0.25:
        written = FORM + _with_token(text, dice)
    else:
        written = _mail(text, dice)
    written = _filled(written, facts)
    return _marked_up(written) if dice.random() < 0.15 else written


def _mail(text: str, dice) -> str:
    parts = [
        _perhaps(GREETINGS, 0.8, dice),
        _perhaps(CONTACT, 0.2, dice),
        _with_token(text, dice),
        _perhaps(TRACES, 0.1, dice),
        _perhaps(CONTACT, 0.35, dice),
        _signature(dice),
        _perhaps(DEVICES, 0.15, dice),
        _perhaps(FOOTERS, 0.45, dice),
        _quoted(dice) if dice.random() < 0.3 else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _signature(dice) -> str:
    if dice.random() < 0.2:
        return ""
    lines = [str(dice.choice(CLOSINGS)), "{person}"]
    if dice.random() < 0.5:
        more = ["{role}", "{firm}", "{house} {street}, {town}", "Tel.: {phone}", "Mob. {phone}",
                "{mail} | www.example.com", "VAT no. GB{number}"]  # fmt: skip
        lines += [line for line in more if dice.random() < 0.6]
    return "\n".join(lines)


def _quoted(dice) -> str:
    begins, reply = str(dice.choice(BEGINNINGS)), str(dice.choice(REPLIES))
    lines = ["Dear {person},", "", reply, "", "{agent}", "Customer Care"]
    mark = "> " if begins.endswith(":") and dice.random() < 0.8 else ""
    return "\n".join([begins, *(mark + line for line in lines)])


def _with_token(text: str, dice) -> str:
    if dice.random() >= 0.25:
        return text
    token = str(dice.choice(TOKENS))
    return f"{text} ({token})" if dice.random() < 0.5 else f"{token} {text}"


def _perhaps(choices, share: float, dice) -> str:
    return str(dice.choice(choices)) if dice.random() < share else ""


def _marked_up(text: str) -> str:
    lines = [html.escape(line) or "&nbsp;" for line in text.split("\n")]
    style = "<style>p.x {margin: 0; font: 11pt Calibri}</style>"
    return style + "".join(f'<p class="x">{line}</p>' for line in lines)


def _filled(text: str, facts: dict[str, str]) -> str:
    for name, value in facts.items():
        text = text.replace("{" + name + "}", value)
    return text


def _facts(dice) -> dict[str, str]:
    """What fills the slots of one ticket."""
    person, agent = dice.choice(PEOPLE, 2, replace=False)
    whole = [int(n) for n in dice.integers(10**7, 10**8, 6)]
    phones = "+44 20 7946 0{};0171 / {}00;(512) 555-0{};+34 91 {}"
    return {
        "person": str(person),
        "agent": str(agent).split()[0],
        "mail": str(agent).split()[0].lower() + f".{whole[0] % 97}@mail.example.org",
        "phone": str(dice.choice(phones.split(";"))).format(whole[1] % 900 + 100),
        "number": str(whole[2]),
        "ref": f"{chr(65 + whole[3] % 26)}{chr(65 + whole[3] % 25)}-{whole[3] % 100000}/24",
        "hex": f"{whole[4]:x}{whole[5]:x}",
        "iso": f"2024-0{whole[0] % 9 + 1}-1{whole[1] % 9} 10:{whole[2] % 50 + 10}:07,123",
        "date": f"{whole[0] % 27 + 1} {('Jan', 'März', 'April', 'mayo', 'Oct')[whole[1] % 5]} 2024",
        "day": DAYS[whole[2] % 5],
        "clock": f"{whole[3] % 12 + 8:02d}:{whole[4] % 50 + 10}",
        "house": str(whole[5] % 180 + 1),
        "street": STREETS[whole[0] % 5],
        "town": TOWNS[whole[1] % 5],
        "firm": FIRMS[whole[2] % 8],
        "role": ROLES[whole[3] % 5],
    }
