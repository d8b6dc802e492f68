"""Measures wxauth against its bars: `python3 tests/bench/run.py [NAME…]`, and prints a table of them.

Needs `cargo build --release` and `cargo build --release --bench against`, `wrk`, `rg`, `sqlite3`,
`redis-server`, and WXAUTH_TEST_PYTHON (a Python with wechatpy; tests/run.sh makes one in
target/test-venv). Figures are medians of alternating runs; what counts is the ratio, taken in one run
side by side. `build` measures a clean release build and is run by its name only.
"""

import glob
import html
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
# Figures of a `debug` build mean nothing: it shows that a row runs.
BUILD = os.path.join(TARGET, os.environ.get("PROFILE", "release"))
WXAUTH = os.path.join(BUILD, "wxauth")
RUNS = int(os.environ.get("RUNS", "5"))


class Bars:
    """The bars that were measured: what it is, the figure, the limit, and whether it holds."""

    def __init__(self):
        self.rows = []

    def at_most(self, work, figure, limit, unit=""):
        self._add(work, figure, "≤", limit, figure <= limit, unit)

    def at_least(self, work, figure, limit, unit=""):
        self._add(work, figure, "≥", limit, figure >= limit, unit)

    def _add(self, work, figure, sign, limit, met, unit):
        row = (work, f"{figure:.3g}{unit}", f"{sign} {limit:g}{unit}", "met" if met else "missed")
        self.rows.append(row)
        print("  {3}: {0}: {1} ({2})".format(*row), flush=True)

    def table(self):
        lines = ["| Work | Figure | Bar | |", "|---|---|---|---|"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])


BARS = Bars()


def bare():
    found = [p for p in glob.glob(f"{BUILD}/deps/against-*") if os.access(p, os.X_OK)]
    return max(found, key=os.path.getmtime)


