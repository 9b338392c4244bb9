"""A user's session with a running Odoo, over the calls its web client makes. Must not know screens."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field

LIMIT = 180  # seconds until an answer must be there


@dataclass
class Client:
    """One user of one database.

    :ivar session: the session's id, the value of the cookie ``session_id``
    """

    url: str
    database: str
    login: str
    session: str = ""
    user_id: int = 0
    context: dict = field(default_factory=dict)

    def log_in(self) -> Client:
        """Log in; all logins the tools use have their name as password."""
        given = {"db": self.database, "login": self.login, "password": self.login}
        answer, headers = self._post("/web/session/authenticate", given)
        cookies = headers.get_all("Set-Cookie") or []
        self.session = next(one for one in cookies if one.startswith("session_id=")).split(";")[0].split("=", 1)[1]
        self.user_id, self.context = answer["uid"], answer["user_context"]
        return self

    def call(self, model: str, method: str, *arguments, **named):
        """The result of a model's method."""
        named.setdefault("context", self.context)
        given = {"model": model, "method": method, "args": list(arguments), "kwargs": named}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", given)[0]

    def speak(self, language: str) -> None:
        """Choose the language of this user's screens."""
        self.call("res.users", "write", [self.user_id], {"lang": language})
        self.context["lang"] = language

    def menus(self) -> dict:
        """The menus this user sees, by id and ``root``."""
        request = urllib.request.Request(f"{self.url}/web/webclient/load_menus", headers=self._headers())
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return json.load(answer)

    def _headers(self) -> dict:
        return {"Content-Type": "application/json", "Cookie": f"session_id={self.session}"}

    def _post(self, path: str, parameters: dict):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": parameters}).encode()
        request = urllib.request.Request(self.url + path, body, self._headers())
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            given = json.load(answer)
            if "error" in given:
                data = given["error"].get("data", {})
                raise RuntimeError(f"{self.login}: {path}: {data.get('message') or given['error']}")
            return given["result"], answer.headers
