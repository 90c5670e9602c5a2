# Builds the platform, unless nothing has changed since the last time.

build_output=$root/DevOps.Blazor/bin/Release/publish

build_is_current() {
  [ -f "$build_output/DevOps.Blazor.dll" ] && [ -f "$build_output/.built" ] || return 1
  [ "$(dotnet --version)" = "$(cat "$build_output/.built")" ] || return 1
  [ -z "$(find Directory.Build.props Directory.Packages.props global.json DevOps.Core DevOps.Infrastructure DevOps.Blazor \
    \( -name bin -o -name obj -o -name _framework \) -prune -o -newer "$build_output/.built" -type f -print -quit)" ] || return 1
  [ "$(build_files)" = "$(cat "$build_output/.files" 2>/dev/null)" ]
}

# A file that was removed has no date to compare.
build_files() {
  find DevOps.Core DevOps.Infrastructure DevOps.Blazor \( -name bin -o -name obj -o -name _framework \) -prune -o -type f -print | LC_ALL=C sort | sha256sum
}

build_release() {
  if build_is_current; then
    return 0
  fi
  say "Building (the first time takes a minute or two) …"
  local log code=0
  log=$(mktemp)
  # The lock files speak of no machine; what compiling ahead needs besides is locked by the SDK's own version.
  publish "$log" -r "linux-$(build_machine)" --self-contained false -p:PublishReadyToRun=true -p:RestoreLockedMode=false -p:NuGetLockFilePath=obj/ahead.lock.json || code=$?
  if [ "$code" != 0 ] && grep -q 'NU1101\|NU1102\|NU1301\|NETSDK1094' "$log"; then
    warn "Not compiled ahead, because the packages for it are not to be had: the start takes longer."
    code=0
    publish "$log" || code=$?
  fi
  if [ "$code" != 0 ]; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "The build failed."
  fi
  rm -f "$log"
  build_files >"$build_output/.files"
  dotnet --version >"$build_output/.built"
}

build_machine() {
  case $(uname -m) in
    aarch64) echo arm64 ;;
    *) echo x64 ;;
  esac
}

# In the background, so that the wish to stop is heard.
publish() {
  local log=$1 code=0
  shift
  rm -rf "$build_output"
  dotnet publish DevOps.Blazor -c Release -o "$build_output" --nologo -v quiet -p:RunAnalyzers=false -p:UseSharedCompilation=false -nodeReuse:false "$@" >"$log" 2>&1 9>&- &
  builder=$!
  wait "$builder" || code=$?
  if $asked_to_stop; then
    wait "$builder" 2>/dev/null || true
    rm -f "$log"
    exit 0
  fi
  builder=
  return "$code"
}
