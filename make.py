#!/usr/bin/env python3
"""Sets ikmplan up in .venv and starts it: `python3 make.py plan`.

Needs only Python and its pip. Setting up again costs a hash of two files: what
is installed is stamped in .venv. The file is written so that any old Python, 2.7
too, gets as far as saying that it is too old; hence no f-strings, no types.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

START = time.time()
OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, os.environ.get("IKMPLAN_VENV") or ".venv")
WINDOWS = os.name == "nt"
BIN = os.path.join(VENV, "Scripts" if WINDOWS else "bin")
PYTHON = os.path.join(BIN, "python.exe" if WINDOWS else "python")
IKMPLAN = os.path.join(BIN, "ikmplan.exe" if WINDOWS else "ikmplan")
LOG = VENV + ".log"
LOCK = VENV + ".lock"  # held by the set-up that is running
UNFINISHED = VENV + ".unfinished"  # there while .venv is not whole

MESSAGES = {
    "id": {
        "help": """Pemakaian: python3 make.py KATA ...

  plan      memasang ikmplan, lalu menyusun rencana Medan 2022 di runs/
  explore   halaman untuk mencoba anggaran dan melihat akibatnya
  lab       JupyterLab pada notebooks/
  test      uji yang cepat, pada semua inti; kata lainnya diteruskan ke pytest
  lint      ruff dan mypy
  lainnya   diteruskan ke ikmplan, misalnya: check data/medan-2022
""",
        "setup": "Menyiapkan %s (sekali saja, beberapa menit) ...",
        "waits": "Penyiapan lain sedang berjalan di folder ini; menunggu sampai selesai ...",
        "venv": "membuat lingkungan Python",
        "download": "mengunduh paket",
        "install": "memasang paket",
        "ready": "siap",
        "python": "ikmplan memerlukan Python %d.%d sampai %d.%d, sedangkan ini Python %d.%d.",
        "foreign": "%s sudah ada dan bukan lingkungan Python; pindahkan atau ganti namanya.",
        "full": "Disk penuh; kosongkan sekitar 2 GB, lalu ulangi",
        "offline": "Paket tidak dapat diunduh; periksa sambungan internet atau proksi, lalu ulangi",
        "denied": "Tidak dapat menulis di %s; tutup program yang memakainya"
        " atau pindahkan folder ini ke tempat milik Anda" % ROOT,
        "nopip": "Python ini tidak memiliki pip; pasang dulu (Debian: python3-pip, python3-venv)",
        "failed": "Penyiapan gagal",
        "log": "rincian: %s",
    },
    "en": {
        "help": """Usage: python3 make.py WORD ...

  plan      sets ikmplan up, then makes the plan of Medan 2022 in runs/
  explore   a page to try budgets on and see what they change
  lab       JupyterLab on notebooks/
  test      the quick tests, on all cores; further words go to pytest
  lint      ruff and mypy
  other     goes to ikmplan, for example: check data/medan-2022
