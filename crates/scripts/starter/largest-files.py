#!/usr/bin/env python3
# /// gururmm
# interpreter = "python"
# name = "Largest files"
# folder = "All systems"
# description = "Lists the largest files below a folder, on its own file system and without following links. Without a folder it looks in /var, or in C:\\Users on Windows. Changes nothing."
# platforms = ["linux", "windows", "macos"]
# context = "system"
# elevated = true
# timeout_seconds = 1800
#
# [[parameters]]
# name = "folder"
# label = "Folder"
# kind = "string"
# max_length = 1000
#
# [[parameters]]
# name = "count"
# label = "How many files to show"
# kind = "number"
# default = "20"
# min = 1
# max = 1000
#
# [[parameters]]
# name = "minimum_mib"
# label = "At least so many MiB"
# kind = "number"
# default = "10"
# min = 0
# max = 1000000
# ///
import heapq
import os
import stat
import sys
import time


def wrong(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def whole(name, label, usual, smallest, largest):
    text = os.environ.get(name) or usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and smallest <= int(text) <= largest):
        wrong(f"{label} must be a whole number between {smallest} and {largest}.")
    return int(text)


def entries(folder, unread):
    try:
        with os.scandir(folder) as found:
            yield from found
    except OSError:
        unread.append(folder)


def files(root, unread):
    device = os.lstat(root).st_dev
    folders = [root]
    while folders:
        for entry in entries(folders.pop(), unread):
            try:
                about = os.lstat(entry.path)
            except OSError:
                continue
            # a junction of Windows is a folder that leads elsewhere
            is_link = getattr(about, "st_file_attributes", 0) & 0x400
            if stat.S_ISDIR(about.st_mode) and not is_link and about.st_dev == device:
                folders.append(entry.path)
            elif stat.S_ISREG(about.st_mode) and not is_link:
                size = about.st_blocks * 512 if hasattr(about, "st_blocks") else about.st_size
                yield size, about.st_mtime, entry.path


def main():
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.stderr.reconfigure(errors="backslashreplace")
    usual = "C:\\Users" if os.name == "nt" else "/var"
    folder = os.environ.get("PARAM_FOLDER") or usual
    count = whole("PARAM_COUNT", "The count", "20", 1, 1000)
    minimum = whole("PARAM_MINIMUM_MIB", "The minimum", "10", 0, 1000000) * 1024 * 1024
    if not os.path.isabs(folder):
        wrong(f"The folder must be an absolute path, such as {usual}.")
    if not os.path.isdir(folder):
        wrong(f"There is no folder {folder} here.")
    folder = os.path.realpath(folder)

    unread = []
    large = (found for found in files(folder, unread) if found[0] >= minimum)
    largest = heapq.nlargest(count, large)
    if largest:
        print(f"Largest files in {folder}:")
    else:
        print(f"No file in {folder} has {minimum // 1024 // 1024} MiB.")
    for size, changed, path in largest:
        day = time.strftime("%Y-%m-%d", time.localtime(changed))
        print(f"{size / 1024 / 1024:12.1f} MiB  {day}  {path}")
    if unread:
        print(f"\n{len(unread)} folders could not be read, such as {unread[0]}. Run the script with all rights.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
