"""Who says who they are, in small letters, in capital ones, and with a name that no list holds."""

import pytest

from cxresearch.topics.text import redact

MASKED = """
    This is {Oluwaseun}. My order is late.
    Hello, I'm {Wei-Ling}, calling for my mother.
    Hi, am {Babajide}. When does it come?
    hi, im {sipho ndlovu} , the sim is dead
    my name is {oluwaseun adeyemi} and it broke
    {Zainab} here! It broke.
    hallo, ich bin {sabine} und nichts geht
    ich heiße {jürgen köhler} und nichts geht
    hola, soy {lucía} y no va
    me llamo {lucía fernández} y no va
    bonjour, je suis {élodie}, ça plante
    je m'appelle {élodie marchand} et ça plante
    ciao, sono {giulia}, non va
    mi chiamo {giulia bianchi} e non va
    olá, sou a {joana} e não dá
    chamo-me {joana ferreira} e não dá
    hoi, ik ben {sanne} en het hapert
    ik heet {sanne de vries} en het hapert
    HELLO THIS IS {GLORIA MBEKI} I NEED HELP
    ICH BIN {SABINE MÜLLER} UND NICHTS GEHT
    SOY {LUCÍA FERNÁNDEZ} Y NO VA
    JE SUIS {KARIM BENALI} ET RIEN NE VA
    SONO {GIULIA BIANCHI} E NON VA
    SOU A {JOANA FERREIRA} E NÃO DÁ
    IK BEN {SANNE DE VRIES} EN HET HAPERT
"""
KEPT = """
    this is annoying, it broke
    THIS IS ANNOYING
    I AM VERY ANGRY
    ich bin kunde seit jahren
    ICH BIN SEHR SAUER
    soy cliente desde hace años
    je suis client depuis des années
    sono un cliente
    sou cliente há anos
    ik ben klant, al jaren
    Nothing here! It broke.
"""


def lines(text):
    return [line.strip() for line in text.strip().split("\n")]


@pytest.mark.parametrize("line", lines(MASKED))
def test_who_says_who_they_are_is_masked(line):
    start, end = line.index("{"), line.index("}") + 1
    assert redact(line.replace("{", "").replace("}", "")) == f"{line[:start]}[name]{line[end:]}"


@pytest.mark.parametrize("line", lines(KEPT))
def test_what_else_follows_i_am_stays(line):
    assert redact(line) == line


def test_a_family_name_before_the_first_one_is_masked():
    assert redact("Zwick, Hannelore (Mrs)") == "[name], [name] (Mrs)"
    assert redact("Name: Zwick, Hannelore (Mrs)") == "Name: [name] (Mrs)"


def test_a_form_s_field_holds_a_name_with_particles():
    assert redact("Last name: de la Fontaine-Moreau") == "Last name: [name]"
    assert redact("visitor: Bukola") == "visitor: [name]"


def test_a_font_is_nobody_though_somebody_bears_its_name():
    assert redact("The Georgia font, as Georgia said", {"georgia"}) == (
        "The Georgia font, as [name] said"
    )
    assert redact("Schriftart Georgia", {"georgia"}) == "Schriftart Georgia"