class Desk:
    """A configuration folder, and a sandbox in it."""

    def __init__(self, accounts=0, flags=()):
        self.folder = tempfile.mkdtemp(prefix="wxauth-bench-")
        self.sandbox = None
        self.environment = dict(os.environ, WXAUTH_CONFIG_DIR=self.folder)
        if accounts:
            command = [WXAUTH, "sandbox", "start", "--port", "0", "-o", "json"]
            command += ["--accounts", str(accounts), "--authorized", "all", *flags]
            self.sandbox = subprocess.Popen(
                command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self.card = json.loads(self.sandbox.stdout.readline())
            self.url = self.card["url"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sandbox:
            self.sandbox.terminate()
            self.sandbox.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        return timed([WXAUTH, "--sandbox", *words], self.environment)

    def forget(self):
        """What the client keeps, so that the next sync starts from nothing."""
        for path in glob.glob(f"{self.folder}/sandbox/client.db*"):
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def timed(command, environment=None, expected=(0,)):
    """(wall seconds, peak MiB) of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected:
        raise SystemExit(f"{command}: exit {process.returncode}\n{said.decode()}")
    return wall, usage.ru_maxrss / 1024


def pair(name, ours, theirs, runs=RUNS):
    """Runs both in turn and prints medians and the ratio of each turn's times.

    Returns the median ratio of the times, and our peak in MiB."""
    ours(), theirs()
    a, b = [], []
    for _ in range(runs):
        a.append(ours())
        b.append(theirs())
    ratios = [x[0] / y[0] for x, y in zip(a, b)]
    mine, other = (statistics.median(x[0] for x in side) for side in (a, b))
    peak = max(x[1] for x in a)
    print(
        f"{name}: {mine:.3f} s against {other:.3f} s, time ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f}-{max(ratios):.2f}), peak {peak:.0f} MiB",
        flush=True,
    )
    return statistics.median(ratios), peak


def start():
    with Desk(accounts=1_000) as desk:
        desk.run("authorizers", "sync", "--rate", "0", "--concurrency", "32")
        desk.run("authorizers", "refresh", "--rate", "0", "--concurrency", "32")
        # A profile of the ordinary kind over the same store, so that no sandbox is asked.
        environment = dict(desk.environment)
        card = desk.card
        environment.update(
            WXAUTH_COMPONENT_APPID=card["component_appid"],
            WXAUTH_COMPONENT_APPSECRET=card["component_appsecret"],
            WXAUTH_COMPONENT_VERIFY_TICKET=card["component_verify_ticket"],
            WXAUTH_API_BASE=desk.url,
            WXAUTH_MINT="wxauth",
        )
        for words in (["authorizers", "sync"], ["authorizers", "refresh"]):
            timed([WXAUTH, *words, "--rate", "0"], environment)
        listed = subprocess.run(
            [WXAUTH, "authorizers", "list", "-o", "json"], env=environment, capture_output=True
        )
        appid = json.loads(listed.stdout)[0]["appid"]
        reference = lambda: timed(["rg", "--version"])
        for words in (["--version"], ["status"], ["token", "authorizer", appid]):
            name = " ".join(words[:2])
            ratio, _ = pair(name, lambda: timed([WXAUTH, *words], environment), reference, 30)
            BARS.at_most(f"{name}, time of `rg --version`", ratio, 3, " ×")


COLUMNS = (
    "appid user_name nick_name external_id kind principal_name status account_status authorized_at "
    "permission_ids"
)


def list_():
    with Desk(accounts=100_000) as desk:
        desk.run("authorizers", "sync", "--rate", "0", "--concurrency", "64")
        store = f"{desk.folder}/sandbox/client.db"
        names = subprocess.run(
            ["sqlite3", store, "PRAGMA table_info(authorizers)"], capture_output=True, text=True
        ).stdout
        known = [line.split("|")[1] for line in names.splitlines()]
        columns = ", ".join(f"a.{name}" for name in known if name != "platform")
        query = (
            f"SELECT {columns}, t.expires_at, t.refresh_value IS NOT NULL FROM authorizers a LEFT JOIN "
            "tokens t ON t.platform = a.platform AND t.owner = a.appid ORDER BY a.appid"
        )
        shape = subprocess.run(
            ["sqlite3", store, "PRAGMA table_info(tokens)"], capture_output=True, text=True
        ).stdout
        refresh = re.search(r"\|(refresh\w*)\|BLOB", shape)
        query = query.replace("refresh_value", refresh.group(1) if refresh else "owner")
        ratio, peak = pair(
            "authorizers list, 100,000",
            lambda: desk.run("authorizers", "list", "-o", "json"),
            lambda: timed(["sqlite3", "-json", store, query]),
        )
        BARS.at_most("list of 100,000, time of `sqlite3 -json`", ratio, 0.8, " ×")
        BARS.at_most("list of 100,000, peak", peak, 48, " MiB")
        walls = [timed([WXAUTH, "--sandbox", "check"], desk.environment, (0, 3))[0] for _ in range(RUNS)]
        BARS.at_most("check offline, 100,000", statistics.median(walls), 1, " s")


def sync():
    medians = {}
    for accounts in (10_000, 100_000):
        with Desk(accounts=accounts) as desk:
            spent = []

            def ours():
                desk.forget()
                result = desk.run(
                    "authorizers", "sync", "--full", "--rate", "0", "--concurrency", "64"
                )
                spent.append(result[0])
                return result

            loop = lambda: timed([bare(), "loop", "info", desk.url, str(accounts), "64"])
            ratio, peak = pair(f"sync --full, {accounts:,}", ours, loop, 3)
            medians[accounts] = statistics.median(spent)
    BARS.at_least("sync --full of 100,000, speed of a bare loop", 1 / ratio, 0.8, " ×")
    BARS.at_most("sync --full of 100,000, peak", peak, 100, " MiB")
    BARS.at_most("sync --full of 100,000, time of 10,000", medians[100_000] / medians[10_000], 11, " ×")


def wechatpy():
    python = os.environ["WXAUTH_TEST_PYTHON"]
    script = os.path.join(ROOT, "tests", "bench", "wechatpy_loop.py")
    with Desk(accounts=10_000) as desk:

        def ours():
            desk.forget()
            return desk.run("authorizers", "sync", "--full", "--rate", "0", "--concurrency", "64")

        theirs = lambda: timed([python, script, desk.url, "10000"])
        ratio, _ = pair("sync --full, 10,000, wechatpy", ours, theirs, 3)
        BARS.at_least("sync --full of 10,000, speed of a loop on wechatpy", 1 / ratio, 12, " ×")


def refresh():
    with Desk(accounts=10_000) as desk:
        desk.run("authorizers", "sync", "--rate", "0", "--concurrency", "64")

        def ours():
            # Three hours on, every token is due again.
            desk.run("sandbox", "clock", "+3h")
            return desk.run("authorizers", "refresh", "--rate", "0", "--concurrency", "64")

        loop = lambda: timed([bare(), "loop", "token", desk.url, "10000", "64"])
        ratio, _ = pair("refresh, 10,000 due", ours, loop, 3)
        BARS.at_least("refresh of 10,000, speed of a bare loop", 1 / ratio, 0.75, " ×")


def encrypted():
    with Desk(accounts=10_000) as with_key, Desk(accounts=10_000) as plain:
        with_key.environment["WXAUTH_ENCRYPTION_KEY"] = "0123456789abcdef" * 4

        def refresh_of(desk):
            desk.run("sandbox", "clock", "+3h")
            return desk.run("authorizers", "refresh", "--rate", "0", "--concurrency", "64")

        for desk in (with_key, plain):
            desk.run("authorizers", "sync", "--rate", "0", "--concurrency", "64")
        ours, theirs = (lambda: refresh_of(with_key)), (lambda: refresh_of(plain))
        pair("refresh, 10,000 due, encrypted against plain text", ours, theirs)


def move():
    """An encrypted file of everything, and back: the time, and the memory it takes."""
    accounts = int(os.environ.get("ACCOUNTS", "100000"))
    with Desk(accounts=accounts) as desk:
        desk.run("authorizers", "sync", "--full", "--rate", "0", "--concurrency", "64")
        file, passphrase = f"{desk.folder}/all.wxauth", f"{desk.folder}/passphrase.txt"
        with open(passphrase, "w") as out:
            out.write("correct horse battery staple\n")
        os.chmod(passphrase, 0o600)
        words = ["store", "export", "--to", file, "--passphrase-file", passphrase, "--yes"]
        wall, peak = desk.run(*words)
        size = os.path.getsize(file) / 2**20
        print(f"store export, {accounts:,}: {wall:.1f} s, {size:.0f} MiB, peak {peak:.0f} MiB")
        words = ["store", "import", file, "--passphrase-file", passphrase]
        desk.forget()
        wall, peak = desk.run(*words)
        print(f"store import, {accounts:,}: {wall:.1f} s, peak {peak:.0f} MiB", flush=True)


def latency():
    with Desk(accounts=10_000, flags=("--latency", "80ms")) as desk:
        desk.run("authorizers", "sync", "--full", "--rate", "0", "--concurrency", "64")
        journal = subprocess.run(
            [WXAUTH, "sandbox", "journal", "--path", "api_get_authorizer_info", "-o", "json"],
            env=desk.environment,
            capture_output=True,
        )
        from datetime import datetime

        times = [
            datetime.fromisoformat(row["at"].replace("Z", "+00:00")) for row in json.loads(journal.stdout)
        ]
        span = (times[-1] - times[0]).total_seconds()
        share = (len(times) - 1) / span / (64 / 0.08)
        BARS.at_least("sync with 80 ms and 64 in flight, of 800 a second", 100 * share, 97, " %")


def sandbox():
    with Desk(accounts=100_000) as desk:
        card = desk.card
        post = lambda path, body: json.loads(
            subprocess.run(
                ["curl", "-s", "-d", json.dumps(body), f"{desk.url}{path}"], capture_output=True
            ).stdout
        )
        token = post(
            "/cgi-bin/component/api_component_token",
            {
                "component_appid": card["component_appid"],
                "component_appsecret": card["component_appsecret"],
                "component_verify_ticket": card["component_verify_ticket"],
            },
        )["component_access_token"]
        query = f"?component_access_token={token}"
        rows = post(
            f"/cgi-bin/component/api_get_authorizer_list{query}",
            {"component_appid": card["component_appid"], "offset": 0, "count": 10},
        )["list"]
        body = {
            "component_appid": card["component_appid"],
            "authorizer_appid": rows[5]["authorizer_appid"],
        }
        path = f"/cgi-bin/component/api_get_authorizer_info{query}"
        answer = os.path.join(desk.folder, "answer.json")
        with open(answer, "w") as file:
            json.dump(post(path, body), file, ensure_ascii=False)
        script = os.path.join(desk.folder, "post.lua")
        with open(script, "w") as file:
            file.write(f"wrk.method = 'POST'\nwrk.body = '{json.dumps(body)}'\n")
        static = subprocess.Popen([bare(), "static", answer], stdout=subprocess.PIPE, text=True)
        port = static.stdout.readline().strip()

        def rate(url):
            out = subprocess.run(
                ["wrk", "-t1", "-c32", "-d4s", "-s", script, url], capture_output=True, text=True
            ).stdout
            return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))

        ratios, ours, theirs = [], [], []
        for _ in range(3):
            ours.append(rate(f"{desk.url}{path}"))
            theirs.append(rate(f"http://127.0.0.1:{port}/"))
            ratios.append(ours[-1] / theirs[-1])
        static.kill()
        print(
            f"sandbox: {statistics.median(ours):,.0f}/s against {statistics.median(theirs):,.0f}/s static, "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        )
        BARS.at_least("the sandbox, speed of a static body", statistics.median(ratios), 0.5, " ×")


KEYS = {
    "component_appid": "wx0123456789abcdef",
    "token": "wxauth_bench_token",
    "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


class Server:
    """A process that says on its first line where it listens."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.said = self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def flood(url, count):
    """Pushes a second over 64 connections."""
    out = subprocess.run(
        [bare(), "flood", url, json.dumps(KEYS), str(count), "64"], capture_output=True, text=True
    )
    if out.returncode:
        raise SystemExit(out.stderr)
    report = json.loads(out.stdout)
    return report["count"] / report["seconds"]


def serve_throughput(count):
    with Desk() as desk:
        environment = dict(
            desk.environment,
            WXAUTH_COMPONENT_APPID=KEYS["component_appid"],
            WXAUTH_COMPONENT_APPSECRET="unused",
            WXAUTH_API_BASE="http://127.0.0.1:9",
            WXAUTH_TOKEN=KEYS["token"],
            WXAUTH_ENCODING_AES_KEY=KEYS["encoding_aes_key"],
        )
        command = [WXAUTH, "serve", "--bind", "127.0.0.1:0", "--admin-bind", "none", "-o", "json"]
        with Server(command, environment) as ours, Server(
            [bare(), "insert", f"{desk.folder}/bare.db"]
        ) as theirs:
            our_url = json.loads(ours.said)["platforms"][0]["events_url"]
            their_url = f"http://127.0.0.1:{theirs.said.strip()}/events"
            sides = ([], [])
            for turn in range(RUNS + 1):
                for side, url in zip(sides, (our_url, their_url)):
                    rate = flood(url, count)
                    # The first turn is to warm up.
                    side.extend([rate] if turn else [])
    ratios = [a / b for a, b in zip(*sides)]
    mine, other = (statistics.median(side) for side in sides)
    print(
        f"serve: {mine:,.0f} pushes/s against {other:,.0f}/s of a bare insert, ratio "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        flush=True,
    )
    BARS.at_least("serve, speed of a bare insert", statistics.median(ratios), 0.5, " ×")


def serve_under_sync(accounts):
    with Desk(accounts=accounts) as desk:
        command = [WXAUTH, "--sandbox", "serve", "--bind", "127.0.0.1:0", "--admin-bind", "none"]
        keys = json.dumps({name: desk.card[name] for name in KEYS})
        with Server([*command, "-o", "json"], desk.environment) as server:
            url = json.loads(server.said)["platforms"][0]["events_url"]
            sender = subprocess.Popen(
                [bare(), "steady", url, keys, "1000", "300"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            wall, _ = desk.run(
                "authorizers", "sync", "--full", "--rate", "0", "--concurrency", "64"
            )
            out, _ = sender.communicate()
            report = json.loads(out)
            print(
                f"serve, open loop during a sync of {accounts:,} ({wall:.1f} s): "
                f"{report['count'] / report['seconds']:,.0f}/s, p50 {report['p50_ms']:.1f} ms, "
                f"p99 {report['p99_ms']:.1f} ms, most {report['max_ms']:.1f} ms, "
                f"{report['failed']} failed",
                flush=True,
            )
            BARS.at_most("serve at 1,000 a second during a sync, p99", report["p99_ms"], 50, " ms")


def serve_under_flood():
    """Pushes beside 700 clients of one address that call /callback again and again, with a state that
    the launch page gave one of them, so that each waits for an event where there is room."""
    with Desk(accounts=1) as desk:
        command = [WXAUTH, "--sandbox", "serve", "--bind", "127.0.0.1:0", "--admin-bind", "none"]
        command += ["--exchange", "never"]
        keys = json.dumps({name: desk.card[name] for name in KEYS})
        with Server([*command, "-o", "json"], desk.environment) as server:
            url = json.loads(server.said)["platforms"][0]["events_url"]
            page = urllib.request.Request(url.replace("/events", "/authorize"), b"", method="POST")
            with urllib.request.urlopen(page) as answer:
                link = urllib.parse.unquote(html.unescape(answer.read().decode()))
            state = re.search(r"/callback\?state=([\w.~-]+)", link).group(1)
            visit = url.replace("/events", f"/callback?auth_code=queryauthcode@@@none&state={state}")
            visitors = subprocess.Popen(
                ["wrk", "-t1", "-c700", "-d20s", visit], stdout=subprocess.DEVNULL
            )
            time.sleep(2)
            sender = subprocess.Popen(
                [bare(), "steady", url, keys, "20", "15"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            # The sender stops where its input ends: only after its 15 s.
            report = json.loads(sender.stdout.readline())
            sender.stdin.close()
            sender.wait()
            visitors.wait()
    answered = 100 * (1 - report["failed"] / max(1, report["count"] + report["failed"]))
    BARS.at_least("pushes beside 700 clients on /callback, answered", answered, 99, " %")
    BARS.at_most("pushes beside 700 clients on /callback, p99", report["p99_ms"], 1000, " ms")


def serve():
    serve_throughput(int(os.environ.get("PUSHES", "20000")))
    serve_under_sync(int(os.environ.get("ACCOUNTS", "100000")))
    serve_under_flood()


def size():
    BARS.at_most("release binary", os.path.getsize(WXAUTH) / 1e6, 20, " MB")
    tree = ["cargo", "tree", "--locked", "--edges", "normal,build", "--prefix", "none"]
    lines = subprocess.run(tree, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    crates = {" ".join(line.split()[:2]) for line in lines.splitlines() if line.strip()}
    BARS.at_most("crates", len(crates), 280)


def build():
    folder = tempfile.mkdtemp(prefix="wxauth-build-", dir=TARGET)
    environment = dict(os.environ, CARGO_TARGET_DIR=folder)
    began = time.perf_counter()
    subprocess.run(["cargo", "build", "-q", "--release", "--locked"], cwd=ROOT, env=environment, check=True)
    BARS.at_most("a clean release build", time.perf_counter() - began, 300, " s")
    shutil.rmtree(folder)


def redis():
    import on_redis

    on_redis.measure(Desk, pair, BARS)


ALL = {
    "start": start,
    "list": list_,
    "sandbox": sandbox,
    "sync": sync,
    "wechatpy": wechatpy,
    "refresh": refresh,
    "encrypted": encrypted,
    "move": move,
    "latency": latency,
    "serve": serve,
    "redis": redis,
    "size": size,
}


def conditions():
    ask = lambda *words: subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    with open("/proc/cpuinfo") as file:
        model = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    dirty = "+" if ask("git", "status", "--porcelain") else ""
    return (
        f"commit {ask('git', 'rev-parse', '--short', 'HEAD')}{dirty}, {ask('rustc', '--version')}, "
        f"{os.cpu_count()} cores ({model.group(1) if model else 'unknown'}), "
        f"{ask('stat', '-f', '-c', '%T', tempfile.gettempdir())} on {tempfile.gettempdir()}, "
        f"{time.strftime('%Y-%m-%d')}"
    )


for name in sys.argv[1:] or ALL:
    {**ALL, "build": build}[name]()
print(f"\n{conditions()}\n\n{BARS.table()}")
