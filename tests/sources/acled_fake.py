"""A double of ACLED's API, as strict as the service (docs/SERVICES.md): tokens, rows by change, deletions."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

EMAIL = "someone@example.org"
PASSWORD = base64.b85encode(b"not to be told").decode()

#: Rows of a page unless asked otherwise, and how long a token is good, seconds.
LIMIT, TOKEN_S = 5_000, 86_400

#: A row as it comes.
ROW = {
    "event_id_cnty": "KAZ1001", "event_date": "2022-01-05", "year": "2022", "time_precision": "1",
    "disorder_type": "Demonstrations", "event_type": "Protests", "sub_event_type": "Peaceful protest",
    "actor1": "Protesters (Kazakhstan)", "assoc_actor_1": "", "inter1": "Protesters", "actor2": "",
    "assoc_actor_2": "", "inter2": "", "interaction": "Protesters only", "civilian_targeting": "", "iso": "398",
    "region": "Caucasus and Central Asia", "country": "Kazakhstan", "admin1": "Almaty City", "admin2": "",
    "admin3": "", "location": "Almaty", "latitude": "43.2567", "longitude": "76.9286", "geo_precision": "1",
    "source": "A Paper; Another", "source_scale": "National", "notes": "On 5 Jan, J. Doe led a rally, it is said.",
    "fatalities": "0", "tags": "crowd size=at least 1,000; women", "timestamp": "1641900000",
}  # fmt: skip


@dataclass
class Acled:
    """`now_s` is the service's clock. With `embargo_days` the account sees no event of so many days before it."""

    now_s: int = 0
    embargo_days: int | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    token: int = 0
    given_s: int = 0
    asked_between: Callable[[int], None] = lambda _: None

    @property
    def embargo(self) -> dt.date | None:
        """The newest day that the account sees, which moves with the clock; None where it sees all."""
        if self.embargo_days is None:
            return None
        return dt.datetime.fromtimestamp(self.now_s, dt.UTC).date() - dt.timedelta(days=self.embargo_days)

    def routes(self) -> dict[str, Route]:
        return {"/oauth/token": self.oauth, "/api/acled/read": self.read, "/api/deleted/read": self.deletions}

    def add(self, number: int, changed_s: int, **changed: Any) -> None:
        self.rows = [row for row in self.rows if row["event_id_cnty"] != f"KAZ{number}"]
        self.rows.append(ROW | {"event_id_cnty": f"KAZ{number}", "timestamp": changed_s} | changed)

    def oauth(self, request: Request) -> Any:
        good = {"grant_type": "password", "client_id": "acled", "username": EMAIL, "password": PASSWORD}
        if request.method != "POST" or any(request.form.get(name) != value for name, value in good.items()):
            return Answer(b'{"error":"invalid_grant","message":"The user credentials were incorrect."}', 400)
        self.token, self.given_s = self.token + 1, self.now_s
        return {"token_type": "Bearer", "expires_in": TOKEN_S, "access_token": f"token-{self.token}"}

    def _refused(self, request: Request) -> Answer | None:
        good = request.headers.get("Authorization") == f"Bearer token-{self.token}"
        if good and self.now_s < self.given_s + TOKEN_S:
            return None
        return Answer(b'{"message":"The resource owner or authorization server denied the request."}', 401)

    def read(self, request: Request) -> Any:
        if (refusal := self._refused(request)) is not None:
            return refusal
        asked = request.params
        since = int(asked.get("timestamp", 0))
        days = asked["event_date"].split("|") if "event_date" in asked else ["", "9999"]
        types = asked.get("event_type", "").split("|")
        newest = self.embargo.isoformat() if self.embargo else "9999"
        found = [
            row
            for row in self.rows
            if row["timestamp"] >= since
            and days[0] <= row["event_date"] <= days[-1]
            and row["event_date"] <= newest
            and any(one in row["event_type"] for one in types)
        ]
        found.sort(key=lambda row: -int(row["timestamp"]))
        limit, page = int(asked.get("limit", LIMIT)), int(asked.get("page", 1))
        cut = found[(page - 1) * limit : page * limit]
        self.asked_between(page)
        answer = {"status": 200, "success": True, "last_update": 1, "count": len(cut), "messages": [], "data": cut}
        return answer | {"filename": "", "data_query_restrictions": self._restrictions()}

    def _restrictions(self) -> dict[str, Any] | list[Any]:
        if self.embargo is None:
            return []
        return {"date_recency": {"quantity": 12, "unit": "Months", "date": self.embargo.isoformat()}}

    def deletions(self, request: Request) -> Any:
        if (refusal := self._refused(request)) is not None:
            return refusal
        since = int(request.params["deleted_timestamp"])
        found = [row for row in self.deleted if int(row["deleted_timestamp"]) >= since]
        return {"status": 200, "success": True, "count": len(found), "data": found}
