"""sync and refresh with the store in a Redis against the same in a file, in one run."""

import os
import shutil
import subprocess
import tempfile
import time

ACCOUNTS = int(os.environ.get("ACCOUNTS", "10000"))
LIMITS = ("--rate", "0", "--concurrency", "64")


class Redis:
    """A server of Debian's package on a unix socket, with the append-only file on."""

    def __init__(self, fsync):
        self.folder = tempfile.mkdtemp(prefix="wxauth-redis-")
        self.socket = os.path.join(self.folder, "redis.sock")
        directives = ["--port", "0", "--unixsocket", self.socket, "--dir", self.folder, "--save", ""]
        directives += ["--appendonly", "yes", "--appendfsync", fsync]
        self.process = subprocess.Popen(["redis-server", *directives], stdout=subprocess.DEVNULL)
        while "PONG" not in self.cli("PING"):
            time.sleep(0.05)

    def cli(self, *words):
        command = ["redis-cli", "-s", self.socket, *words]
        return subprocess.run(command, capture_output=True, text=True).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def commands(redis, work):
    """How many commands went over the wire while `work` ran; those inside scripts do not count."""
    with open(os.path.join(redis.folder, "watched"), "w+") as log:
        watch = subprocess.Popen(["redis-cli", "-s", redis.socket, "MONITOR"], stdout=log)
        time.sleep(0.5)
        work()
        time.sleep(1)
        watch.terminate()
        watch.wait()
        log.seek(0)
        # A value with a line break in it is one line all the same: redis-cli escapes it.
        return sum(" lua] " not in line for line in log)


def measure(Desk, pair, bars):
    for fsync in os.environ.get("FSYNC", "everysec,always").split(","):
        with Redis(fsync) as redis, Desk(accounts=ACCOUNTS) as desk:
            address = f"redis+unix://{redis.socket}"
            there = dict(desk.environment, WXAUTH_SANDBOX_STORE=address)
            here = desk.environment

            def on(environment, *words):
                desk.environment = environment
                try:
                    return desk.run(*words)
                finally:
                    desk.environment = here

            def sync_there():
                redis.cli("FLUSHALL")
                return on(there, "authorizers", "sync", "--full", *LIMITS)

            def sync_here():
                desk.forget()
                return on(here, "authorizers", "sync", "--full", *LIMITS)

            def refresh(environment):
                # Three hours on, every token is due again.
                desk.run("sandbox", "clock", "+3h")
                return on(environment, "authorizers", "refresh", *LIMITS)

            named = f"Redis ({fsync}) against a file, {ACCOUNTS:,}"
            ratio, _ = pair(f"sync --full, {named}", sync_there, sync_here, 3)
            bars.at_most(f"sync --full, {named}, time", ratio, 1.5, " ×")
            ratio, _ = pair(f"refresh, {named}", lambda: refresh(there), lambda: refresh(here), 3)
            bars.at_most(f"refresh, {named}, time", ratio, 1.5, " ×")
            for what, work in (("sync --full", sync_there), ("refresh", lambda: refresh(there))):
                count = commands(redis, work)
                print(f"{what}: {count / ACCOUNTS:.2f} commands an account on the wire", flush=True)
