"""A receiver of webhooks, as docs/webhooks.md tells to write one: checks signatures with the public library of PyPI.

Usage: webhooks.py BASE_URL API_KEY

The service must be allowed to call 127.0.0.1. One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
"""

import base64
import json
import queue
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

BASE, KEY = sys.argv[1:3]
ARRIVED: queue.Queue = queue.Queue()
failed = 0


def check(name, holds, seen=None):
    global failed
    if holds:
        print(f"ok   webhooks, PyPI: {name}")
    else:
        failed += 1
        print(f"FAIL webhooks, PyPI: {name}\n     | {seen!r}")


def call(path, body=None, method="POST"):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        ARRIVED.put((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def verifies(secret, body, headers):
    """What the public library reads; None when it refuses."""
    try:
        return Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return None


def tried(endpoint):
    call(f"/v1/webhook_endpoints/{endpoint}:test", {})
    return ARRIVED.get(timeout=30)


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    created = call("/v1/webhook_endpoints", {"url": url, "event_types": ["order.placed"]})
    endpoint, secret = created["webhook_endpoint"]["id"], created["secret"]

    body, headers = tried(endpoint)
    event = verifies(secret, body, headers)
    check("a signature verifies", event and event["type"] == "webhook_endpoint.tested", event)
    check("webhook-id is the event", event and headers["webhook-id"] == event["id"], headers)
    check("a changed body does not", verifies(secret, body + b" ", headers) is None, body)
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    check("another secret does not", verifies(other, body, headers) is None, headers)
    old = {**headers, "webhook-timestamp": str(int(time.time()) - 600)}
    check("an old timestamp does not", verifies(secret, body, old) is None, old)
    rotated = call(f"/v1/webhook_endpoints/{endpoint}:rotateSecret", {})["secret"]
    body, headers = tried(endpoint)
    both = [verifies(one, body, headers) is not None for one in (secret, rotated)]
    check("after a rotation both secrets verify", all(both), both)

    call(f"/v1/webhook_endpoints/{endpoint}", method="DELETE")
    sys.exit(1 if failed else 0)


main()
