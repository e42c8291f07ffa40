"""What holds for all tests."""

import signal

# Tests that were started in the background ignore Ctrl-C, and so would all that they start: those
# that interrupt it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
