"""Several people who press at the same moment, each in a thread of its own."""

import threading

from django.db import connections


def all_at_once(*acts):
    """What each returned or raised, all begun together."""
    barrier, outcomes = threading.Barrier(len(acts)), {}

    def run(place, act):
        try:
            barrier.wait(10)
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [outcomes[place] for place in range(len(acts))]
