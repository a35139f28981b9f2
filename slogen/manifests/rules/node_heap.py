"""Node.js heap: --max-old-space-size leaves room below the container's limit.

V8 collects in earnest only close to that size. Buffers, the young generation and the runtime come on top, so where it
is close to the limit the kernel kills the container first. Node.js reads it from NODE_OPTIONS and before the script's
name. The share is `limits.maxHeapShare`, 80 percent unless given, or any that leaves `limits.headRoom`, 2Gi unless
given.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import MOST, Limits, Problem, in_container
from slogen.manifests.model import Cluster
from slogen.manifests.nodejs import old_spaces
from slogen.quantities import MI, format_bytes

SEVERITY = Severity.ERROR
BAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/payments:1.4
          command: [node, --max-old-space-size=4096, server.js]
          resources:
            limits: {memory: 2Gi}
"""
GOOD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/payments:1.4
          command: [node, --max-old-space-size=1536, server.js]
          resources:
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Heaps of Node.js that fill the container, and settings that Node.js refuses or does not read."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), old_spaces(container)
        for space in found[:MOST]:
            if not space.is_read:
                message = f"{space.word.text[:60]} stands behind the script's name, so Node.js does not read it"
                yield in_container(workload, container, space.word.place, message, "write it in NODE_OPTIONS")
            elif space.wrong:
                message = f"--max-old-space-size: {space.wrong}, so Node.js does not start"
                yield in_container(workload, container, space.word.place, message, "write --max-old-space-size=1536")
        last = next((space for space in reversed(found) if space.is_read), None)
        if last is None or last.size is None or limit is None or last.size <= limits.max_heap_share * limit:
            continue
        if last.size > limit - limits.head_room:
            message = (
                f"the heap of Node.js may grow to {format_bytes(last.size)}, {int(100 * last.size / limit)}% of the "
                f"limit of {format_bytes(limit)}; buffers come on top, so the container is killed (OOMKilled)"
            )
            hint = f"write --max-old-space-size={int(limits.max_heap_share * limit / MI)} or less, or raise the limit"
            yield in_container(workload, container, last.word.place, message, hint)
