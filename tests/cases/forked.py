"""A function in a forked child of the process that runs the tests."""

import multiprocessing
import warnings


def in_forked_child(function, timeout=120):
    """Give what a function gives in a child that is forked now, and see that the child ends well.

    Args:
        function: of nothing; what it gives can be pickled.
        timeout: seconds that it may take.
    """
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, about forks beside threads
        child = context.Process(target=lambda: results.put(function()))
        child.start()
    try:
        found = results.get(timeout=timeout)
    finally:
        child.join(10)
        child.kill()
    assert child.exitcode == 0
    return found
