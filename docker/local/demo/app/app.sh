#!/bin/sh
# Starts, stops or restarts the page of the release that is current. Called by the deployment as "./app.sh restart".
set -eu
home=${DEPLOY_PATH:?}
pid_file=$home/app.pid

runs() {
  [ -s "$pid_file" ] && tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$pid_file")/cmdline" | grep -qF "$home/current/public"
}

stop() {
  if runs; then
    pid=$(cat "$pid_file")
    kill "$pid"
    # The port is free only when the process is gone.
    tries=0
    while runs && [ "$tries" -lt 50 ]; do
      sleep 0.1
      tries=$((tries + 1))
    done
    ! runs || kill -KILL "$pid"
  fi
  rm -f "$pid_file"
}

start() {
  setsid busybox httpd -f -p "127.0.0.1:${PAGE_PORT:?}" -h "$home/current/public" </dev/null >/dev/null 2>&1 &
  echo "$!" >"$pid_file"
}

case ${1:-} in
  start) runs || start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) runs && echo running || { echo stopped; exit 1; } ;;
  *) echo "Usage: app.sh start|stop|restart|status" >&2; exit 2 ;;
esac
