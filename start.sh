#!/usr/bin/env bash
# Builds the platform and runs it in the foreground until Ctrl-C or SIGTERM. Everything it starts ends with it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$root"

# A script that starts this one with "&" makes it deaf to SIGINT; it is to be stoppable all the same.
ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' "/proc/$$/status" 2>/dev/null || true)
if [ -z "${DEVOPS_START_AGAIN:-}" ] && ((0x${ignored:-0} & 2)) && env --default-signal=INT true 2>/dev/null; then
  DEVOPS_START_AGAIN=1 exec env --default-signal=INT bash "$root/start.sh" "$@"
fi
unset DEVOPS_START_AGAIN

demo=false
for word in "$@"; do
  case $word in
    --demo) demo=true ;;
    -h | --help)
      cat <<'TEXT'
Usage: ./start.sh [--demo]

  --demo   also set up a sample repository, a local SSH server and the project "demo", and deploy it once

Set by environment: DEVOPS_PORT (8080), DEVOPS_BIND (127.0.0.1), DEVOPS_DATA (data/), DEVOPS_ADMIN_USER and
DEVOPS_ADMIN_PASSWORD, ConnectionStrings__Default, DOCKER_HOST, DEVOPS_ROLES, DEVOPS_RUNNERS, DEVOPS_MASTER_KEY,
DEVOPS_ALLOW_FILE_REPOSITORIES. The README says what each does.
TEXT
      exit 0
      ;;
    *)
      echo "start.sh does not know '$word'. Try --help." >&2
      exit 2
      ;;
  esac
done

umask 022
data=${DEVOPS_DATA:-data}
case $data in /*) ;; *) data=$root/$data ;; esac
mkdir -p "$data"
data=$(cd "$data" && pwd -P)
export DEVOPS_DATA=$data DEVOPS_PORT=${DEVOPS_PORT:-8080} DEVOPS_BIND=${DEVOPS_BIND:-127.0.0.1}

. docker/local/words.sh
. docker/local/packages.sh
. docker/local/engine.sh
. docker/local/build.sh
. docker/local/demo.sh

app=
builder=
asked_to_stop=false
stop() {
  asked_to_stop=true
  [ -z "$builder" ] || kill -TERM "$builder" 2>/dev/null || true
  [ -z "$app" ] || kill -TERM "$app" 2>/dev/null || true
}

clean_up() {
  trap '' INT TERM HUP
  if [ -n "$app" ]; then
    kill -TERM "$app" 2>/dev/null || true
    wait "$app" 2>/dev/null || true
  fi
  demo_stop
  engine_stop
}

main() {
  exec 9>"$data/start.lock"
  flock -n 9 || fail "Another start.sh already runs with the data folder $data. Stop it, or set DEVOPS_DATA to another folder."
  trap clean_up EXIT
  trap stop INT TERM HUP

  packages_for_start
  engine_find_or_start
  build_release
  if $demo; then
    demo_start
  fi

  # When this script is killed without a chance to clean up, the platform is asked to stop all the same.
  local end_with_me=()
  if setpriv --help 2>/dev/null | grep -q pdeathsig; then
    end_with_me=(setpriv --pdeathsig TERM --)
  fi
  if $asked_to_stop; then
    return 0
  fi
  say "The platform comes up on http://$DEVOPS_BIND:$DEVOPS_PORT"
  (cd "$build_output" && exec ${end_with_me[@]+"${end_with_me[@]}"} dotnet DevOps.Blazor.dll 9>&-) &
  app=$!
  $asked_to_stop && kill -TERM "$app" 2>/dev/null
  local code
  # A trapped signal ends the wait early; the platform then still has to finish.
  while :; do
    code=0
    wait "$app" || code=$?
    kill -0 "$app" 2>/dev/null || break
  done
  app=
  if $asked_to_stop && [ "$code" -gt 128 ]; then
    code=0
  fi
  return "$code"
}

main
