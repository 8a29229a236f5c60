"""Requests and suggestions in three languages, against an invented sample sorted by hand."""

import pytest

from cxresearch.topics.text.requests import asks, requests

REQUESTS = """
Please send the credit note.
Could you reset two-factor for our manager?
It would be great if the report could run at night.
I wish the old search came back.
Can you import it for us?
We would like a refund for the unused months.
Tell me which number is the true one.
Is there a way to run the report at night?
You should add an undo button.
Would it be possible to pay by invoice?
We need you to look at this today.
Could someone from the billing team call me?
Fix this before Monday.
I suggest a warning before everything is deleted.
That would really be helpful for small shops.
Kindly restore the backup of last night.
Just give us back the button for printing.
Can we get an answer by tomorrow?
Bitte schicken Sie uns die Gutschrift.
Könnten Sie das bitte prüfen?
Es wäre schön, wenn der Export schneller ginge.
Wir hätten gerne eine Rechnung mit Umsatzsteuer.
Gibt es eine Möglichkeit, das abzuschalten?
Ich wünsche mir eine Suche in der Liste.
Ist es möglich, zwei Lager zu verbinden?
Ich bitte Sie um eine schnelle Antwort.
Por favor, envíen la factura corregida.
¿Podrían revisar nuestra cuenta?
Sería genial poder exportar todo de una vez.
Me gustaría recibir una copia.
¿Es posible cambiar el idioma?
Necesitamos que alguien nos llame hoy.
¿Hay alguna forma de recuperar los datos?
Ojalá vuelva el botón de antes.
The old layout was far better.
Why is there no dark mode?
We are still waiting for your call.
Me faltan las facturas de mayo.
""".strip().splitlines()
OTHERS = """
The app crashes whenever I scan a barcode.
How do I close the window?
I was charged twice in March.
Please see the screenshot.
Please find attached the log.
I wish you a nice weekend.
I would like to thank you for the quick help.
We tried to reset the password and nothing came.
As you could see from the log, it fails.
The update makes it worse.
Changes are lost after the sync.
Check fails with error 403.
Nobody could tell me why.
I asked you last week and got no answer.
The customers cannot pay by card.
You told me that it was solved.
I can get the list but not the totals.
It worked well until Friday.
Sync stopped on Monday.
The agent was pleased to help and did nothing.
Der Export bricht in Zeile 12 ab.
Wir wünschen Ihnen ein schönes Wochenende.
Seit dem Update können wir nichts mehr buchen.
Bitte beachten Sie, dass wir morgen geschlossen haben.
Ich habe es gestern noch einmal versucht.
Die Kunden würden sich beschweren.
Los clientes no pueden pagar.
La aplicación se cierra sola.
Ayer pudimos entrar sin problemas.
Gracias por la respuesta de ayer.
No entiendo la factura.
I made a new key and gave it to our developer.
Can you believe that this took a week?
My colleague would be the right person for this.
It must have been the update.
Is it my line or your server?
Do I have to sign for the parcel?
Refund for order 12 is missing.
Please verify that your server settings are correct and try again.
Please contact your administrator.
How can you lose so many orders?
""".strip().splitlines()


def test_precision_and_recall_on_the_sample_are_what_the_docstring_may_claim():
    found = [s for s in REQUESTS if asks(s)]
    wrong = [s for s in OTHERS if asks(s)]
    precision, recall = len(found) / len(found + wrong), len(found) / len(REQUESTS)
    assert precision >= 0.9, wrong
    assert recall >= 0.85, set(REQUESTS) - set(found)


def test_greetings_and_courtesies_are_no_requests_and_the_order_stays():
    text = (
        "Hi team,\n\nThe invoice is wrong. Please correct the invoice of May. Can anyone help me? "
        "Could you call our bookkeeper today?\n\nPlease help!\n\nKind regards,\nAnn"
    )
    assert requests(text) == [
        "Please correct the invoice of May.", "Could you call our bookkeeper today?"]  # fmt: skip


@pytest.mark.parametrize("text", [None, "", "…", "please " * 50_000])
def test_odd_texts_are_read_in_time(text):
    assert isinstance(requests(text), list)
