# Sourced by ./demo, ./check and .ci/run: a virtual environment in .venv, made once and put first on the PATH.
# set_up EXTRA installs the project with that extra; it does nothing while pyproject.toml is the one installed last.

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or later is needed; say where it is with PYTHON=..." >&2
    return 1
}

set_up() {
    stamp=".venv/installed-$1"
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python) || exit 1
        "$python" -m venv .venv
    fi
    if ! cmp -s pyproject.toml "$stamp"; then
        echo "installing into .venv (once) ..." >&2
        .venv/bin/python -m pip install --quiet --editable ".${1:+[$1]}"
        cp pyproject.toml "$stamp"
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
}
