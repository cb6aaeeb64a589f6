"""The catalogue of services that are blocked one by one: what people, domains and OONI's tests call them.

A new service is a row here. Whoever compares a claimed service with a measured one asks `same_service`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Service:
    """A service that can be blocked while the network works.

    Args:
        code: as claims and measurements of blocking name it.
        words: as people call it.
        names: what else it is called; case makes no difference.
        domains: its registered domains; any name under them is its own.
        tests: names of OONI's tests that measure it alone.
        groups: what claims name that means it among others.
    """

    code: str
    words: str
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


_SOCIAL, _MESSAGES, _AROUND = "social-media", "messaging", "vpn"

# fmt: off
SERVICES: tuple[Service, ...] = (
    Service("whatsapp", "WhatsApp", ("whats app",), ("whatsapp.com", "whatsapp.net", "wa.me"), ("whatsapp",),
            (_SOCIAL, _MESSAGES)),
    Service("telegram", "Telegram", (), ("telegram.org", "t.me", "telegram.me"), ("telegram",),
            (_SOCIAL, _MESSAGES)),
    Service("signal", "Signal", ("signal app", "signal messenger"), ("signal.org", "whispersystems.org"),
            ("signal",), (_MESSAGES,)),
    Service("messenger", "Facebook Messenger", ("facebook messenger", "fb messenger"), ("messenger.com", "m.me"),
            ("facebook_messenger",), (_SOCIAL, _MESSAGES)),
    Service("facebook", "Facebook", ("fb",), ("facebook.com", "facebook.net", "fbcdn.net", "fb.com"), (),
            (_SOCIAL,)),
    Service("instagram", "Instagram", ("insta",), ("instagram.com", "cdninstagram.com"), (), (_SOCIAL,)),
    Service("twitter", "Twitter", ("x", "x (twitter)", "twitter/x", "x/twitter"),
            ("twitter.com", "x.com", "twimg.com", "t.co"), (), (_SOCIAL,)),
    Service("youtube", "YouTube", ("you tube",), ("youtube.com", "youtu.be", "googlevideo.com", "ytimg.com"), (),
            (_SOCIAL,)),
    Service("tiktok", "TikTok", ("tik tok",), ("tiktok.com", "tiktokv.com", "tiktokcdn.com"), (), (_SOCIAL,)),
    Service("snapchat", "Snapchat", (), ("snapchat.com",), (), (_SOCIAL, _MESSAGES)),
    Service("viber", "Viber", (), ("viber.com",), (), (_MESSAGES,)),
    Service("skype", "Skype", (), ("skype.com",), (), (_MESSAGES,)),
    Service("wechat", "WeChat", (), ("wechat.com", "weixin.qq.com"), (), (_SOCIAL, _MESSAGES)),
    Service("imo", "imo", (), ("imo.im",), (), (_MESSAGES,)),
    Service("line", "LINE", ("line messenger",), ("line.me",), (), (_MESSAGES,)),
    Service("discord", "Discord", (), ("discord.com", "discord.gg", "discordapp.com"), (), (_SOCIAL, _MESSAGES)),
    Service("reddit", "Reddit", (), ("reddit.com", "redd.it"), (), (_SOCIAL,)),
    Service("linkedin", "LinkedIn", (), ("linkedin.com",), (), (_SOCIAL,)),
    Service("pinterest", "Pinterest", (), ("pinterest.com",), (), (_SOCIAL,)),
    Service("clubhouse", "Clubhouse", (), ("clubhouse.com", "joinclubhouse.com"), (), (_SOCIAL,)),
    Service("vk", "VK", ("vkontakte",), ("vk.com",), (), (_SOCIAL,)),
    Service("wikipedia", "Wikipedia", (), ("wikipedia.org",)),
    Service("google", "Google", (), ("google.com",)),
    Service("zoom", "Zoom", (), ("zoom.us",)),
    Service("tor", "Tor", (), ("torproject.org",), ("tor", "vanilla_tor", "torsf"), (_AROUND,)),
    Service("psiphon", "Psiphon", (), ("psiphon.ca",), ("psiphon",), (_AROUND,)),
)
# fmt: on

#: What claims name that means several services at once, as they are written.
GROUPS = {
    "social-media": _SOCIAL,
    "social media": _SOCIAL,
    "social networks": _SOCIAL,
    "messaging": _MESSAGES,
    "messaging apps": _MESSAGES,
    "vpn": _AROUND,
    "vpns": _AROUND,
}

#: What is claimed as a service and no test of the web measures.
TELEPHONY = frozenset({"sms", "phone", "phone calls", "calls", "voice"})

_BY_CODE = {service.code: service for service in SERVICES}
_BY_NAME = {
    name: service.code for service in SERVICES for name in (service.code, service.words.casefold(), *service.names)
}
_BY_TEST = {test: service.code for service in SERVICES for test in service.tests}
_BY_DOMAIN = {domain: service.code for service in SERVICES for domain in service.domains}
_DOMAIN = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[:/?#].*)?$")


@lru_cache(maxsize=8_192)
def service_code(name: str) -> str:
    """The code of a service by a name or domain of it; of an unknown one the domain, or the name in small letters.

    >>> service_code("WhatsApp"), service_code("https://web.whatsapp.com/"), service_code("www.bbc.com")
    ('whatsapp', 'whatsapp', 'bbc.com')
    """
    text = " ".join(name.casefold().split())
    if text in _BY_NAME:
        return _BY_NAME[text]
    found = _DOMAIN.match(text)
    if found is None:
        return text
    labels = found.group(1).split(".")
    for first in range(len(labels) - 1):
        code = _BY_DOMAIN.get(".".join(labels[first:]))
        if code is not None:
            return code
    return found.group(1)


def service_of_test(test: str) -> str | None:
    """The code of the service that one of OONI's tests measures alone."""
    return _BY_TEST.get(test)


def service_words(code: str) -> str:
    """A service as people call it."""
    known = _BY_CODE.get(code)
    return code if known is None else known.words


@lru_cache(maxsize=8_192)
def same_service(claimed: str, measured: str) -> bool:
    """Whether a service that is claimed is one that was measured, or a group that it is of.

    >>> same_service("Twitter", "x.com"), same_service("social media", "twitter"), same_service("sms", "signal")
    (True, True, False)
    """
    code = service_code(measured)
    group = GROUPS.get(" ".join(claimed.casefold().split()))
    if group is not None:
        return code in _BY_CODE and group in _BY_CODE[code].groups
    return service_code(claimed) == code
