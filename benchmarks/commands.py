"""Runs programs: their time, their peak memory, several in turns."""

import os
import subprocess
import time


class Failed(Exception):
    """A program that was to be measured ended with an error."""


def seconds(command, accept=(0,)):
    """From before the start of the process to after its end; its output goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        redirect = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
        begin = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=redirect)
        _, status = os.waitpid(process, 0)
        end = time.perf_counter()
    finally:
        os.close(null)
    if os.waitstatus_to_exitcode(status) not in accept:
        raise Failed(explain(command))
    return end - begin


def explain(command):
    """Runs a command that failed once more, for what it says."""
    again = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    lines = (again.stderr or again.stdout).strip().splitlines()
    return f"{' '.join(map(str, command))} ends with {again.returncode}: {lines[0] if lines else 'no message'}"


def output(command, accept=(0,)):
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if result.returncode not in accept:
        lines = result.stderr.strip().splitlines()
        raise Failed(f"{' '.join(map(str, command))} ends with {result.returncode}: {lines[0] if lines else 'no message'}")
    return result.stdout


def peak_bytes(programs, command):
    """VmHWM of the command's process alone, read when it ends."""
    return int(output([programs / "benchmark_peak_memory", *command]).splitlines()[-1])


def in_turns(count, first, second):
    """Calls the two `count` times each, in mirrored order (AB BA), and gives two lists of what they returned. Once before that
    each is called without being counted."""
    first(), second()
    results = ([], [])
    for turn in range(count):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for which in order:
            results[which].append((first, second)[which]())
    return results


class Repeater:
    """A process that does its work once for each line it reads and answers with the nanoseconds it took."""

    def __init__(self, command):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def __call__(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline()) / 1e9
        except (BrokenPipeError, ValueError) as error:
            lines = self.process.stderr.read().strip().splitlines()
            raise Failed(f"{' '.join(map(str, self.command))}: {lines[-1] if lines else 'no answer'}") from error
