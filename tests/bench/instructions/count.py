"""Counts the instructions of six workloads: `count.py --check` compares them with counts.json and fails
where one grew by more than 5 %; `count.py --record` writes counts.json anew, to be committed together
with the change that needs more and with the reason in its message.

Needs a release build (`cargo build --release --locked`), valgrind and git. What is counted is the
program's own work under cachegrind; the sandbox that it talks to runs as it is. Counts do not depend on
how fast or busy the machine is, but on compiler, build settings, C library and processor features. These
are recorded beside them. Where they differ, the commit that last changed counts.json is built and
counted as well, on this machine, and compared with instead.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
COUNTS = os.path.join(HERE, "counts.json")
MOST_GROWTH = 0.05
FULL_SPEED = ["--rate", "0", "--concurrency", "32"]
# Processor features that valgrind passes on and that libraries choose their code by.
FEATURES = {"avx", "avx2", "f16c", "fma", "rdrand", "rdseed"}


def output(*command, cwd=ROOT):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def conditions(root=ROOT):
    """What counts depend on besides the code."""
    with open("/proc/cpuinfo") as file:
        flags = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", file.read(), re.M)
    with open(os.path.join(root, "Cargo.toml")) as file:
        profile = re.findall(r"^\[profile\.release.*?(?=^\[(?!profile\.release)|\Z)", file.read(), re.M | re.S)
    rustc = dict(re.findall(r"^(host|release|LLVM version): (.*)$", output("rustc", "-vV"), re.M))
    return {
        "rustc": f"{rustc['release']} (LLVM {rustc['LLVM version']}), {rustc['host']}",
        "cc": output("cc", "-dumpfullversion").strip(),
        "libc": output("ldd", "--version").splitlines()[0].split()[-1],
        "valgrind": output("valgrind", "--version").strip(),
        "profile": [line for line in "".join(profile).splitlines() if line and line[0] not in "#["],
        "features": sorted(FEATURES & set(flags.group(1).split())) if flags else [],
    }


class Bench:
    """A configuration folder, and a sandbox whose clock moves only where it is told to."""

    def __init__(self, program, accounts):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="wxauth-count-")
        self.environment = {
            "HOME": self.folder,
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
            "TZ": "UTC",
            "WXAUTH_CONFIG_DIR": os.path.join(self.folder, "config"),
        }
        words = ["sandbox", "start", "--port", "0", "-o", "json", "--authorized", "all"]
        self.sandbox = subprocess.Popen(
            [program, *words, "--accounts", str(accounts)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.card = json.loads(self.sandbox.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.terminate()
        self.sandbox.wait()
        shutil.rmtree(self.folder)

    def run(self, *words):
        """Runs a command as it is; what it prints."""
        done = subprocess.run([self.program, *words], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def counted(self, *words):
        """Starts a command under cachegrind."""
        self.log = os.path.join(self.folder, "valgrind.log")
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--branch-sim=no"]
        command += ["--cachegrind-out-file=/dev/null", f"--log-file={self.log}", self.program, *words]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def instructions(self, process):
        """Waits for a command that is counted; how many instructions it took."""
        _, errors = process.communicate(timeout=300)
        if process.returncode:
            raise SystemExit(f"{process.args}: exit {process.returncode}\n{errors}")
        with open(self.log) as file:
            return int(re.search(r"I\s+refs:\s+([\d,]+)", file.read()).group(1).replace(",", ""))

    def count(self, *words):
        return self.instructions(self.counted(*words))

    def order(self, path, body):
        """An order to the sandbox."""
        request = urllib.request.Request(
            f"{self.card['url']}/__sandbox/{path}", json.dumps(body).encode(), method="POST"
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def without_sandbox_profile(self):
        """A profile of the ordinary kind with the sandbox as its API, so that its clock is not asked."""
        self.environment.update(
            WXAUTH_COMPONENT_APPID=self.card["component_appid"],
            WXAUTH_COMPONENT_APPSECRET=self.card["component_appsecret"],
            WXAUTH_COMPONENT_VERIFY_TICKET=self.card["component_verify_ticket"],
            WXAUTH_API_BASE=self.card["url"],
            WXAUTH_MINT="wxauth",
        )


def start(program):
    with Bench(program, 1) as bench:
        return bench.count("--version")


def reading(program):
    """A cached token, and a list of 1,000."""
    with Bench(program, 1_000) as bench:
        bench.without_sandbox_profile()
        bench.run("authorizers", "sync", *FULL_SPEED)
        appid = json.loads(bench.run("authorizers", "list", "-o", "json"))[0]["appid"]
        bench.run("token", "authorizer", appid)
        return (
            bench.count("token", "authorizer", appid),
            bench.count("authorizers", "list", "-o", "json"),
        )


def calling(program):
    """A full sync of 200, and a refresh of 200 that are due."""
    with Bench(program, 200) as bench:
        bench.run("--sandbox", "authorizers", "sync", *FULL_SPEED)
        synced = bench.count("--sandbox", "authorizers", "sync", "--full", *FULL_SPEED)
        bench.order("clock", {"offset": "+3h"})
        return synced, bench.count("--sandbox", "authorizers", "refresh", *FULL_SPEED)


def receiving(program):
    """200 pushes, from start to end of the server."""
    with Bench(program, 1) as bench:
        words = ["serve", "--bind", "127.0.0.1:0", "--admin-bind", "none", "-o", "json"]
        process = bench.counted("--sandbox", *words)
        url = json.loads(process.stdout.readline())["platforms"][0]["events_url"]
        for number in range(200):
            order = {"info_type": "notify_of_count", "to": url, "fields": {"Serial": str(number)}}
            answer = bench.order("push", order)
            if "success" not in json.dumps(answer):
                raise SystemExit(f"a push was not taken: {answer}")
        process.send_signal(signal.SIGTERM)
        return bench.instructions(process)


def count(program):
    token, listed = reading(program)
    synced, refreshed = calling(program)
    return {
        "start": start(program),
        "cached token": token,
        "list of 1,000": listed,
        "sync of 200": synced,
        "refresh of 200": refreshed,
        "200 pushes": receiving(program),
    }


def base_counts():
    """The same counts of the commit that last changed counts.json, on this machine."""
    name = os.path.relpath(COUNTS, ROOT)
    if output("git", "rev-parse", "--is-shallow-repository").strip() != "false":
        raise SystemExit(f"{name} was recorded under other conditions: comparing needs a full clone")
    commit = output("git", "log", "-1", "--format=%H", "--", name).strip()
    if not commit:
        raise SystemExit(f"{name} was recorded under other conditions, and no commit has it")
    checkout = tempfile.mkdtemp(prefix="count-base-", dir=TARGET)
    target = os.path.join(TARGET, "count-base")
    try:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", checkout], input=archive.stdout, check=True)
        print(f"counting {commit[:12]} as well: counts.json was recorded under other conditions", flush=True)
        environment = dict(os.environ, CARGO_TARGET_DIR=target)
        build = ["cargo", "build", "-q", "--release", "--locked"]
        subprocess.run(build, cwd=checkout, env=environment, check=True)
        return count(os.path.join(target, "release", "wxauth"))
    finally:
        shutil.rmtree(checkout)


def compare(counts, base):
    """Prints both; which grew too much."""
    grown = []
    for name, instructions in counts.items():
        known = base.get(name)
        change = instructions / known - 1 if known else 0
        print(f"{name:16} {instructions:>12,} {f'{change:+.1%}' if known else 'new':>8}")
        if change > MOST_GROWTH:
            grown.append(name)
    return grown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true")
    what.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    began = time.monotonic()
    counts, present = count(os.path.join(TARGET, "release", "wxauth")), conditions()
    print(f"counted in {time.monotonic() - began:.0f} s")
    if arguments.record:
        with open(COUNTS, "w") as file:
            json.dump({"counts": counts, "conditions": present}, file, indent=2)
            file.write("\n")
        return
    with open(COUNTS) as file:
        recorded = json.load(file)
    differ = [name for name in present if present[name] != recorded["conditions"].get(name)]
    for name in differ:
        print(f"{name}: {present[name]}; recorded with {recorded['conditions'].get(name)}")
    grown = compare(counts, base_counts() if differ else recorded["counts"])
    if grown:
        sys.exit(
            f"more than {MOST_GROWTH:.0%} more instructions: {', '.join(grown)}. Find out why; where it is "
            "worth it, run `count.py --record` and commit counts.json with the reason"
        )


if __name__ == "__main__":
    main()
