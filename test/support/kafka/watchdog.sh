#!/bin/sh
# Kills a broker when its owner is gone, however that ended (Ctrl-C, kill -9, a crash), and removes what the run has
# written. Runs beside each broker, and ends with it.
# Usage: watchdog.sh OWNER_PID BROKER_PID RUN_DIRECTORY
while kill -0 "$2" 2>/dev/null; do
  if ! kill -0 "$1" 2>/dev/null; then
    kill -KILL "$2"
    sleep 1
    rm -rf "$3"
    exit
  fi
  sleep 0.5
done
rm -f "$3/pids/$2"
