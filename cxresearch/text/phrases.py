"""What surrounds a customer's own words in mail and forms: English, German and Spanish.

Every pattern is matched against one line or one sentence, and what repeats in it is bounded.
"""

import re


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split(";")) + ")"


GREETING = re.compile(
    r"[ \t]{0,20}"
    + _any(
        "hi;hello;hey;hiya;dear;greetings;good (?:morning|afternoon|evening|day);to whom it may"
        " concern;hallo;moin;servus;grüezi;guten (?:tag|morgen|abend);sehr geehrter?;liebe[rs]?"
        ";hola;buen[oa]s (?:días|dias|tardes|noches);estimad[oa]s?;a quien corresponda;olá"
    )
    + r"\b(?:(?:[ \t]{1,3}"
    + _any(
        "there;team;all;everyone;everybody;support;customer;service;care;folks;guys;both;sir;madam"
        ";sirs;or;and;help;desk;zusammen;damen;herren;und;kundenservice;equipo;de;del;soporte"
        ";atención;al;cliente;señor(?:es|a|as)?;a;todos"
    )
    + r"\b){1,6}(?:[ \t]{0,3}[.,!:]{1,3}|(?=[ \t]|$))"
    r"|(?:[ \t]{1,3}[\w'’-]{1,30}){0,3}[ \t]{0,3}(?:[,!:]{1,3}|$))"
    r"|[ \t]{0,20}(?:hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten tag|hola"
    r"|buenos d[íi]as)\b",
    re.I,
)
COURTESY = re.compile(
    r"(?:(?:i |we )?(?:really )?(?:hope|trust) (?:you|this|that|all|everything)\b.{0,60}"
    r"\b(?:well|fine|good|great|finds)\b.{0,30}"
    r"|(?:many )?(?:thanks|thank you|thx|danke|(?:vielen|besten|herzlichen) dank|(?:muchas |mil )?"
    r"gracias)\b(?! to\b| a\b)(?:[ ,]{1,3}[\w'’]{1,20}){0,6}"
    r"|(?:i |we )?(?:am |are )?(?:look|looking) forward (?:to|for)\b.{0,60}"
    r"|(?:sorry|apologies|i apologi[sz]e)(?: (?:to|for))? (?:bother|disturb)\w{0,3}.{0,40}"
    r"|any (?:help|advice|assistance) (?:would be|is|will be) (?:\w{1,12} ){0,2}appreciated.{0,20}"
    r"|have a (?:nice|great|good|lovely).{0,30}"
    r"|ich hoffe,? (?:es geht|dass|ihnen|sie).{0,60}\bgut\b.{0,20}"
    r"|(?:ich |wir )?freue[n]? (?:mich|uns) auf.{0,60}"
    r"|espero que .{0,30}\b(?:bien|encuentr\w{1,5})\b.{0,20}"
    r"|(?:quedo|quedamos|estoy) (?:a la espera|pendiente).{0,60}"
    r"|un saludo.{0,30})[ .,!]{0,5}",
    re.I,
)
SIGN_OFF = re.compile(
    r"[ \t]{0,20}"
    + _any(
        "(?:(?:kind(?:est)?|best|warm(?:est)?|many|with)[ \t]{1,3}){0,3}(?:regards|wishes)"
        ";(?:thanks|thank you)(?:[ \t]{1,3}(?:and|&)[ \t]{1,3}(?:kind |best )?regards)?"
        ";many thanks;thx;tks;ta;cheers;br;kr;rgds;best;all the best;warmly;cordially;respectfully"
        ";sincerely;yours(?: sincerely| faithfully| truly)?;take care;love"
        ";(?:mit )?(?:freundlichen?|freundlichem|besten?|vielen?|lieben?|herzlichen?|schönen?)"
        " gr(?:üßen?|üssen?|uß|uss);mfg;lg;vg;bg;gruß;danke;(?:vielen|besten|herzlichen) dank"
        ";(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?;atentamente;atte;cordialmente"
        ";(?:muchas |mil )?gracias;atenciosamente"
    )
    + r"\b(?:[ \t]{1,3}(?:in advance|im voraus|de antemano|again|so much|very much|a lot))?"
    r"[ \t]{0,3}[,.!]{0,3}(?:[ \t]{1,3}[\w.'’-]{1,30}){0,3}[ \t]{0,3}[,.!]{0,3}[ \t]{0,20}",
    re.I,
)
TRAILING = re.compile(  # within a line: all that follows is a signature
    r"\b(?:(?:kind|best|warm|many) (?:regards|wishes)|regards,|"
    r"(?:mit )?(?:freundlichen|besten|vielen?|lieben?|herzlichen) gr(?:üßen?|üssen?)"
    r"|saludos cordiales|un (?:cordial )?saludo|atentamente)\b"
    r"|\bsincerely\b[,.]?(?:[ \t]{1,3}(?-i:[A-Z])[\w.'’-]{0,30}){0,3}[ \t]{0,3}$",
    re.I,
)
RULE = re.compile(r"--[ \t]{0,3}")
DEVICE = re.compile(
    r"[ \t]{0,20}(?:sent (?:from|via|with|using) (?:my )?\w|get outlook for|"
    r"von meinem \w{1,30} gesendet|gesendet (?:von|mit) |enviado (?:desde|con) |virus-free\b)"
    r".{0,80}",
    re.I,
)
QUOTE_INTRODUCED = re.compile(
    r"[ \t>]{0,20}(?:(?:on|am|el) .{1,160}\b(?:wrote|schrieb|escribió|escribio)\b.{0,100}:"
    r"|.{1,100}\b(?:wrote|schrieb|escribió):"
    r"|-{2,20} ?(?:original message|forwarded message|reply above this line"
    r"|(?:ursprüngliche|weitergeleitete) nachricht|mensaje (?:original|reenviado)) ?-{2,20})"
    r"[ \t]{0,20}",
    re.I,
)
HEADER = re.compile(
    r"[ \t>*]{0,20}(from|sent|to|subject|date|cc|reply-to|von|gesendet|an|betreff|datum|de"
    r"|enviado(?: el)?|para|asunto|fecha)[ \t*]{0,3}:",
    re.I,
)
SENDER = ("from", "von", "de")
FRAME = re.compile(
    r"[ \t]{0,40}(?:at .{0,300}\(.{0,300}(?::\d{1,9}|native method|unknown source)\)"
    r"|at \S{1,300}:\d{1,9}|File \"[^\"]{0,300}\", line \d.{0,300}|Traceback \(most.{0,100}"
    r"|\.\.\. \d{1,6} more)[ \t]{0,20}",
    re.I,
)
LOG_LINE = re.compile(
    r"[ \t\[]{0,20}\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S{0,20} .{0,80}?"
    r"\b(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|SEVERE)\b.{0,2000}"
)
FIELD = re.compile(r"[ \t]{0,20}([^\W\d_][\w .'/()-]{0,30}?)[ \t]{0,3}:[ \t]{0,3}(.{0,2000})")
CONTACT_FIELDS = frozenset(
    "name;first name;last name;full name;your name;company;organisation;organization;e-mail;email"
    ";e-mail address;email address;mail;phone;phone number;telephone;tel;mobile;fax;address;website"
    ";city;country;postcode;zip;customer;customer number;customer id;customer no;account number"
    ";user id;username;order number;ticket;ticket number;case number;reference;date;vorname"
    ";nachname;firma;telefon;telefonnummer;handy;adresse;kundennummer;bestellnummer;ort;plz;land"
    ";nombre;apellidos;empresa;correo;correo electrónico;teléfono;móvil;dirección;ciudad"
    ";número de cliente;número de pedido;referencia;fecha".split(";")
)
MESSAGE_FIELDS = frozenset(
    "message;your message;question;description;comment;comments;details;issue;problem;subject"
    ";summary;nachricht;ihre nachricht;frage;beschreibung;betreff;anliegen;mensaje;consulta"
    ";descripción;asunto;comentario;comentarios".split(";")
)
DISCLAIMER = re.compile(  # one sentence
    r"(?:this|the|any|diese|este)\b.{0,80}\b(?:e-?mail|message|communication|transmission|nachricht"
    r"|mensaje|correo)\b.{0,300}\b(?:confidential|privileged|intended (?:only|solely|exclusively)"
    r" for|vertraulich\w{0,4}|confidencial(?:es)?)\b.{0,500}"
    r"|(?:if|wenn|falls|si)\b.{0,100}\b(?:in error|not the (?:\w{1,20} )?(?:recipient|addressee)"
    r"|irrtümlich|nicht der (?:\w{1,20} )?(?:empfänger|adressat)|por error|no es el destinatario)\b"
    r".{0,200}\b(?:delet\w{1,4}|destroy|notify|inform|tell|return|löschen|vernichten|informieren"
    r"|bórrelo|elimínelo|elimine|comuní\w{1,12}|notifí\w{1,12})\b.{0,300}"
    r"|any\b.{0,100}\b(?:disclosure|dissemination|copying|distribution)\b.{0,200}"
    r"\b(?:prohibited|unlawful|forbidden)\b.{0,100}"
    r"|(?:caution|warning|achtung|external|precaución)\b.{0,60}\b(?:outside|external|extern\w{0,4})"
    r"\b.{0,300}"
    r"|.{0,60}\b(?:consider|think of|denken sie an|piense en)\b.{0,60}\b(?:environment|trees|umwelt"
    r"|medio ambiente)\b.{0,60}\b(?:print\w{0,3}|druck\w{0,4}|imprim\w{1,4})\b.{0,60}",
    re.I,
)
CONTACT = frozenset(
    "reach contact call phone tel telephone mob mobile cell fax ring text mail e-mail email write"
    " address reference ref number no id skype whatsapp extension ext vat website web erreichen"
    " erreichbar anrufen rufen telefon telefonnummer handy mobil kundennummer adresse schreiben"
    " nummer ust-idnr contactar llamar llámeme llame teléfono móvil correo escribir escríbame"
    " número dirección localizarme customer account cliente kunde".split()
)
FUNCTION = frozenset(
    "a after again also am an and any anytime as at back be before best between but by can case"
    " could direct either feel for free from get give have here home i if in is it it's me mine my"
    " need of office on or our out please postal prefer put the this through time to under us via"
    " we with work you your hours o'clock monday tuesday wednesday thursday friday weekdays day"
    " morning afternoon evening noon five six nine ten am auf bei bin bitte das der die ein eine"
    " für ich ist kann können lautet mein meine meiner mich mir oder sie uhr und uns unsere unter"
    " von vor nach zu zurück ab al bajo con de del después el en es está la las lo los me mi o para"
    " por puede pueden favor se si su un una y".split()
)
LABEL = r"(?:\b(?:ref(?:erence)?|no|nr|id|num|núm|n[º°])\b[.:]{0,2}|#)"
