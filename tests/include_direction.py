#!/usr/bin/env python3
"""Checks that includes run one way only: each folder includes what the list below allows, nothing else."""
import os
import re
import sys

# folder: folders of ours that it may include (itself always)
ALLOWED = {
    "model": [],
    "scheduler": ["model"],
    "checker": ["model"],
    "sim/abi": [],
    "sim/mapping": ["model"],
    "sim/runtime": ["model", "scheduler", "checker", "sim/abi", "sim/mapping"],
    "sim/host": ["model", "scheduler", "sim/mapping"],
    "instrument": ["model", "sim/abi"],
    "report": ["model", "checker"],
    "cli": ["model", "scheduler", "checker", "sim/mapping", "sim/host", "instrument", "report"],
    "include/csim": [],
}
FOLDERS = sorted(ALLOWED, key=len, reverse=True)


def folder_of(path):
    return next((f for f in FOLDERS if path.startswith(f + "/")), None)


def main(root):
    errors = []
    checked = 0
    for folder in FOLDERS:
        for directory, _, files in os.walk(os.path.join(root, folder)):
            for name in files:
                if not name.endswith((".h", ".cc", ".c", ".S")):
                    continue
                path = os.path.relpath(os.path.join(directory, name), root)
                own = folder_of(path)
                if own != folder:
                    continue
                checked += 1
                for number, line in enumerate(open(os.path.join(root, path)), 1):
                    match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
                    target = match and folder_of(match.group(1))
                    if target and target != own and target not in ALLOWED[own]:
                        errors.append(f"{path}:{number}: {own}/ may not include {target}/")
    print("\n".join(errors) if errors else f"{checked} files include in the right direction only")
    return 1 if errors or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
