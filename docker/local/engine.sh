# The container engine: the machine's own when it answers, otherwise a private one that ends with us.

engine_job=
engine_home=
engine_made_bridge=false

engine_answers() {
  [ -S "$1" ] && curl --silent --fail --max-time 3 --unix-socket "$1" http://engine/_ping >/dev/null 2>&1
}

engine_find_or_start() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    case $DOCKER_HOST in
      unix://*) engine_answers "${DOCKER_HOST#unix://}" || warn "No container engine answers at DOCKER_HOST=$DOCKER_HOST: builds will fail until it does." ;;
    esac
    return 0
  fi
  case ${DEVOPS_ROLES:-web,worker} in *worker*) ;; *) return 0 ;; esac
  if engine_answers /var/run/docker.sock; then
    return 0
  fi
  if ! may_be_root; then
    warn "No container engine answers for this user: builds will fail. Install docker.io and join the group docker, set DOCKER_HOST, or run this as root or with passwordless sudo, which starts a private engine."
    return 0
  fi
  need dockerd:docker.io
  engine_start
}

# Sockets end at 108 bytes, so what runs lies in a short folder whose name is made from the data folder's.
engine_start() {
  engine_home=/run/devops-$(printf %s "$data" | sha256sum | cut -c1-12)
  mkdir -p "$data/engine"
  chmod 700 "$data/engine"
  as_root install -d -m 700 -o "$(id -u)" -g "$(id -g)" "$engine_home"
  export DOCKER_HOST=unix://$engine_home/docker.sock
  if engine_answers "$engine_home/docker.sock"; then
    say "Took over the private container engine that an interrupted run left."
    return 0
  fi
  [ -e /sys/class/net/docker0 ] || engine_made_bridge=true
  if engine_try; then
    say "Started a private container engine (data in $data/engine)."
    return 0
  fi
  engine_made_bridge=false
  if engine_try --bridge=none --iptables=false --ip6tables=false; then
    say "Started a private container engine without a network bridge, since firewall rules may not be set here: builds need the network \"none\" or \"host\"."
    return 0
  fi
  tail -n 15 "$data/engine/log" >&2 || true
  warn "The private container engine does not start (see $data/engine/log): builds will fail. The rest of the platform works."
  unset DOCKER_HOST
  engine_home=
}

engine_try() {
  as_root rm -f "$engine_home/docker.pid"
  local dockerd
  dockerd=$(PATH=$PATH:/usr/sbin:/sbin command -v dockerd)
  as_root setsid --wait "$dockerd" --data-root "$data/engine/data" --exec-root "$engine_home/exec" -p "$engine_home/docker.pid" \
    -H "unix://$engine_home/docker.sock" -G "$(id -g)" "$@" >"$data/engine/log" 2>&1 9>&- </dev/null &
  engine_job=$!
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if engine_answers "$engine_home/docker.sock"; then
      return 0
    fi
    if $asked_to_stop || [ ! -e "/proc/$engine_job" ]; then
      break
    fi
    sleep 0.2
  done
  engine_end
  return 1
}

# The engine belongs to root, also when an ordinary user started it.
engine_end() {
  local pid tries
  pid=$(cat "$engine_home/docker.pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    as_root kill -TERM "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 150; tries++)); do
      [ -e "/proc/$pid" ] || break
      sleep 0.1
    done
    as_root kill -KILL "$pid" 2>/dev/null || true
  fi
  [ -z "$engine_job" ] || as_root kill -KILL "$engine_job" 2>/dev/null || true
  [ -z "$engine_job" ] || wait "$engine_job" 2>/dev/null || true
  engine_job=
}

engine_stop() {
  [ -n "$engine_home" ] || return 0
  engine_end
  # What an interrupted engine left mounted below its own folders.
  awk -v a="$engine_home/" -v b="$data/engine/" 'index($2, a) == 1 || index($2, b) == 1 { print $2 }' /proc/mounts | sort -r | while read -r place; do
    as_root umount -l "$place" 2>/dev/null || true
  done
  if $engine_made_bridge && command -v ip >/dev/null; then
    as_root ip link delete docker0 2>/dev/null || true
  fi
  as_root rm -rf "$engine_home"
}
