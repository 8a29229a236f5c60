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
        ";hola;(?:muy )?buen[oa]s(?: (?:días|dias|tardes|noches))?;(?:estimad|apreciad)[oa]s?"
        ";a quien corresponda;olá"
    )
    + r"\b(?:(?:[ \t/]{1,3}"
    + _any(
        "there;team;all;everyone;everybody;support;customer;service;care;folks;guys;both;sir;madam"
        ";sirs;or;and;help;desk;zusammen;damen;herren;und;kundenservice;equipo;de;del;soporte"
        ";atención;al;cliente;señor(?:es|a|as)?;a;todos"
    )
    + r"\b){1,6}(?:[ \t]{0,3}[.,!:]{1,3}|(?=[ \t]|$))"
    r"|(?:[ \t]{1,3}(?:(?:mrs?|ms|dr|prof)\.|@?[\w'’-]{1,30})){0,3}"
    r"[ \t]{0,3}(?:[,!:]{1,3}|-(?=[ \t]|$)|$))"
    r"|[ \t]{0,20}(?:hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten tag|hola"
    r"|buenos d[íi]as)\b",
    re.I,
)
_NAMES = r"(?: (?-i:[A-ZÄÖÜÁÉÍÓÚ])[\w.'’-]{0,30}){1,4}"
COURTESY = re.compile(  # one sentence
    r"(?:(?:i |we )?(?:really )?(?:hope|trust) (?:you|this|that|all|everything)\b.{0,60}"
    r"\b(?:well|fine|good|great|finds)\b.{0,30}"
    r"|(?:i |we )?(?:am |are )?(?:look|looking) forward (?:to|for)\b.{0,60}"
    r"|(?:i |we )?(?:am |are )?await(?:ing)? (?:for )?your\b.{0,30}"
    r"|(?:sorry|apologies|i apologi[sz]e)(?: (?:to|for))? (?:bother|disturb)\w{0,3}.{0,40}"
    r"|any (?:help|advice|assistance) (?:would be|is|will be) (?:\w{1,12} ){0,2}appreciated.{0,20}"
    r"|(?:please|pls|kindly) (?:advise|assist|help|respond|reply|let (?:me|us) know|get back to"
    r" (?:me|us))(?: (?:me|us|with this|asap|soon|urgently|as soon as possible)){0,2}"
    r"|have a (?:nice|great|good|lovely).{0,30}"
    rf"|(?:(?:my name is|mein name ist|ich heiße|me llamo|mi nombre es)|this is){_NAMES}"
    rf"(?:,? (?:from|of|at|von|bei|de){_NAMES})?"
    r"|ich hoffe,? (?:es geht|dass|ihnen|sie).{0,60}\bgut\b.{0,20}"
    r"|(?:ich |wir )?freuen? (?:mich|uns) auf.{0,60}"
    r"|(?:ich )?bitte um (?:\w{1,20} )?(?:hilfe|rückmeldung|antwort|info\w{0,10}).{0,20}"
    r"|espero que .{0,30}\b(?:bien|encuentr\w{1,5})\b.{0,20}"
    r"|(?:quedo|quedamos|estoy) (?:a la espera|pendiente).{0,60}"
    r"|espero (?:su|tu|vuestra) respuesta.{0,20})[ .,!:;)(-]{0,8}",
    re.I,
)
FAREWELL = frozenset(
    "abrazo abrazos atenciosamente atentamente atte best bg br bye cheers ciao cordially"
    " cordialmente dank danke faithfully gracias gruss gruß grüsse grüssen grüße grüßen"
    " hochachtungsvoll kindly kr lg love mfg regards respectfully rgds saludo saludos sincerely ta"
    " thank thanking thanks thx tia tks truly vg warmly wishes xoxo xx yours".split()
)
FAREWELL_TOO = frozenset(
    "a advance again all and antemano antwort assistance atención attention aus ayuda beste"
    " besten bunch care cordial cordiales day de dear for freundliche freundlichem freundlichen"
    " from für good have help herzliche herzlichen hilfe hochachtungsvoll i ihre im in kind"
    " kindest kindness liebe lieben los lot many mil million mit much muchas my nice of on our"
    " patience por quick reading reciba reciban reply schöne schönen si sie so su support take"
    " team the their this tiempo time too un una und unsere very viele vielen voraus warm warmest"
    " we with y you your".split()
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
    r"[ \t]{0,20}(?:sent (?:from|via|with|using) (?:my )?\w|get outlook for|virus-?free\b"
    r"|scanned by |this (?:e-?mail|message) (?:has been|was) (?:scanned|checked)"
    r"|von meinem \w{1,30} gesendet|gesendet (?:von|mit) |enviado (?:desde|con) ).{0,100}",
    re.I,
)
PICTURE = re.compile(r"\[(?:cid|image|bild|imagen|logo)\b[^\]\n]{0,200}\]", re.I)
QUOTE_INTRODUCED = re.compile(
    r"[ \t>]{0,20}(?:(?:on|am|el) .{1,160}\b(?:wrote|schrieb|escribió|escribio)\b.{0,100}:"
    r"|.{1,100}\b(?:wrote|schrieb|escribió):"
    r"|begin forwarded message:|\W{0,6}please type your reply above this line.{0,10}"
    r"|-{2,20} ?(?:original message|forwarded message"
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
    r"(?:der inhalt dieser|this|the|any|diese|este)\b.{0,80}\b(?:e-?mail|message|communication"
    r"|transmission|nachricht|mensaje|correo)\b.{0,300}\b(?:confidential|privileged"
    r"|intended (?:only|solely|exclusively) for|vertraulich\w{0,4}|confidencial(?:es)?)\b.{0,500}"
    r"|(?:if|wenn|falls|si)\b.{0,100}\b(?:in error|not the (?:\w{1,20} )?(?:recipient|addressee)"
    r"|irrtümlich|nicht der (?:\w{1,20} )?(?:empfänger|adressat)|por error|no es el destinatario)\b"
    r".{0,200}\b(?:delet\w{1,4}|destroy|notify|inform|tell|return|löschen|vernichten|informieren"
    r"|untersagt|verboten|prohibited|unlawful|bórrelo|elimínelo|elimine|comuní\w{1,12}|notifí\w{1,12})\b.{0,300}"
    r"|any\b.{0,100}\b(?:disclosure|dissemination|copying|distribution)\b.{0,200}"
    r"\b(?:prohibited|unlawful|forbidden)\b.{0,100}"
    r"|(?:caution|warning|achtung|external|precaución)\b.{0,60}\b(?:outside|external|extern\w{0,4})"
    r"\b.{0,300}"
    r"|confidentiality notice\b.{0,500}"
    r"|(?=.{0,200}\b(?:environment|trees|umwelt|medio ambiente)\b)(?=.{0,200}\b(?:consider|think of"
    r"|denken|piense)\b)(?=.{0,200}\b(?:print\w{0,3}|\w{0,4}druck\w{0,4}|imprim\w{1,4})\b).{0,300}",
    re.I,
)
CONTACT = frozenset(
    "account acct address adresse anrufen call case cell cliente contact contactar contactarme"
    " correo customer dirección e-mail e-mail-adresse email erreichbar erreichen escribir"
    " escríbame ext extension fax handy id kunde kundennummer llamar llamarme llame llámeme"
    " localizarme mail mailadresse mob mobil mobile móvil name no number nummer número phone reach"
    " ref reference ring rufen rückruf schreiben skype tel telefon telefonnummer telephone"
    " teléfono text ticket username ust-idnr vat web website whatsapp write".split()
)
FUNCTION = frozenset(
    "a ab after afternoon again al also am an and any anytime as at auf back bajo be before bei"
    " best between bin bitte but by can case con could das day de del der después die direct ein"
    " eine either el en es está evening favor feel find five for free friday from für get give"
    " have here home hours i ich if in is ist it it's kann können la las lautet lo login los"
    " mañanas me mein meine meiner mi mich mine mir monday morning my nach need nine noon o"
    " o'clock oder of office on or order our out para please por postal prefer puede pueden put se"
    " si sie since six su tardes ten the this through thursday time to tuesday uhr un una und"
    " under uns unsere unter us user via von vor we wednesday weekdays will with work y you your"
    " zu zurück".split()
)
LABEL = r"(?:\b(?:ref(?:erence)?|no|nr|id|num|núm|n[º°])\b[.:]{0,2}|#)"
