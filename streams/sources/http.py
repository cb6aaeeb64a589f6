"""Asking a service over HTTP with manners: a rate, patience, and no answer believed that isn't whole.

Asked again, with growing waits and jitter (tenacity): no connection, time-outs, a body cut short, 429 and 5xx (not
before the time that `Retry-After` names), and answers that their reader refuses: HTML in place of JSON, JSON cut
short, an error inside HTTP 200. Anything else that is no success is an error at once.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import httpx
import tenacity

from streams import limits
from streams.sources.files import SourceError
from streams.sources.payloads import PayloadError

T = TypeVar("T")

#: A longer wait than this is not waited for: the round ends, and the next one asks again.
LONGEST_WAIT_S = 120.0


class FetchError(SourceError):
    """A service did not answer as it should, however often it was asked. The message holds no secret.

    `status` is the HTTP status, where that was the reason; `reason` is one of `FAILURES`.
    """

    def __init__(self, words: str, reason: str, status: int | None = None) -> None:
        super().__init__(words)
        self.reason = reason
        self.status = status


class _Again(Exception):
    """Worth another try; `after_s` is what the service asked to wait, `status` the HTTP status if that is why."""

    def __init__(self, why: str, reason: str, after_s: float = 0.0, status: int | None = None) -> None:
        super().__init__(why)
        self.reason = reason
        self.after_s = after_s
        self.status = status


@dataclass(frozen=True, slots=True)
class Manners:
    """How often and how patiently a service is asked. Times in seconds; `every_s` lies between two requests."""

    every_s: float = 0.5
    attempts: int = 5
    timeout_s: float = 60.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    url: str
    params: Mapping[str, str | int] | None = None
    form: Mapping[str, str] | None = None
    conditional: bool = False


@dataclass(slots=True)
class Fetcher:
    """Asks one service. A context manager; counts its requests and the bytes that came back.

    `validators` holds what the service gave to ask conditionally with (address -> header and value): give them
    from the last run, and what hasn't changed since isn't sent again. `secrets` are kept out of all messages.
    `observer` is given each answer that is whole; `transport` answers in place of the network.
    """

    manners: Manners = field(default_factory=Manners)
    headers: Mapping[str, str] = field(default_factory=dict)
    validators: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: Sequence[str] = ()
    sleep: Callable[[float], None] = time.sleep
    observer: Callable[[httpx.Response, bytes], None] | None = None
    transport: httpx.BaseTransport | None = None
    requests: int = 0
    received: int = 0
    _next: float = 0.0
    _client: httpx.Client | None = None

    def __enter__(self) -> Self:
        agent = {"User-Agent": "shutdown-streams"}
        self._client = httpx.Client(
            timeout=self.manners.timeout_s,
            headers={**agent, **self.headers},
            follow_redirects=True,
            verify=_tls(),
            transport=self.transport,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def authorize(self, token: str | None) -> None:
        """Send a bearer token with every request from now on, or none.

        Raises:
            FetchError: it is no token.
        """
        assert self._client is not None
        self._client.headers.pop("Authorization", None)
        if token is not None:
            if not (token.isascii() and token.isprintable()):
                words = "the token that the service gave can't be sent: it is no text of plain letters"
                raise FetchError(words, "unreadable")
            self._client.headers["Authorization"] = f"Bearer {token}"
            self.secrets = (*self.secrets, token)

    def get(
        self,
        url: str,
        reader: Callable[[bytes], T],
        params: Mapping[str, str | int] | None = None,
        *,
        conditional: bool = False,
    ) -> T | None:
        """What `reader` makes of the answer; None if `conditional` and it hasn't changed since it was last asked.

        Raises:
            FetchError: it didn't come, or `reader` refused every answer with a `PayloadError`.
        """
        question = _Question("GET", url, params=params, conditional=conditional)
        return self._patiently(url, lambda: self._once(question, reader))

    def post(self, url: str, reader: Callable[[bytes], T], form: Mapping[str, str]) -> T:
        """What `reader` makes of the answer to a form.

        Raises:
            FetchError: as for `get`.
        """
        question = _Question("POST", url, form=form)
        answer = self._patiently(url, lambda: self._once(question, reader))
        assert answer is not None
        return answer

    def _patiently(self, url: str, ask: Callable[[], T]) -> T:
        manners = self.manners
        growing = tenacity.wait_exponential(manners.first_wait_s) + tenacity.wait_random(0, manners.first_wait_s)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked_s = error.after_s if isinstance(error, _Again) else 0.0
            return max(min(growing(state), manners.longest_wait_s), asked_s)

        def patient(state: tenacity.RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            asked_s = error.after_s if isinstance(error, _Again) else 0.0
            return state.attempt_number >= manners.attempts or asked_s > LONGEST_WAIT_S

        retrying = tenacity.Retrying(
            stop=patient, wait=wait, retry=tenacity.retry_if_exception_type(_Again), sleep=self.sleep, reraise=True
        )
        try:
            return retrying(ask)
        except _Again as error:
            words = f"{_plain(url)}: {error}; it was asked {self._tries(retrying)}"
            raise FetchError(self._without_secrets(words), error.reason, error.status) from None

    def _without_secrets(self, words: str) -> str:
        for secret in self.secrets:
            words = words.replace(secret, "…") if secret else words
        return words

    def _tries(self, retrying: tenacity.Retrying) -> str:
        count = retrying.statistics.get("attempt_number", 1)
        return "once" if count == 1 else f"{count} times"

    def _once(self, question: _Question, reader: Callable[[bytes], T]) -> T | None:
        assert self._client is not None
        self._pace()
        url = question.url
        key = f"{url} {sorted((question.params or {}).items())}"
        header = self.validators.get(key) if question.conditional else None
        self.requests += 1
        try:
            with self._client.stream(
                question.method,
                url,
                params=question.params,
                data=question.form,
                headers=dict([header]) if header else None,
            ) as answer:
                content = self._content(answer, _plain(url))
        except httpx.RequestError as error:
            raise _Again(_said(error), "unreachable") from error
        except httpx.InvalidURL as error:
            words = f"it, or what it leads to, is no address: {error}"
            raise FetchError(self._without_secrets(f"{url.partition('?')[0]}: {words}"), "unreadable") from None
        if self.observer is not None:
            self.observer(answer, content)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            after = _after_s(answer.headers.get("Retry-After", ""))
            raise _Again(f"HTTP {answer.status_code}", _kind(answer.status_code), after, answer.status_code)
        if not answer.is_success:
            said = content[:200].decode("utf-8", "replace")
            words = f"{_plain(url)}: HTTP {answer.status_code}: {said}"
            raise FetchError(self._without_secrets(words), _kind(answer.status_code), answer.status_code)
        try:
            read = reader(content)
        except PayloadError as error:
            raise _Again(str(error), error.reason) from error
        if question.conditional:
            self._remember(key, answer)
        return read

    def _content(self, answer: httpx.Response, where: str) -> bytes:
        """The body of an answer, unpacked; no more of it than may be, and not for longer.

        Raises:
            FetchError: it is larger, takes longer, or is packed several times over.
        """
        if "," in answer.headers.get("Content-Encoding", ""):
            raise FetchError(f"{where}: the answer is packed several times over, as no service does", "unreadable")
        end, found = time.monotonic() + limits.ANSWER_S, bytearray()
        for block in answer.iter_bytes():
            found += block
            if len(found) > limits.ANSWER_BYTES:
                raise FetchError(f"{where}: the answer has more than {limits.ANSWER_BYTES:,} bytes", "unreadable")
            if time.monotonic() > end:
                raise FetchError(f"{where}: the answer was not there after {limits.ANSWER_S:g} s", "unreachable")
        self.received += answer.num_bytes_downloaded
        return bytes(found)

    def _remember(self, key: str, answer: httpx.Response) -> None:
        self.validators.pop(key, None)
        for given, asked in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
            if value := answer.headers.get(given):
                self.validators[key] = (asked, value)
                return

    def _pace(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + self.manners.every_s


@cache
def _tls() -> ssl.SSLContext:
    """Whom we trust: read once, since it takes longer than many a request."""
    return httpx.create_ssl_context()


def _after_s(text: str) -> float:
    """Seconds that `Retry-After` asks to wait: it gives a number, or a date."""
    if text.isascii() and text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        return 0.0
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


def _plain(url: str) -> str:
    """An address without what may be secret."""
    return str(httpx.URL(url).copy_with(query=None, userinfo=b""))


def _kind(status: int) -> str:
    """Which of `FAILURES` an HTTP status is."""
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return "server-error"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "too-many-requests"
    return "unauthorised" if status in (401, 403) else "refused"


def _said(error: httpx.RequestError) -> str:
    words = {
        httpx.ConnectError: "no connection",
        httpx.TimeoutException: "no answer in time",
        httpx.RemoteProtocolError: "the answer breaks off",
        httpx.DecodingError: "the answer can't be unpacked",
        httpx.TooManyRedirects: "it leads from address to address without end",
    }
    return next((said for kind, said in words.items() if isinstance(error, kind)), type(error).__name__)
