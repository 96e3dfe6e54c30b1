#!/bin/sh
# Makes .venv with this project and its tools in it. Does nothing when that was done for the
# same pyproject.toml, Python and place already. Needs python3 only.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
log=.cache/log/pip.log
stamp=.venv/fetchprint-installed

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; say "  what to do: $2"; exit 1; }

# Runs a command with its output in the log, telling every few seconds that it goes on.
run_logged() {
    title=$1
    shift
    start=$(date +%s)
    say "$title (output: $log)"
    "$@" >>"$log" 2>&1 &
    job=$!
    trap 'kill "$job" 2>/dev/null || :' INT TERM
    turns=0
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        turns=$((turns + 1))
        [ $((turns % 50)) -ne 0 ] || say "  ... $(($(date +%s) - start)) s"
    done
    trap - INT TERM
    if wait "$job"; then
        say "  done in $(($(date +%s) - start)) s"
    else
        tail -n 15 "$log" >&2
        fail "this step failed: $title" "read $PWD/$log; once the cause is gone, run make again"
    fi
}

command -v "$python" >/dev/null 2>&1 || fail "$python is not installed" "apt-get install python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old" "use Python 3.11 or newer: make PYTHON=/path/to/python3 ..."

mkdir -p .cache/log
# Two makes at once take turns.
if command -v flock >/dev/null 2>&1 && [ -z "${FETCHPRINT_BOOTSTRAP_LOCKED:-}" ]; then
    FETCHPRINT_BOOTSTRAP_LOCKED=1 exec flock .cache/bootstrap.lock sh "$0" "$@"
fi

state="$(cksum <pyproject.toml) $("$python" -c 'import sys; print(sys.version.replace("\n", ""))') $PWD"
if [ -x .venv/bin/fetchprint ] && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
    exit 0
fi

: >"$log"
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        export DEBIAN_FRONTEND=noninteractive
        run_logged "Updating the package lists" apt-get update
        run_logged "Installing python3-venv" apt-get install -y --no-install-recommends python3-venv
    else
        fail "$python cannot make virtual environments" "as root: apt-get install python3-venv"
    fi
fi

rm -f "$stamp"
if ! { [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null; }; then
    rm -rf .venv
fi
[ -d .venv ] || run_logged "Making .venv" "$python" -m venv .venv
run_logged "Installing Python packages into .venv (about a minute)" \
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --editable '.[dev]'
printf '%s' "$state" >"$stamp"
