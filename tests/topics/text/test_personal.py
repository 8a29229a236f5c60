"""Personal data by kind and language: what is masked, and what looks alike and stays."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxresearch.topics.text
from cxresearch.topics.text import redact
from cxresearch.topics.text.redaction import PLACEHOLDERS
from cxresearch.topics.text.word_lists import any_of, lists, words_of

LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl"]
MODULES = Path(cxresearch.topics.text.__file__).parent.glob("*.py")
SOURCE = "\n".join(module.read_text(encoding="utf-8") for module in MODULES)

MASKED = {  # one line a language, in the order above; what is in braces is masked
    "e-mail": """
        Write to {anna (at) example (dot) com}, not to the old one.
        Schreiben Sie an {anna.berg (at) beispiel (punkt) de} bitte.
        Mon adresse est {anna arobase exemple point fr} désormais.
        Escriba a {ana arroba ejemplo punto es} por favor.
        Scrivete a {anna.verdi(chiocciola)esempio.it} grazie mille.
        Escreva para {ana arroba exemplo ponto pt} amanhã.
        Mail naar {anna apenstaartje voorbeeld punt nl} graag.
    """,
    "phone": """
        Please call me on {020 7946 0018} after five.
        Meine Handynummer: Handy {0151 23456789} ab 17 Uhr.
        Mon téléphone: {01 99 00 12 34} le soir.
        Mi móvil: {612 345 678} por la tarde.
        Il mio cellulare: {347 123 4567} la sera.
        O meu telemóvel: {912 345 678} à tarde.
        Mijn gsm: {0470 12 34 56} na vijf uur.
    """,
    "iban": """
        Refund to {GB82 WEST 1234 5698 7654 32} please.
        Bitte auf {DE89 3704 0044 0532 0130 00} erstatten.
        Remboursez sur {FR14 2004 1010 0505 0001 3M02 606} svp.
        Devuelvan a {ES91 2100 0418 4502 0005 1332} por favor.
        Rimborso su {IT60 X054 2811 1010 0000 0123 456} grazie.
        Reembolso para {PT50 0002 0123 1234 5678 9015 4} obrigado.
        Terugbetaling op {NL91 ABNA 0417 1643 00} graag.
    """,
    "card": """
        My card {4111 1111 1111 1111} is refused.
        Meine Karte {5500 0000 0000 0004} wird abgelehnt.
        Ma carte {4111 1111 1111 1111} est refusée.
        Mi tarjeta {5500 0000 0000 0004} no funciona.
        La mia carta {4111 1111 1111 1111} non va.
        O meu cartão {5500 0000 0000 0004} foi recusado.
        Mijn kaart {4111 1111 1111 1111} werkt niet.
    """,
    "number": """
        My order number is {A-48213} since Monday.
        Meine Kundennummer lautet {K-48213} laut Brief.
        Ma commande n° {48213} manque.
        Mi DNI es {12345678Z} desde siempre.
        Il codice fiscale: {RSSMRA85T10A562S} eccolo.
        O meu contribuinte: {123456789} aqui.
        Mijn BSN is {111222333} volgens de brief.
    """,
    "name": """
        My name is {Anna Smith} and it is slow.
        Mein Name ist {Jürgen Köhler} und es ist langsam.
        Je m'appelle {Élodie Marchand} et c'est lent.
        Me llamo {Lucía Fernández} y va lento.
        Mi chiamo {Giulia Bianchi} e va piano.
        O meu nome é {Joana Ferreira} e está lento.
        Mijn naam is {Sanne de Vries} en het is traag.
    """,
    "secret": """
        The password is {hunter2X} by the way.
        Das Passwort lautet {hunter2X} übrigens.
        Le mot de passe est {hunter2X} pour info.
        La contraseña es {hunter2X} por cierto.
        La parola d'ordine è {hunter2X} comunque.
        A senha é {hunter2X} aliás.
        Het wachtwoord is {hunter2X} trouwens.
    """,
    "address": """
        I moved to {12 Old Mill Road} last week.
        Ich wohne jetzt {Ahornstraße 12} in Bonn.
        Livrez au {12 rue des Lilas}, svp.
        Vivo en {calle de la Luna 12} ahora.
        Abito in {via Garibaldi 12} adesso.
        Moro na {rua das Flores 12} agora.
        Ik woon op {Prinsengracht 12} nu.
    """,
    "date of birth": """
        I was born {3 March 1980} and cannot sign up.
        Geburtsdatum: {03.04.1980} wird nicht erkannt.
        Née le {3 mars 1980} en France.
        Fecha de nacimiento: {03/04/1980} según el carné.
        Data di nascita: {03/04/1980} come da patente.
        Data de nascimento: {03/04/1980} no cartão.
        Geboortedatum: {03-04-1980} op de pas.
    """,
    "plate": """
        The registration is {AB12 CDE} on the form.
        Das Kennzeichen ist {M-AB 1234} im Vertrag.
        La plaque: {AB-123-CD} sur la voiture.
        La matrícula es {1234 BCD} en el parte.
        La targa è {AB 123 CD} nel modulo.
        A matrícula é {12-AB-34} no contrato.
        Het kenteken is {12-ABC-3} op de pas.
    """,
    "handle": """
        I am on Instagram: {anna_s99} there.
        Mein Telegram: {berg_anna} ist offen.
        Mon Instagram est {elodie.m} depuis mai.
        Mi Twitter es {lucia_f} ahora.
        Il mio Telegram è {giulia_b} ora.
        O meu Instagram é {joana_f} agora.
        Mijn Instagram is {sanne_v} nu.
    """,
    "link": """
        See {https://example.com/reset?token=1} for it.
        Siehe {https://example.de/konto?id=1} dazu.
        Voir {https://example.fr/compte?id=1} pour cela.
        Ver {https://example.es/cuenta?id=1} para eso.
        Vedi {https://example.it/conto?id=1} per questo.
        Ver {https://example.pt/conta?id=1} para isso.
        Zie {https://example.nl/account?id=1} hiervoor.
    """,
}
KEPT = {  # the same of what looks alike
    "e-mail": """
        The mail arrives at noon, not at once.
        Die Mail kommt um zwölf an, nicht sofort.
        Le mail arrive à midi, pas avant.
        El correo llega a mediodía, no antes.
        La mail arriva a mezzogiorno, non prima.
        O e-mail chega ao meio-dia, não antes.
        De mail komt om twaalf uur aan, niet eerder.
    """,
    "phone": """
        Call me tomorrow, error 0x80070005 is back.
        Rufen Sie morgen an, Fehler 0x80070005 ist zurück.
        Appelez demain, erreur 0x80070005 encore.
        Llamen mañana, error 0x80070005 otra vez.
        Chiamate domani, errore 0x80070005 di nuovo.
        Liguem amanhã, erro 0x80070005 de novo.
        Bel morgen, fout 0x80070005 is terug.
    """,
    "iban": """
        The IBAN field stays empty.
        Das Feld für die IBAN bleibt leer.
        Le champ IBAN reste vide.
        El campo IBAN queda vacío.
        Il campo IBAN resta vuoto.
        O campo IBAN fica vazio.
        Het veld IBAN blijft leeg.
    """,
    "card": """
        The book is ISBN 978-3-16-148410-0 on the shelf.
        Das Buch hat ISBN 978-3-16-148410-0 im Regal.
        Le livre est ISBN 978-3-16-148410-0 en rayon.
        El libro es ISBN 978-3-16-148410-0 en tienda.
        Il libro è ISBN 978-3-16-148410-0 in negozio.
        O livro é ISBN 978-3-16-148410-0 na loja.
        Het boek is ISBN 978-3-16-148410-0 in de winkel.
    """,
    "number": """
        Version 128.11.1 fails since 2024-01-31 on Windows 11.
        Version 10.4.2.1 stürzt seit dem 31.01.2024 ab.
        La version 128.11.1 plante, 1 234 567 lignes perdues.
        La versión 128.11.1 falla en commit 5af5c121ee.
        La versione 10.4.2.1 non parte, errore 404.
        A versão 128.11.1 falha, erro 500.
        Versie 128.11.1 hapert sinds 31-01-2024.
    """,
    "name": """
        Hello everyone, it hangs again after the update.
        Hallo zusammen, es hängt schon wieder nach dem Update.
        Bonjour à tous, ça bloque encore après la mise à jour.
        Hola a todos, se bloquea otra vez tras la actualización.
        Buongiorno a tutti, si blocca di nuovo dopo l'aggiornamento.
        Olá a todos, bloqueia de novo depois da atualização.
        Hallo allemaal, het hangt weer na de update.
    """,
    "secret": """
        The password does not arrive by mail.
        Das Passwort kommt nicht per Mail an.
        Le mot de passe n'arrive pas par mail.
        La contraseña no llega por correo.
        La password non arriva per posta.
        A senha não chega por correio.
        Het wachtwoord komt niet aan per mail.
    """,
    "address": """
        It takes 12 days on the road to ship.
        Im Januar 12 Tage gewartet, im Markt nichts.
        Il faut 12 jours en cours de route.
        Tarda 12 días en la calle de al lado.
        Spedito via mail 12 giorni fa.
        Demora 12 dias na rua ao lado.
        Het duurt 12 dagen op de weg hierheen.
    """,
    "date of birth": """
        It broke on 3 March 2024 at noon.
        Seit dem 03.04.2024 geht nichts.
        Depuis le 3 mars 2024 rien ne va.
        Desde el 03/04/2024 no funciona.
        Dal 03/04/2024 non funziona.
        Desde 03/04/2024 não funciona.
        Sinds 03-04-2024 werkt het niet.
    """,
    "plate": """
        The part AB-123-CD does not fit the shelf.
        Das Teil M-AB 1234 passt nicht ins Regal.
        La pièce AB-123-CD ne va pas.
        La pieza 1234 BCD no encaja.
        Il pezzo AB 123 CD non entra.
        A peça 12-AB-34 não serve.
        Het onderdeel 12-ABC-3 past niet.
    """,
    "handle": """
        Sharing on Instagram fails; @Override is in the trace.
        Das Teilen auf Instagram geht nicht, @media auch nicht.
        Le partage sur Instagram ne marche pas, @import non plus.
        Compartir en Instagram no funciona, @media tampoco.
        Condividere su Instagram non va, @import neppure.
        Partilhar no Instagram não dá, @media também não.
        Delen op Instagram lukt niet, @import ook niet.
    """,
    "link": """
        The file config.json and and/or paths stay.
        Die Datei config.json fehlt.
        Le fichier config.json manque.
        Falta el archivo config.json hoy.
        Manca il file config.json oggi.
        Falta o ficheiro config.json hoje.
        Het bestand config.json ontbreekt.
    """,
}


def cases(table):
    """A case a line: its kind and the line; the language stands in its id."""
    return [
        pytest.param(kind, line.strip(), id=f"{kind}-{language}")
        for kind, text in table.items()
        for language, line in zip(LANGUAGES, text.strip().split("\n"), strict=True)
    ]


@pytest.mark.parametrize(("kind", "line"), cases(MASKED))
def test_what_tells_who_wrote_it_is_masked_and_nothing_beside_it(kind, line):
    written, shown = re.sub("[{}]", "", line), re.sub(r"\{.*\}", f"[{kind}]", line)
    assert redact(written) == shown


@pytest.mark.parametrize(("kind", "line"), cases(KEPT))
def test_what_looks_alike_stays(kind, line):
    assert redact(line) == line


def test_every_placeholder_has_its_cases_and_no_other_is_written():
    assert set(MASKED) == set(KEPT) == set(PLACEHOLDERS)
    written = re.findall(r"\[([a-z][a-z -]{2,15})\]\"", SOURCE)
    assert len(written) > 20
    assert set(written) <= set(PLACEHOLDERS)


PIECES = st.sampled_from(
    "Anna|Anna Smith|smith|J. Miller|Rose|August|Outlook|anna@example.com|anna (at) x (dot) de|and"
    "|12345678|+49 170 1234567|DE89 3704 0044 0532 0130 00|hunter2X!|12.03.1980|Ahornstraße 12"
    "|M-AB 1234|@anna_s|Hi|\nKind regards,\n|order|,|.|\n|\n\n|(|)|[|]|\"|'s|-|:|>".split("|")
    + [f"[{placeholder}]" for placeholder in PLACEHOLDERS]
)
TEXTS = st.lists(PIECES, max_size=14).map(" ".join)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_masking_twice_changes_nothing(text):
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("name", sorted(lists()))
def test_each_list_of_words_is_used_and_is_a_pattern_or_words(name):
    assert re.search(rf"['\"]{name}['\"]", SOURCE)
    if f'words_of("{name}")' in SOURCE:
        assert words_of(name)
    else:
        assert not re.compile(any_of(name)).match("")
