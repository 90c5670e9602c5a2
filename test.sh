#!/usr/bin/env bash
# Builds everything, checks the form of the code, runs all tests against real programs, and ends with one line: N passed, N failed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$root"

bench=false
chaos=false
cuts=false
words=()
for word in "$@"; do
  case $word in
    --bench) bench=true ;;
    --chaos) chaos=true ;;
    --cuts) cuts=true ;;
    -h | --help)
      cat <<'TEXT'
Usage: ./test.sh                  all tests
       ./test.sh --bench [name…]  benchmarks instead of tests
       ./test.sh --chaos MINUTES  faults by chance instead of tests, for that long
       ./test.sh --cuts           a worker that dies at every single point of a deployment, instead of tests (half an hour)
TEXT
      exit 0
      ;;
    -*)
      echo "test.sh does not know '$word'. Try --help." >&2
      exit 2
      ;;
    *) words+=("$word") ;;
  esac
done
if $chaos && ! [[ ${#words[@]} = 1 && ${words[0]} =~ ^[0-9]+$ ]]; then
  echo "Say for how many minutes: ./test.sh --chaos 10" >&2
  exit 2
fi

umask 022
export LC_ALL=C.UTF-8 DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# What is set for a running platform or for git says nothing to the tests; DEVOPS_TEST_… does.
for name in "${!GIT_@}" "${!DEVOPS_@}" DOCKER_HOST ConnectionStrings__Default; do
  case $name in DEVOPS_TEST_*) ;; *) unset "$name" ;; esac
done
results=$root/TestResults
mkdir -p "$results"
demo=false

. docker/local/words.sh
. docker/local/packages.sh

need_dotnet
need git:git ssh:openssh-client sshd:openssh-server curl:curl tar:tar setpriv:util-linux postgres:postgresql \
  dockerd:docker.io busybox:busybox-static chromium:chromium fc-list:fontconfig debootstrap:debootstrap ip:iproute2
if [ -z "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; then
  may_install && install_packages fonts-noto-cjk
fi

# What a step says goes to its log; the end of it is shown when it fails.
step() {
  local name=$1 log=$results/$1.log
  shift
  local begin=$SECONDS
  if "$@" >"$log" 2>&1; then
    say "$name: ok ($((SECONDS - begin)) s)"
    return 0
  fi
  tail -n 60 "$log" >&2
  warn "$name: failed (whole output in $log)"
  return 1
}

say "Building …"
step restore dotnet restore deploy.sln || fail "0 passed, 1 failed"
step build dotnet build deploy.sln --no-restore -c Release --nologo -v minimal -nodeReuse:false -p:UseSharedCompilation=false || fail "0 passed, 1 failed"

if $bench; then
  # What is measured is what ./start.sh starts.
  asked_to_stop=false
  . docker/local/build.sh
  build_release
  export DEVOPS_TEST_PLATFORM=$build_output
  exec dotnet DevOps.Tests/bin/Release/net10.0/DevOps.Tests.dll bench ${words[@]+"${words[@]}"}
fi
if $chaos; then
  exec dotnet DevOps.Tests/bin/Release/net10.0/DevOps.Tests.dll chaos "${words[0]}"
fi
if $cuts; then
  DEVOPS_TEST_CUTS=all exec dotnet test DevOps.Tests --no-build -c Release --nologo --logger "console;verbosity=minimal" --filter FullyQualifiedName~CutOffTests
fi

failed=0
# Style and analyzers have spoken in the build, as errors; what it lets through is the form of the files.
step format dotnet format whitespace deploy.sln --no-restore --verify-no-changes || failed=1

say "Testing …"
rm -f "$results"/*.trx
begin=$SECONDS
code=0
dotnet test DevOps.Tests --no-build -c Release --nologo --results-directory "$results" \
  --logger "trx;LogFileName=tests.trx" --logger "console;verbosity=minimal" \
  --blame-hang --blame-hang-timeout 10min --blame-hang-dump-type none >"$results/tests.log" 2>&1 || code=$?

# Each test that failed, with the beginning of what it said: whole logs are long, and who reads may see their end only.
failures() {
  awk '/^  Failed / { left = 8 } left-- > 0 { print substr($0, 1, 300) }' "$results/tests.log" | head -n 400
}

count() {
  grep -o "<Counters [^>]*" "$results/tests.trx" 2>/dev/null | head -n 1 | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"
}
passed=$(count passed)
passed=${passed:-0}
broken=$(count failed)
failed=$((failed + ${broken:-0}))
if [ "$code" != 0 ]; then
  tail -n 60 "$results/tests.log" >&2
  failures >&2
  # Whatever ended the run early is a failure too, even when every test that ran has passed.
  [ "$failed" -gt 0 ] || failed=1
fi
say "Tests took $((SECONDS - begin)) s; logs are in TestResults/."
say "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