""",
        "setup": "Setting up %s (once, a few minutes) ...",
        "waits": "Another set-up is running in this folder; waiting for it to end ...",
        "venv": "making the Python environment",
        "download": "downloading packages",
        "install": "installing packages",
        "ready": "ready",
        "python": "ikmplan needs Python %d.%d to %d.%d, and this is Python %d.%d.",
        "foreign": "%s is there and is no Python environment; move or rename it.",
        "full": "The disk is full; free about 2 GB and try again",
        "offline": "Packages cannot be fetched; check the internet or proxy, then try again",
        "denied": "Cannot write in %s; close programs that use it"
        " or move this folder to a place of your own" % ROOT,
        "nopip": "This Python has no pip; install it first (Debian: python3-pip, python3-venv)",
        "failed": "Setting up failed",
        "log": "details: %s",
    },
}
# What pip, uv and the system say. Numbers, where there are any: Windows translates the words.
CAUSES = (
    ("full", r"errno 28\b|(os |win)error (28|112)\b|no space left"),
    (
        "offline",
        r"connection ?error|new connection|max retries|timed out|proxyerror|name resolution"
        r"|getaddrinfo|dns error|error sending request|from versions: none",
    ),
    ("denied", r"errno (1|13|30)\b|(os |win)error (5|13|30|32)\b|permission denied|read-only"),
    ("nopip", r"no module named (ensure)?pip"),
)


class Stop(Exception):
    """Setting up cannot go on; the message is for the user."""


def say(key):
    return MESSAGES.get(os.environ.get("IKMPLAN_LANGUAGE"), MESSAGES["id"])[key]


def explained(output, details):
    """One sentence on why setting up failed, judged by what was printed."""
    for key, pattern in CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return "%s (%s)." % (say(key), details)
    return "%s (%s)." % (say("failed"), details)


def stamp(extra):
    return os.path.join(VENV, "ikmplan-%s.stamp" % extra)


def fingerprint(extra):
    """Changes with whatever makes another installation necessary."""
    seen = hashlib.sha256(repr((extra, ROOT, VENV, sys.version_info[:2])).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            seen.update(file.read())
    return seen.hexdigest()


def is_ready(extra):
    try:
        with open(stamp(extra)) as file:
            stamped = file.read()
    except OSError:
        return False
    runs = os.access(PYTHON, os.X_OK) and os.access(IKMPLAN, os.X_OK)
    return runs and stamped == fingerprint(extra)


def set_up(extra="base"):
    if is_ready(extra):
        return
    with locked() as held:
        if is_ready(extra):  # another set-up has just made it
            return
        print(say("setup") % VENV)
        sys.stdout.flush()
        whole = not os.path.exists(UNFINISHED) and has_working_python()
        if not whole:
            refuse_foreign_folder()
        with open(UNFINISHED, "w"), open(LOG, "w", buffering=1, encoding="utf-8") as log:
            if not whole:
                stage("venv")
                need([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], log, held)
            for name in os.listdir(VENV):
                if name.endswith(".stamp"):
                    os.remove(os.path.join(VENV, name))
            stage("download")
            install(extra, log, held)
        for done in {"base", extra}:
            with open(stamp(done), "w") as file:
                file.write(fingerprint(done))
        os.remove(UNFINISHED)
        stage("ready")


@contextmanager
def locked():
    """One set-up at a time in a folder; the system frees the lock of a killed one as soon as
    the programs that it started have ended too."""
    with open(LOCK, "a+") as file:
        try:
            lock(file, wait=False)
        except OSError:
            print(say("waits"))
            sys.stdout.flush()
            lock(file, wait=True)
        yield file


def lock(file, wait):
    if WINDOWS:
        import msvcrt

        while True:
            try:
                return msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
                time.sleep(0.5)
    import fcntl

    return fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def stage(key):
    """Where no terminal shows every line of pip: a line for each stage, with the seconds so far."""
    if not sys.stdout.isatty():
        print("  %3d s  %s" % (time.time() - START, say(key)))
        sys.stdout.flush()


def has_working_python():
    version = "import sys; print(sys.prefix != sys.base_prefix, *sys.version_info[:2])"
    try:
        answer = subprocess.check_output([PYTHON, "-c", version], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.decode().split() == ["True"] + [str(part) for part in sys.version_info[:2]]


def refuse_foreign_folder():
    """A user who mistypes IKMPLAN_VENV must not lose a folder of theirs."""
    marks = os.path.join(VENV, "pyvenv.cfg"), UNFINISHED
    ours = "IKMPLAN_VENV" not in os.environ or any(map(os.path.exists, marks))
    if os.path.exists(VENV) and not (ours and os.path.isdir(VENV)):
        raise Stop(say("foreign") % VENV)


def install(extra, log, held):
    from importlib.util import find_spec
    from shutil import which

    project = "." if extra == "base" else ".[%s]" % extra
    # pip too, whatever installs it: people look for it in a venv
    wanted = ["install", "-c", "constraints.txt", "-e", project, "pip"]
    if which("uv") and run(["uv", "pip"] + wanted + ["--python", PYTHON], log, held) is None:
        return
    pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    if not find_spec("pip"):
        need([PYTHON, "-m", "ensurepip"], log, held)
        pip = [PYTHON, "-m", "pip"]
    need(pip + wanted, log, held)


def need(command, log, held):
    output = run(command, log, held)
    if output is not None:
        raise Stop(explained(output, say("log") % LOG))


def run(command, log, held):
    """None where `command` succeeds, else what it printed; with `held`, the file of the lock."""
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1"),
        # an empty file, which also what the program starts keeps open, and with it the lock
        stdin=subprocess.DEVNULL if WINDOWS else held,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines = []
    try:
        for line in child.stdout:
            lines.append(line)
            log.write(line)
            show(line.strip())
            if line.startswith(("Installing collected", "Prepared")):  # pip, uv
                stage("install")
    except BaseException:
        child.terminate()
        raise
    finally:
        child.wait()
        show("")
    return None if child.returncode == 0 else "".join(lines)


def show(line):
    if sys.stdout.isatty():
        sys.stdout.write("\r%-78.78s\r" % line)
        sys.stdout.flush()


def become(*command):
    """Hand over to `command`, which hears Ctrl-C itself and gives the exit code."""
    sys.stdout.flush()
    if not WINDOWS:
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            pass


def plan(*words):
    set_up()
    os.chdir(ROOT)
    return become(IKMPLAN, "run", "params/medan-2022.yaml", *words)


def lab(*words):
    set_up()
    os.chdir(ROOT)
    return become(PYTHON, "-m", "jupyterlab", "notebooks", *words)


def test(*words):
    set_up("test")
    os.chdir(ROOT)
    # a file's tests stay in one process: they share servers and browsers
    several = "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"
    return become(PYTHON, "-m", "pytest", *(several + words))


def lint(*_):
    set_up("test")
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    return max([subprocess.call([PYTHON, "-m"] + check, cwd=ROOT) for check in checks])


def main(words):
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Stop(say("python") % (OLDEST + NEWEST + sys.version_info[:2]))
    sys.stdout.reconfigure(errors="replace")  # pip's output on a console of another alphabet
    if not words or words[0] in ("-h", "--help"):
        print(say("help"))
        return 0
    command = {"plan": plan, "lab": lab, "test": test, "lint": lint}.get(words[0])
    if command:
        return command(*words[1:])
    set_up()
    return become(IKMPLAN, *words)


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except Stop as stop:
        code = "make.py: %s" % stop
    except OSError as error:
        code = "make.py: %s" % explained(str(error), error)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
