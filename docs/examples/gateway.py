"""A gateway that tells by HTTP who is connected to it, until Ctrl-C: python3 gateway.py @alice:example @bob:example

PRESENTLY_URL, PRESENTLY_UPSTREAM_TOKEN and SOURCE_TTL_MS say where to, as whom, and how long a lease lasts. Python 3.8 or newer.
"""

import http.client
import json
import os
import random
import signal
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("PRESENTLY_URL", "http://127.0.0.1:8080")
TOKEN = os.environ.get("PRESENTLY_UPSTREAM_TOKEN", "dev-upstream")
TTL_MS = int(os.environ.get("SOURCE_TTL_MS", "30000"))
SOURCE_ID = f"gateway-{uuid.uuid4()}"  # names this start of this process; never used again
EVENTS_PER_REQUEST = 500  # 10,000 and 8 MiB at most
TIMEOUT_S = 30


def send(events):
    """Sends events in order, and returns when they are durable."""
    for at in range(0, len(events), EVENTS_PER_REQUEST):
        count = send_batch(events[at : at + EVENTS_PER_REQUEST])
        print(f"sent {count}, from {events[at]['type']} on", flush=True)


def send_batch(events):
    """Sends a request until it is taken, without the events that are refused. Returns how many were taken."""
    while events:
        status, retry_after, body = post(events)
        if status == 200:
            return len(events)
        if status == 400 and "faults" in body:
            # Nothing of it was written: send the rest. Not every bad event need be listed at once.
            bad = {fault["index"]: fault["error"] for fault in body["faults"]}
            for index, error in bad.items():
                print(f"refused: {json.dumps(events[index])}: {error}", file=sys.stderr)
            events = [event for index, event in enumerate(events) if index not in bad]
        elif status == 429 or status >= 500:
            # Never sooner than asked, and not all gateways at once.
            seconds = retry_after + random.random()
            print(f"{status}: again in {seconds:.1f} s", file=sys.stderr)
            time.sleep(seconds)
        else:
            sys.exit(f"{URL} refuses everything ({status}): {body['error']}")  # as a bad token
    return 0


def post(events):
    """Posts events once. Returns the status, the seconds to wait, and the body."""
    request = urllib.request.Request(
        f"{URL}/v1/events",
        data=json.dumps({"events": events}).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    try:
        try:
            response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as refusal:
            response = refusal  # which can be read like any other
        with response:
            text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        # No answer: it may have been taken, but told twice at once is harmless.
        print(f"{URL}: {error}", file=sys.stderr)
        return 503, 1, {}
    retry_after = response.headers.get("Retry-After", "")
    # What a proxy says need not be JSON.
    is_json = response.headers.get_content_type() == "application/json"
    body = json.loads(text) if is_json else {"error": text}
    return response.status, int(retry_after) if retry_after.isdigit() else 1, body


def alive():
    return {"type": "source.alive", "source_id": SOURCE_ID, "ttl_ms": TTL_MS}


def of_each(users, kind, **fields):
    ts = time.time_ns() // 1_000_000
    return [{"type": kind, "user_id": user, "device_id": "PHONE", "ts": ts, **fields} for user in users]


def main(users):
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        send([alive()] + of_each(users, "device.connected", source_id=SOURCE_ID))
        send(of_each(users, "device.active"))
        while True:
            time.sleep(TTL_MS / 3 / 1000)
            send([alive()])  # one small event keeps all connections
    except KeyboardInterrupt:
        send(of_each(users, "device.disconnected") + [{"type": "source.gone", "source_id": SOURCE_ID}])


if __name__ == "__main__":
    main(sys.argv[1:] or ["@alice:example"])
