"""Sends a booking to the hospital's front desk. Python 3.9 or newer; on the server, never in the page: it has the key.

    echo '{"id":"42","relationship":"본인",…}' | BELL_URL=https://bell.example.kr INTAKE_KEY=dbsite… python3 post.py
"""

import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

FIELDS = ("relationship", "name", "phone", "reservationdate", "reservationtime")
ATTEMPTS = 5


def ring(booking):
    """Gives the reservation; raises when it is refused, or when nobody answered well. `booking["id"]` names it for good."""
    request = urllib.request.Request(
        os.environ["BELL_URL"] + "/v1/reservations",
        data=urllib.parse.urlencode({field: booking[field] for field in FIELDS}).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["INTAKE_KEY"],
            "Idempotency-Key": f"booking-{booking['id']}",  # the same at every attempt: it is taken in once
        },
    )
    for attempt in range(1, ATTEMPTS + 1):
        asked = 0.0
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            fault = f"{error.code} {error.reason}"
            if 400 <= error.code < 500 and error.code not in (408, 429):
                raise RuntimeError(f"refused: {fault} {error.read().decode()}") from None
            seconds = error.headers.get("Retry-After", "")
            asked = float(seconds) if seconds.isdigit() else 0.0
        except (OSError, http.client.HTTPException, ValueError) as error:
            fault = type(error).__name__
        if attempt == ATTEMPTS:
            raise RuntimeError(f"given up: {fault}")
        wait = max(asked, 2 ** (attempt - 2) * random.uniform(0.5, 1))
        print(f"attempt {attempt}: {fault}; again in {wait:.1f} s", file=sys.stderr, flush=True)
        time.sleep(wait)


if __name__ == "__main__":
    try:
        print(ring(json.load(sys.stdin))["id"])
    except RuntimeError as error:
        sys.exit(str(error))
