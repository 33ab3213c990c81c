#!/usr/bin/env bash
# Sourced by demo, test and bench: makes ./.venv with this checkout installed in it.
# Usage: source scripts/setup.sh EXTRAS      (EXTRAS e.g. "player" or "player,dev")
#
# A stamp of the extras and of pyproject.toml is kept in the environment, so that a second run
# costs nothing.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${RVSHELL_VENV:-$repo/.venv}

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local p
  for p in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$p" ] && command -v "$p" >/dev/null 2>&1 || continue
    "$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$p"; return; }
  done
  return 1
}

# Installs Debian packages when we are root and apt is there; otherwise says what is missing.
apt_install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    if [ -z "${apt_updated:-}" ]; then
      apt-get update -qq >/dev/null 2>&1 || say "setup: apt-get update failed; going on with what is known"
      apt_updated=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
      say "setup: apt-get could not install: $*"
  else
    say "setup: not root or no apt-get; cannot install: $*"
  fi
}

make_venv() {
  local extras=$1 python stamp want have_extras extra missing_extra
  python=$(find_python) || { say "setup: Python 3.11 or newer is needed (set PYTHON=/path/to/python3)"; exit 2; }
  # without pip when making it was interrupted
  if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    if ! "$python" -m venv "$venv" 2>/dev/null; then
      apt_install python3-venv
      "$python" -m venv "$venv" || { say "setup: cannot make a virtual environment in $venv"; exit 2; }
    fi
  fi
  stamp=$venv/.installed
  want="$repo $(cksum <"$repo/pyproject.toml")"
  have_extras=""
  [ "$(sed -n 2p "$stamp" 2>/dev/null)" != "$want" ] || have_extras=$(sed -n 1p "$stamp")
  # demo and test ask for different extras: what one installed is kept when the other comes
  for extra in ${extras//,/ }; do
    case ",$have_extras," in *",$extra,"*) ;; *) missing_extra=yes ;; esac
  done
  if [ -z "$have_extras" ] || [ -n "${missing_extra:-}" ]; then
    extras=$(printf '%s\n' ${have_extras//,/ } ${extras//,/ } | sort -u | paste -sd, -)
    say "setup: installing rvshell[$extras] into ${venv#"$PWD"/}"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -e "$repo[$extras]" 2> >(grep -v '^WARNING: Location' >&2) ||
      { say "setup: pip could not install rvshell[$extras]"; exit 2; }
    printf '%s\n%s\n' "$extras" "$want" >"$stamp"
  fi
  export PATH=$venv/bin:$PATH
}

make_venv "${1:-player}"
