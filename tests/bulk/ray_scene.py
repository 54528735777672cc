"""A Ray cluster: a head without cores and worker machines of one core each, ordered about by lines on stdin.

    python ray_scene.py

Prints its address. `add` adds a worker machine, `remove N` kills one, `quit` or the end of stdin ends all.
"""

import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Be a cluster."""
    from ray.cluster_utils import Cluster

    store = 100 << 20
    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": store}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    machines = []
    _say(cluster.address)
    try:
        for line in sys.stdin:
            order, *words = line.split()
            if order == "add":
                machines.append(cluster.add_node(num_cpus=1, object_store_memory=store))
                cluster.wait_for_nodes()
            elif order == "remove":
                cluster.remove_node(machines[int(words[0])], allow_graceful=False)
            elif order == "quit":
                break
            _say("done")
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
