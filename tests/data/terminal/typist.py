"""Types at a terminal: runs a program on a pseudo-terminal and answers its prompts in order.

usage: typist.py SCRIPT PROGRAM ARGS...; SCRIPT is JSON, a list of [prompt, answer, hidden]. A hidden
answer is typed once the terminal shows nothing of it: what is typed before is thrown away. What the
terminal showed goes to stdout; the program's exit code becomes ours, 90 when a prompt never came.
"""

import json
import os
import pty
import select
import sys
import termios
import time

LIMIT = 20


def main():
    script, program = json.loads(sys.argv[1]), sys.argv[2:]
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(program[0], program)
    shown, seen = b"", 0

    def more():
        nonlocal shown
        if not select.select([terminal], [], [], LIMIT)[0]:
            return False
        try:
            read = os.read(terminal, 4096)
        except OSError:
            return False
        shown += read
        return bool(read)

    complete = True
    for prompt, answer, hidden in script:
        while complete and (found := shown.find(prompt.encode(), seen)) < 0:
            complete = more()
        if not complete:
            break
        seen = found + len(prompt.encode())
        patience = time.monotonic() + LIMIT
        while hidden and termios.tcgetattr(terminal)[3] & termios.ECHO:
            if time.monotonic() > patience:
                sys.exit(91)
            time.sleep(0.005)
        os.write(terminal, answer.encode() + b"\r")
    while more():
        pass
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    if not complete:
        os.close(terminal)
        sys.exit(90)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


main()
