"""A child that is the house itself: `hotline serve` or `hotline work`, sampled if the bench wants to know."""

import sys

from hotline import cli
from tests.bench import children, sampler


def main() -> None:
    """Be what was told until the bench is done."""
    what = children.told()
    children.say({"starting": what["name"]})
    children.end_with_input()
    with sampler.sampled(what["name"]):
        try:
            if what["name"] == "serve":
                cli.serve(host="127.0.0.1", port=what["port"])
            else:
                cli.work()
        except (KeyboardInterrupt, SystemExit):
            sys.stderr.flush()


if __name__ == "__main__":
    main()
