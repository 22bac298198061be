"""What the checks share: where the repository is, which files are in it, and how a check ends."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", ".deps", "build", "__pycache__"}


def files(root=ROOT):
    """The repository's files, relative to `root`: what git tracks or would track; without git all but build outputs."""
    git = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, capture_output=True, check=True).stdout.decode().split("\0")
        paths = [pathlib.Path(name) for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            paths += [pathlib.Path(folder, name).relative_to(root) for name in names]
    return sorted(path for path in set(paths) if (root / path).is_file())


def sources(root=ROOT):
    """The C++ files."""
    return [path for path in files(root) if path.suffix in (".cpp", ".h") and path.parts[0] != "examples"]


def table_rows(text, first_header):
    """Rows, as lists of cells, of the Markdown table whose first column is called `first_header`."""
    rows, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == first_header:
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            rows.append(cells)
    return rows


def finish(name, problems, looked_at):
    """Prints the problems and ends the process: 0 without, 1 with."""
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problems in {looked_at}" if problems else f"{name}: {looked_at}, no problem")
    sys.exit(1 if problems else 0)
