#!/usr/bin/env bash
# A gateway that tells by HTTP who is connected to it, until Ctrl-C: bash gateway.sh @alice:example @bob:example
# PRESENTLY_URL, PRESENTLY_UPSTREAM_TOKEN and SOURCE_TTL_MS say where to, as whom, and how long a lease lasts. Needs curl.
set -euo pipefail

url=${PRESENTLY_URL:-http://127.0.0.1:8080}
token=${PRESENTLY_UPSTREAM_TOKEN:-dev-upstream}
ttl_ms=${SOURCE_TTL_MS:-30000}
source_id="gateway-$(date +%s)-$$-$RANDOM" # names this start of this process; never used again
events_per_request=500                     # 10,000 and 8 MiB at most
[ $# -gt 0 ] || set -- @alice:example
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Posts the file with an event a line, once, and prints the status: 000 if there was no answer.
post() {
  # The token comes by standard input, because everybody on the machine sees arguments.
  printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --config - --silent --show-error --max-time 30 --header 'Content-Type: application/x-ndjson' \
      --data-binary "@$1" --dump-header "$work/headers" --output "$work/answer" --write-out '%{http_code}' "$url/v1/events" || true
}

# Sends the file until it is taken, without the events that are refused.
send_batch() {
  local status index seconds
  while [ -s "$1" ]; do
    : >"$work/headers"
    : >"$work/answer"
    status=$(post "$1") || true
    case $status in
      200) break ;;
      400)
        # Nothing of it was written: send the rest. Event 0 is line 1. Not every bad event need be listed at once.
        : >"$work/bad"
        for index in $(grep -o '"index":[0-9]*' "$work/answer" | cut -d: -f2); do echo "$((index + 1))d" >>"$work/bad"; done
        echo "refused: $(cat "$work/answer")" >&2
        [ -s "$work/bad" ] || exit 1
        sed -f "$work/bad" "$1" >"$work/rest"
        mv "$work/rest" "$1"
        ;;
      429 | 5?? | 000 | '')
        # No answer: it may have been taken, but told twice at once is harmless. Never sooner than asked, and not all gateways at once.
        seconds=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$work/headers")
        seconds=${seconds:-1}.$((RANDOM % 10))
        echo "$status: again in $seconds s" >&2
        sleep "$seconds" || true
        ;;
      *)
        echo "$url refuses everything ($status): $(cat "$work/answer")" >&2 # as a bad token
        exit 1
        ;;
    esac
  done
  echo "sent $(grep -c '' "$1"), from $2 on"
}

# Sends the events of standard input, one a line, in order.
send() {
  local batch type
  rm -f "$work"/batch.*
  split -a 4 -l "$events_per_request" - "$work/batch."
  for batch in "$work"/batch.*; do
    type=$(head -n 1 "$batch" | cut -d '"' -f 4)
    send_batch "$batch" "$type"
  done
}

alive() { printf '{"type":"source.alive","source_id":"%s","ttl_ms":%s}\n' "$source_id" "$ttl_ms"; }

# By hand only because these ids hold nothing to escape: else use jq.
of_each() {
  local type=$1 fields=$2 user ts
  ts=$(date +%s)000
  shift 2
  for user in "$@"; do
    printf '{"type":"%s","user_id":"%s","device_id":"PHONE","ts":%s%s}\n' "$type" "$user" "$ts" "$fields"
  done
}

stopping=
trap 'trap - INT TERM; stopping=yes' INT TERM # again: ends at once
send < <(alive && of_each device.connected ",\"source_id\":\"$source_id\"" "$@")
send < <(of_each device.active '' "$@")
while [ -z "$stopping" ]; do
  sleep "$(printf '%d.%03d' $((ttl_ms / 3 / 1000)) $((ttl_ms / 3 % 1000)))" &
  wait $! || kill $! 2>/dev/null || true # a signal ends the wait
  [ -n "$stopping" ] || send < <(alive) # one small event keeps all connections
done
send < <(of_each device.disconnected '' "$@" && printf '{"type":"source.gone","source_id":"%s"}\n' "$source_id")
