"""What of a person's words may go on: nothing that names them. See docs/PRIVACY.md for the rules.

Digests are keyed by a salt that only this installation knows: without it nobody can try out names or numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from streams.claims.lineage import COPY_CHARS
from streams.geography.fold import fold

_DIGITS = r"[\d\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u1040-\u1049]"
_ACCOUNTS = re.compile(
    r"(?:https?://)?(?:www\.|m\.|mobile\.)?(?:t\.me|telegram\.me|twitter\.com|x\.com|facebook\.com|fb\.com|instagram"
    r"\.com|vk\.com|ok\.ru|tiktok\.com|wa\.me|youtube\.com/(?:@|c/|user/))/?[^\s)>\]]*"
    r"|https?://[^\s)>\]]{0,500}/@[^\s)>\]]*",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<![\w/])@\w[\w.]*")
_PHONE = re.compile(rf"(?<!\w)\+?\(?{_DIGITS}(?:[\s().\-–]{{0,2}}{_DIGITS}){{6,16}}(?!\w)")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}")


def salted(salt: bytes, *parts: str) -> str:
    """A digest of some words that only the holder of the salt can make: 24 hex digits.

    >>> salted(b"x", "a", "b") == salted(b"x", "a", "b") != salted(b"y", "a", "b")
    True
    """
    return hmac.new(salt, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:24]


def text_digest(salt: bytes, text: str) -> str | None:
    """The digest by which copies of a text are known; None for one so short that others write the same by chance.

    Case, accents, punctuation and spacing make no difference.
    """
    words = fold(text)
    return salted(salt, "text", words) if len(words) >= COPY_CHARS else None


def redacted(text: str) -> str:
    """A text without accounts, handles, mail addresses and phone numbers. Names of people it can't tell: see above.

    >>> redacted("No internet in Almaty since 14:00, call me: +7 701 123-45-67 or @aigerim")
    'No internet in Almaty since 14:00, call me: [phone] or [account]'
    """
    text = _ACCOUNTS.sub("[account]", text)
    text = _MAIL.sub("[mail]", text)
    text = _HANDLE.sub("[account]", text)
    return _PHONE.sub(lambda match: match.group() if _DATE_LIKE.match(match.group()) else "[phone]", text)


def names_account(address: str) -> bool:
    """Whether an address on the web leads to somebody's account."""
    return _ACCOUNTS.search(address) is not None or _MAIL.search(address) is not None
