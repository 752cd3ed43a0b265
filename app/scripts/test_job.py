#!/usr/bin/env python3
"""A sample job: one line of progress a second, in colour.

test_job.py [SECONDS] [EXIT_CODE]    how long it takes (default 5), how it ends (default 0)
"""

import os
import re
import sys
import time


def whole_number(name: str, text: str, most: int) -> int:
    """Reads a whole number from 0 to `most`; says what was wrong and ends with code 2 when it is none."""
    if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= most:
        return int(text)
    print(f'test_job.py: {name} is "{text}", expected a whole number from 0 to {most}', file=sys.stderr)
    sys.exit(2)


def main() -> int:
    arguments = sys.argv[1:] + ["5", "0"][len(sys.argv) - 1 :]
    seconds = whole_number("SECONDS", arguments[0], 99_999)
    exit_code = whole_number("EXIT_CODE", arguments[1], 255)
    print(f"\033[2mJob {os.environ.get('JOB_NAME', 'by hand')}, attempt {os.environ.get('ATTEMPT', '1')}\033[0m", flush=True)
    for second in range(1, seconds + 1):
        time.sleep(1)
        print(f"\033[33mStep {second} of {seconds}\033[0m {100 * second // seconds} %", flush=True)
    if exit_code == 0:
        print("\033[32mDone\033[0m")
    else:
        print(f"\033[31mEnding with code {exit_code}, as asked\033[0m", file=sys.stderr)
    return exit_code


sys.exit(main())
