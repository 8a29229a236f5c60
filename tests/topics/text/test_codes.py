"""Codes and numbers of banks, cards, doors and programs are masked beside what announces them."""

import pytest

from cxresearch.topics.text import redact

MASKED = """
    my sort code 20-00-00 and account 55779911 | my sort code [number] and account [number]
    BLZ 370 400 44 stimmt | BLZ [number] stimmt
    ABI 05428 CAB 11101 qui | ABI [number] CAB [number] qui
    the BIC is DEUTDEFF500 there | the BIC is [number] there
    curl -u admin:pw now | curl -u admin:[secret] now
    mysql -u root -phunter2 shop | mysql -u root -p[secret] shop
    run it with --token abc now | run it with --token [secret] now
    CVV 123 is refused | CVV [secret] is refused
    the security code on the back is 411 | the security code on the back is [secret]
    Die Prüfnummer 411 stimmt | Die Prüfnummer [secret] stimmt
    le cryptogramme 411 est faux | le cryptogramme [secret] est faux
    el código de seguridad es 411 | el código de seguridad es [secret]
    il codice di sicurezza 411 non va | il codice di sicurezza [secret] non va
    o código de segurança 411 falha | o código de segurança [secret] falha
    de beveiligingscode 411 hapert | de beveiligingscode [secret] hapert
    verification code 482 913 fails | verification code [secret] fails
    the gate code is 4412 now | the gate code is [secret] now
    4711# opens it | [secret] opens it
    login: admin / hunter2X works | login: admin / [secret] works
    maiden name: Kowalska, there | maiden name: [secret], there
    la chiave olio-e-vino-33 non va | la chiave [secret] non va
    the key ABCDE-FGHIJ-KLMNO-PQRST fails | the key [secret] fails
    AHV 756.5131.4879.51 stimmt | AHV [number] stimmt
    my username is anna_s99 there | my username is [handle] there
    to 14 Larkspur Crescent, Harrogate HG2 7QT. Thanks | to [address]. Thanks
    nach Rosengasse 21, 1. Stock, 6020 Innsbruck. Danke | nach [address]. Danke
"""
KEPT = """
    the security code field takes 3 digits
    the security code did not come for 500 minutes
    CVV is missing
    error code 482 fails, code 500 too
    plate between 07:30 and 08:15
    "AUTH-1009" is what it says
    my secret answer is not accepted
    the "Enter New Password" button is gone
    account 2024-01-31 to 2024-02-28
    gültig bis 11/2031, sagt der Reisepass
    docker run -p 8080 works
    a new page, with 12 rows, is there
"""


def cases(text):
    return [tuple(line.strip().split(" | ")) for line in text.strip().split("\n")]


@pytest.mark.parametrize(("text", "shown"), cases(MASKED))
def test_what_a_word_announces_is_masked(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize("text", [text for (text,) in cases(KEPT)])
def test_what_only_looks_alike_stays(text):
    assert redact(text) == text
