# The demo: a sample repository, an SSH server on loopback and an image for the build, all below the data folder.
# The platform itself adds the project and deploys it once (DevOps.Blazor/Demo).

demo_home=$data/demo
demo_sshd=

free_port() {
  local port tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return 0
    fi
  done
  fail "No free port was found on 127.0.0.1."
}

# A port stays the same from start to start, unless someone else has taken it meanwhile.
demo_port() {
  local file=$demo_home/$1.port
  if [ ! -s "$file" ] || (exec 3<>"/dev/tcp/127.0.0.1/$(cat "$file")") 2>/dev/null; then
    free_port >"$file"
  fi
  cat "$file"
}

demo_start() {
  mkdir -p "$demo_home/ssh" "$demo_home/server"
  chmod 700 "$demo_home/ssh"
  local page ssh
  page=$(demo_port page)
  ssh=$(demo_port ssh)
  demo_repository
  demo_sshd_start "$ssh"
  demo_image
  export DevOps__Demo__Folder=$demo_home DevOps__Demo__SshPort=$ssh DevOps__Demo__PagePort=$page DevOps__Demo__User
  DevOps__Demo__User=$(id -un)
  if [ -x "$demo_home/server/current/app.sh" ]; then
    DEPLOY_PATH=$demo_home/server PAGE_PORT=$page "$demo_home/server/current/app.sh" restart 9>&- || true
  fi
}

demo_repository() {
  local tree=$demo_home/repository
  [ ! -d "$tree/.git" ] || return 0
  rm -rf "$tree"
  cp -R docker/local/demo/app "$tree"
  demo_git init --quiet --initial-branch=main
  demo_git add --all
  demo_git commit --quiet -m "Say hello from the demo"
}

demo_git() {
  env GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@example.com \
    GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@example.com git -C "$demo_home/repository" "$@"
}

demo_sshd_start() {
  local home=$demo_home/ssh name sshd
  for name in host user; do
    [ -f "$home/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "demo-$name" -f "$home/$name"
  done
  sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)
  local pam=no
  if [ "$(id -u)" = 0 ]; then
    mkdir -p /run/sshd
    # Without PAM, sshd turns away an account whose password is locked, even with a key.
    case $(getent shadow root | cut -d: -f2) in '!'*) pam=yes ;; esac
  fi
  cat >"$home/config" <<TEXT
ListenAddress 127.0.0.1
Port $1
HostKey "$home/host"
AuthorizedKeysFile "$home/user.pub"
PidFile none
StrictModes no
UsePAM $pam
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowTcpForwarding no
X11Forwarding no
MaxStartups 100
LogLevel ERROR
TEXT
  setsid "$sshd" -D -e -f "$home/config" >"$home/log" 2>&1 9>&- </dev/null &
  demo_sshd=$!
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      return 0
    fi
    kill -0 "$demo_sshd" 2>/dev/null || break
    sleep 0.1
  done
  fail "The demo's SSH server does not start: $(tail -n 3 "$home/log")"
}

# An image out of what is on the machine, for where no registry can be reached. The platform hands it to the engine.
demo_image() {
  local tree=$demo_home/image busybox applet
  [ ! -f "$demo_home/image.tar" ] || return 0
  rm -rf "$tree"
  mkdir -p "$tree/bin" "$tree/etc" "$tree/tmp" "$tree/proc" "$tree/sys" "$tree/dev"
  busybox=$(command -v busybox)
  cp -L "$busybox" "$tree/bin/busybox"
  "$busybox" --list | while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
  done
  echo 'root:x:0:0::/:/bin/sh' >"$tree/etc/passwd"
  tar -C "$tree" --owner=0 --group=0 -cf "$demo_home/image.tar.new" .
  mv "$demo_home/image.tar.new" "$demo_home/image.tar"
  rm -rf "$tree"
}

demo_stop() {
  $demo || return 0
  if [ -x "$demo_home/server/current/app.sh" ]; then
    DEPLOY_PATH=$demo_home/server "$demo_home/server/current/app.sh" stop || true
  fi
  if [ -n "$demo_sshd" ]; then
    # Its own session: connections end with it.
    kill -TERM -- "-$demo_sshd" 2>/dev/null || true
    wait "$demo_sshd" 2>/dev/null || true
  fi
}
