"""Mail providers at which anybody may have an address: their domains tell no company.

A list for the whole world would never be complete, and needs no upkeep here: a domain that two
accounts share joins nobody either (see identities).
"""

import re

# Providers under many endings: yahoo.com, yahoo.co.uk, hotmail.fr
_EVERYWHERE = "yahoo|ymail|rocketmail|hotmail|outlook|live|msn|gmail|googlemail|aol|gmx|yandex"
_OWN = """
    icloud.com me.com mac.com mail.com email.com proton.me protonmail.com pm.me tutanota.com
    fastmail.com hey.com zoho.com mail.ru bk.ru inbox.ru list.ru rambler.ru ukr.net i.ua
    web.de freenet.de t-online.de arcor.de posteo.de mailbox.org bluewin.ch hispeed.ch chello.at
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tin.it alice.it
    tiscali.it telefonica.net terra.es uol.com.br bol.com.br terra.com.br ig.com.br sapo.pt
    wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz abv.bg telenet.be skynet.be ziggo.nl
    kpnmail.nl planet.nl btinternet.com virginmedia.com sky.com talktalk.net comcast.net
    verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net shaw.ca rogers.com
    bigpond.com optusnet.com.au xtra.co.nz qq.com foxmail.com 163.com 126.com sina.com sohu.com
    naver.com daum.net hanmail.net docomo.ne.jp rediffmail.com
"""
# For SQL and Python alike: true of a whole domain in lower case.
FREE_MAIL = (
    rf"^((?:{_EVERYWHERE})\.[a-z]{{2,3}}(?:\.[a-z]{{2}})?"
    rf"|{'|'.join(map(re.escape, _OWN.split()))})$"
)
