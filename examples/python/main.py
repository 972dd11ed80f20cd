"""Calls an API with the headers that the token broker gives, once: BROKER_URL=https://… python3 main.py payments /ping

Standard library alone. The service's own token comes from its managed identity (App Service, Functions, Container Apps).
"""

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

BROKER_URL = os.environ["BROKER_URL"].rstrip("/")
RESOURCE = "api://token-broker"


class NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer: what it points to must not get the headers."""

    def redirect_request(self, *_):
        return None


opener = build_opener(NoRedirect)


def send(url, headers, body=None):
    """Returns status and text, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers = {**headers, "Content-Type": "application/json"}
    try:
        with opener.open(Request(url, data, headers), timeout=30) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def own_token():
    """This service's token for the broker. The platform keeps it."""
    query = urlencode({"resource": RESOURCE, "api-version": "2019-08-01"})
    identity = {"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]}
    status, text = send(f"{os.environ['IDENTITY_ENDPOINT']}?{query}", identity)
    if status != 200:
        raise RuntimeError(f"The managed identity gave no token: {status}")
    return json.loads(text)["access_token"]


class Broker:
    """Keeps a header set for each API until it is to be refreshed. For one thread."""

    def __init__(self):
        self.kept = {}

    def headers(self, api):
        header_set, asked_at = self.kept.get(api, (None, 0))
        if header_set and time.monotonic() - asked_at < header_set["refreshIn"]:
            return header_set
        return self.ask(api)

    def call(self, api, path):
        header_set = self.headers(api)
        status, text = send(header_set["baseUrl"] + path, header_set["headers"])
        if status == 401:  # Tell the broker, and repeat once with what it gives.
            report = {"id": header_set["id"], "status": 401, "body": text[:4096]}
            header_set = self.ask(api, "/rejections", report)
            status, text = send(header_set["baseUrl"] + path, header_set["headers"])
        return status, text

    def ask(self, api, route="", body=None):
        asked_at = time.monotonic()
        url = f"{BROKER_URL}/v1/headers/{quote(api, safe='')}{route}"
        status, text = send(url, {"Authorization": f"Bearer {own_token()}"}, body)
        if status != 200:
            raise RuntimeError(f"The broker answered {status}: {json.loads(text)['code']}")
        self.kept[api] = (json.loads(text), asked_at)
        return self.kept[api][0]


if __name__ == "__main__":
    print(*Broker().call(sys.argv[1], sys.argv[2]))
