# Read by the launchers: makes .venv beside this file and installs the project into it, once and after every change of
# pyproject.toml. Wants HERE (the project's folder) and EXTRAS ("" or "[test]"); sets PYTHON.

PYTHON=$HERE/.venv/bin/python
STAMP=$HERE/.venv/installed${EXTRAS}

say() { printf '%s\n' "$*" >&2; }

newest_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.11 or later is needed and was not found. Install it, or put it on the PATH."
    exit 24
}

if ! cmp -s "$HERE/pyproject.toml" "$STAMP"; then
    if [ ! -x "$PYTHON" ]; then
        base=$(newest_python) || exit
        say "Making a Python environment in $HERE/.venv with $base ..."
        "$base" -m venv "$HERE/.venv" || { say "The environment could not be made (on Debian: install python3-venv)."; exit 24; }
    fi
    say "Installing the server and what it needs; this takes a minute ..."
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --editable "$HERE$EXTRAS" >&2 ||
        { say "The installation failed; see above."; exit 24; }
    # Byte code, which whoever runs the server may not be allowed to write; without it a start costs more than twice as much.
    "$PYTHON" -m compileall -q "$HERE/zconnect" >&2 || true
    cp "$HERE/pyproject.toml" "$STAMP"
    cp "$HERE/pyproject.toml" "$HERE/.venv/installed"  # whatever the extras, the server can run
    say "Done."
fi
