"""Counting a block, which kills the first process other than the one that asked that is given the first one."""

import multiprocessing
import os
import signal

from analysis.outputs import routes

MARK = "killed"  # a file beside the study that is there when a process was killed
_count_block = routes.count_block


def killing(blocks, asked, versions, number):
    """Count a block of a study, in another process."""
    mark = blocks.path.with_name(MARK)
    if number == 0 and multiprocessing.parent_process() and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _count_block(blocks, asked, versions, number)
