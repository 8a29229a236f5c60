"""What customers ask for or suggest, sentence by sentence: English, German and Spanish."""

import re

from cxresearch.topics.text.scrubbing import sentences

_GOOD = r"(?:great|nice|good|helpful|lovely|useful|better|best|perfect|wonderful|appreciated)"
_GUT = r"(?:schön|gut|toll|hilfreich|super|nett|prima|besser|wünschenswert)"
_BUENO = r"(?:bueno|bien|genial|estupendo|ideal|útil|mejor|fantástico)"
_DO = (
    r"(?:fix|send|tell|give|correct|refund|restore|add|remove|stop|make|change|reset|check|explain|"
    r"repair|bring back|replace|call|switch|start|find out|describe|confirm|unlock|allow|show|"
    r"let (?:me|us) (?:know|have|use)|take)"
)
_ASKS = re.compile(
    r"(?:\b(?:please|pls|plz|kindly)\b"
    r"(?! (?:see|find|note|be advised|refer|ignore|forgive|excuse|and thank|try (?:again|later))\b)"
    rf"|^(?:and |so |then |just ){{0,2}}{_DO}\b (?!(?:is|was|does|did|fails?|failed|for|explain)\b)"
    r"|\b(?<!how )(?<!where )(?:can|could|would|will) (?:you|someone|somebody|anyone|"
    r"anybody)(?: guys)?\b"
    r"(?! (?:believe|imagine|tell from|see (?:from|in|that)))"
    r"|\b(?:would|it['’]d|that['’]d) (?:really )?(?:be|make it)(?: (?:so|very|really|much|a)){0,2}"
    rf" {_GOOD}\b"
    r"|\bi (?:really )?wish\b(?! (?:you|everyone|all of you) (?:a|an|all|the|good|well|happy)\b)"
    r"|\b(?:i|we)(?: would|['’]d) (?:really )?(?:like|love|prefer|appreciate|be (?:glad|happy|"
    r"grateful))(?: (?:for|of|to (?:have|get|see|be|know)|if|it if|you|a|an|the|that|some))"
    r"|\b(?:i|we) (?:need|want|expect|ask|urge|beg|request)(?: that)? you(?:r (?:help|team))?\b"
    r"|\b(?:i|we) (?:suggest|propose|recommend|request)\b|\bfeature request\b|\bmy suggestion\b"
    r"|\b(?:is there|isn['’]t there) (?:a|any|some|no) (?:\w{1,15} )?"
    r"(?:way|chance|possibility|option)"
    r"|\bis it possible\b|\bwould it be possible\b"
    r"|\b(?<!how )(?:can|could|may) (?:i|we) (?:have|get)\b"
    r"|\byou (?:should|ought to|need to|must|have to)\b|\bhow about\b"
    r"|\bbitte\b(?! (?:beachten|entnehmen|siehe|schön))|\b(?:könn(?:t)?en|würden) sie\b"
    r"|\b(?:könntest|kannst|würdest) du\b|\b(?:könnt|könntet|würdet) ihr\b"
    rf"|\bes wäre (?:\w{{1,12}} ){{0,2}}{_GUT}\b|\bwünsch(?:e|te|en|ten) (?:mir|uns|ich|wir)\b"
    r"|\b(?:ich|wir) wünsch(?:t)?en?\b(?! (?:ihnen|dir|euch)\b)"
    r"|\b(?:ich|wir) (?:hätten?|möchten?|würden?) (?:\w{1,12} ){0,2}gern\w{0,1}\b"
    r"|\b(?:ist|wäre) es möglich\b|\bgibt es (?:\w{1,8} ){0,2}(?:möglichkeit|weg)\b"
    r"|\b(?:ich|wir) (?:bitten?|ersuchen?) (?:sie |euch |dich )?(?:um|darum)\b"
    r"|\b(?:ich|wir) schlagen? vor\b"
    r"|\bpor favor\b|(?:^|¿ ?|\b(?:me|nos|se) )(?:podrían?|podrías|pueden|puede|puedes|podéis)\b"
    rf"|\bsería (?:\w{{1,12}} ){{0,2}}{_BUENO}\b|\bojalá\b|\b(?:me|nos) gustaría\b"
    r"|\bquisi(?:era|éramos|eramos)\b|\b(?:es|sería) posible\b"
    r"|\bhay (?:alguna|una|otra) (?:forma|manera|posibilidad)\b"
    r"|\b(?:necesito|necesitamos|pido|pedimos|solicito|solicitamos|ruego|rogamos) (?:que|la|el|un)"
    r"|\b(?:sugiero|sugerimos|propongo|proponemos)\b)",
    re.I,
)


# a message on the screen that the customer copies: it asks the customer
_MESSAGE = re.compile(
    r"\bplease (?:verify|check|contact|enter|wait|select|make sure|ensure|try|log|sign|restart)\b"
    r".{0,150}\b(?:your|again|later|administrators?|finish)\b|\byou must\b.{0,60}\bbefore\b"
    r"|^make sure\b",
    re.I,
)
_CALL = frozenset(
    "a all any anybody anyone appreciate appreciated asap be can could for give great guys help"
    " he i in is it kindly know let like may me my no of on please pls possible some somebody"
    " someone tell thanks that the there this to us way we will with would you your ayuda ayudar"
    " ayudarme bitte dringend es favor helfen hilfe ist können mir möglich por pueden sie"
    " uns".split()
)
FEWEST = 2  # words of a request that are more than a call for help
_WORD = re.compile(r"[^\W\d_]+")


def requests(text: str | None) -> list[str]:
    """The sentences of a ticket in which the customer asks for something or suggests it.

    By a rule on words, after scrub() took out greetings and courtesies; questions of how to do
    something, and calls for help that do not say with what, are none. Not redacted. On the
    sample in tests/text/test_requests.py, invented for it, precision is 1 and recall 0.9. In a real
    forum 39 of 50 found sentences were requests; the rule was then mended where it had erred, so a
    fresh draw would do better, by how much is not known. Wishes between the lines are missed.
    """
    return [s for s in sentences(text) if asks(s) and _says_what(s)]


def asks(sentence: str) -> bool:
    """Does a sentence ask for something or suggest it?"""
    plain = sentence.strip(" \t-*•\"'“„»")
    return _ASKS.search(plain) is not None and _MESSAGE.search(plain) is None


def _says_what(sentence: str) -> bool:
    words = _WORD.findall(sentence.lower())
    return sum(word not in _CALL for word in words) >= FEWEST
