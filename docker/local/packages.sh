# What the machine must have. Missing packages are installed where that is allowed; otherwise it is said which they are.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

may_install() {
  command -v apt-get >/dev/null && may_be_root
}

has() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]
}

has_postgres() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has initdb
}

# Installs packages without letting their services start: a database, an engine or an ssh server of the machine's own is not ours to begin.
install_packages() {
  say "Installing with apt: $*"
  local log policy=/usr/sbin/policy-rc.d made_policy=false code=0
  log=$(mktemp)
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made_policy=true
  fi
  (
    apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 "$@"; }
    apt update || true
    case " $* " in
      *" postgresql "*)
        apt install --no-install-recommends postgresql-common
        as_root sed -i -E 's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
        ;;
    esac
    apt install --no-install-recommends "$@"
  ) >"$log" 2>&1 || code=$?
  if $made_policy; then
    as_root rm -f "$policy"
  fi
  if [ "$code" != 0 ]; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt could not install: $*. Install them by hand and start again."
  fi
  rm -f "$log"
}

# Words of the form command:package; those whose command is missing are installed.
need() {
  local missing=() word
  for word in "$@"; do
    case ${word%%:*} in
      postgres) has_postgres || missing+=("${word#*:}") ;;
      *) has "${word%%:*}" || missing+=("${word#*:}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  may_install || fail "These Debian packages are needed and missing: ${missing[*]}. Install them (apt-get install ${missing[*]}), or run this as root or with passwordless sudo."
  install_packages "${missing[@]}"
}

need_dotnet() {
  has dotnet || fail "The .NET SDK 10 is needed: https://dotnet.microsoft.com/download/dotnet/10.0"
  dotnet --version >/dev/null 2>&1 || fail "The .NET SDK that global.json asks for is missing. Installed are: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ' -). Get .NET SDK 10: https://dotnet.microsoft.com/download/dotnet/10.0"
}

packages_for_start() {
  need_dotnet
  local words=(git:git ssh:openssh-client curl:curl tar:tar flock:util-linux)
  if [ -z "${ConnectionStrings__Default:-}" ]; then
    words+=(postgres:postgresql)
    [ "$(id -u)" != 0 ] || words+=(setpriv:util-linux)
  fi
  if $demo; then
    words+=(sshd:openssh-server busybox:busybox-static)
  fi
  need "${words[@]}"
}
