"""How large heaps may grow, as JVM, Node.js and Go document it (each JVM row was held against OpenJDK 17 as well)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from manifests import codes, container_of, deployment, found, memory, place_of

from slogen.manifests.golang import go_memory
from slogen.manifests.jvm import jvm, max_heap
from slogen.manifests.nodejs import old_spaces

MI = 1024**2
SMALLEST_DEFAULT = 96 * MI * 13 // 10 // 8 * 8
"""MaxHeapSize by default on 64 bits."""


def env(**variables: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def row(title: str, limit: str, size: object, command: str | list[str] = "", args: str = "", **variables: str) -> Any:
    """A container of such a limit, and how many bytes its heap may have."""
    words = command.split() if isinstance(command, str) else command
    fields = {"command": words, "args": args.split(), "env": env(**variables)}
    return pytest.param(limit, fields, size, id=title)


JAR = "java -jar a.jar"
SHELL = ["/bin/sh", "-ec"]
UNSUPPORTED = "java -XX:-UseContainerSupport"
OF_LIMIT = {"name": "M", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}}
OF_SECRET = {"name": "M", "valueFrom": {"secretKeyRef": {"name": "heap", "key": "size"}}}

JVM_ROWS = [
    row("a quarter by default", "2Gi", 512 * MI, JAR),
    row("half of a small container", "128Mi", 64 * MI, JAR),
    row("never below the default of a large one", "300Mi", SMALLEST_DEFAULT, JAR),
    row("a percentage", "2Gi", 1536 * MI, JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75.0"),
    row("which a small container does not heed", "128Mi", 64 * MI, JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75"),
    row("but its own", "128Mi", 96 * MI, JAVA_TOOL_OPTIONS="-XX:MinRAMPercentage=75"),
    row("a fraction", "2Gi", 1024 * MI, JAVA_TOOL_OPTIONS="-XX:MaxRAMFraction=2"),
    row("a size before a percentage", "2Gi", 100 * MI, JAVA_TOOL_OPTIONS="-Xmx100m -XX:MaxRAMPercentage=75"),
    row("the last size", "2Gi", 200 * MI, "java -Xmx100m -XX:MaxHeapSize=200m"),
    row("the command line after the JVM's variable", "2Gi", 300 * MI, "java -Xmx300m", JAVA_TOOL_OPTIONS="-Xmx100m"),
    row("and after the launcher's", "2Gi", 300 * MI, "java -Xmx300m", JDK_JAVA_OPTIONS="-Xmx200m"),
    row("which is after the JVM's", "2Gi", 200 * MI, JAR, JDK_JAVA_OPTIONS="-Xmx200m", JAVA_TOOL_OPTIONS="-Xmx100m"),
    row("the hidden variable last of all", "2Gi", 90 * MI, "java -Xmx300m", _JAVA_OPTIONS="-Xmx90m"),
    row("an initial size that is larger", "2Gi", 1024 * MI, "java -Xms1g"),
    row("quotes in a variable", "2Gi", 100 * MI, JAVA_TOOL_OPTIONS="-Da='b c' \"-Xmx100m\""),
    row("MaxRAM in place of the limit", "2Gi", 256 * MI, "java -XX:MaxRAM=1g"),
    row("hexadecimal", "2Gi", 64 * MI, "java -Xmx0x4000000"),
    row("units", "9Gi", 8192 * MI, "java -Xmx8388608k"),
    row("a script's variable where the image starts it", "2Gi", 1024 * MI, JAVA_OPTS="-Xmx1g"),
    row("not where java is started itself", "2Gi", 512 * MI, JAR, JAVA_OPTS="-Xmx1g"),
    row(
        "unless a shell fills it in", "2Gi", 1024 * MI, [*SHELL, "set -x; exec java ${JAVA_OPTS} A"], JAVA_OPTS="-Xmx1g"
    ),
    row("or Kubernetes does", "2Gi", 1024 * MI, "java $(JAVA_OPTS) -jar a.jar", JAVA_OPTS="-Xmx1g"),
    row("a shell's default", "2Gi", 700 * MI, [*SHELL, "java -Xmx${HEAP:-700m} -jar a.jar && echo -Xmx1g"]),
    row("what other programs are started by", "2Gi", 1024 * MI, "tini -- /opt/jre/bin/java -Xmx1g A"),
    row("a class path is no class", "2Gi", 1024 * MI, "java -cp a:b -Xmx1g Main"),
    row("not what the program gets", "2Gi", 512 * MI, "java -jar a.jar -Xmx1g"),
    row("nor behind the main class", "2Gi", 512 * MI, "java Main -Xmx1g"),
    row("arguments of the image", "2Gi", 1024 * MI, args="-Xmx1g -jar a.jar"),
    row("references between variables", "2Gi", 640 * MI, HEAP="640", JAVA_TOOL_OPTIONS="-Xmx$(HEAP)m"),
    row("not to a variable that comes later", "2Gi", None, JAVA_TOOL_OPTIONS="-Xmx$(HEAP)m", HEAP="640"),
    row("not behind a doubled dollar", "2Gi", None, HEAP="640", JAVA_TOOL_OPTIONS="-Xmx$$(HEAP)m"),
    row("the node's memory", "2Gi", "node", UNSUPPORTED),
    row("even with a percentage", "2Gi", "node", f"{UNSUPPORTED} -XX:MaxRAMPercentage=50"),
    row("but not with a size", "2Gi", 1024 * MI, f"{UNSUPPORTED} -Xmx1g"),
    row("switched on again", "2Gi", 512 * MI, f"{UNSUPPORTED} -XX:+UseContainerSupport"),
    pytest.param("2Gi", {"env": [OF_LIMIT, *env(JAVA_TOOL_OPTIONS="-Xmx$(M)m")]}, 2048 * MI, id="the limit itself"),
    pytest.param("2Gi", {"env": [OF_SECRET, *env(JAVA_TOOL_OPTIONS="-Xmx$(M)m")]}, None, id="a Secret"),
]


@pytest.mark.parametrize(("limit", "fields", "size"), JVM_ROWS)
def test_the_largest_heap_of_a_jvm(limit: str, fields: dict[str, Any], size: object) -> None:
    container = container_of(**fields, resources=memory(limit))
    found_jvm = jvm(container)
    assert found_jvm is not None
    heap = max_heap(found_jvm, container.limit("memory"))
    assert ("node" if heap.is_of_node else heap.size) == size


@pytest.mark.parametrize(
    ("fields", "is_jvm"),
    [
        ({"image": "eclipse-temurin:21"}, True),
        ({"image": "registry.example.com:5000/team/app:2.1-jre17"}, True),
        ({"image": "example.com/javascript-app:1"}, False),
        ({"image": "openjdk:21", "command": ["nginx"]}, False),
        ({"command": ["sh", "-c", "exec java -jar a.jar"]}, True),
        ({"args": ["-Xmx1g"]}, True),
    ],
)
def test_what_is_a_jvm(fields: dict[str, Any], is_jvm: bool) -> None:
    assert (jvm(container_of(**fields)) is not None) is is_jvm


PLACED = """\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers:
    - name: main
      image: app:1
      resources: {limits: {memory: 1Gi}}
      env:
        - {name: FLAGS, value: -Dquite=long}
        - {name: HEAP, value: 3g}
        - {name: BIG, value: -Xmx4g}
        - name: JAVA_TOOL_OPTIONS
          value: >-
            $(FLAGS) $$x
            @
"""


@pytest.mark.parametrize("option", ["-Xmx2g", "-Xmx$(HEAP)", "-Da=$(FLAGS) -Xmx2g", "-Da=$(FLAGS) $(BIG)"])
def test_an_option_is_placed_where_it_was_written(option: str) -> None:
    text = PLACED.replace("@", option)
    (finding,) = found(text, "jvm-heap")
    assert (finding.place.line, finding.place.column) == place_of(text, option.rpartition(" ")[2])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": ["java", "-jar", "a.jar"], "env": env(JAVA_OPTS="-Xmx1g")}, True),
        ({"command": ["java", "-jar", "a.jar", "-Xmx1g"]}, True),
        ({"args": ["-jar", "a.jar", "-Xmx1g"]}, True),
        ({"args": ["serve", "-Xmx1g"]}, False),
        ({"command": ["./run.sh"], "env": env(JAVA_OPTS="-Xmx1g")}, False),
        ({"command": [*SHELL, "java $JAVA_OPTS A"], "env": env(JAVA_OPTS="-Xmx1g")}, False),
        ({"command": [*SHELL, "java -Xmx1g A && echo -Xmx1g"]}, False),
    ],
)
def test_options_that_nothing_reads(fields: dict[str, Any], told: bool) -> None:
    assert ("jvm-option-unread" in codes(found(deployment(**fields)))) is told


@pytest.mark.parametrize("option", ["-Xmx2gb", "-Xmx1.5g", "-Xmx", "-Xmx2048", "-XX:MaxRAMPercentage=75%",
                                    "-XX:MaxRAMPercentage=150", "-XX:MaxRAMPercentage=1e1"])  # fmt: skip
def test_options_that_a_jvm_refuses(option: str) -> None:
    (finding,) = found(deployment(command=["java", option, "-jar", "a.jar"], resources=memory("2Gi")), "jvm-option")
    assert "does not start" in finding.message


def test_an_initial_heap_above_the_largest_is_refused_whatever_names_them() -> None:
    text = deployment(command=["java", "-Xms2g"], env=env(_JAVA_OPTIONS="-Xmx1g"), resources=memory("4Gi"))
    assert codes(found(text)) & {"jvm-option", "jvm-heap"} == {"jvm-option"}


@pytest.mark.parametrize(
    ("limit", "heap", "told"),
    [("1000Mi", "800m", False), ("1000Mi", "801m", True), ("16Gi", "14g", False), ("16Gi", "14400m", True)],
)
def test_a_heap_may_be_a_share_of_the_limit_or_leave_enough_room(limit: str, heap: str, told: bool) -> None:
    text = deployment(env=env(JAVA_TOOL_OPTIONS=f"-Xmx{heap}"), resources=memory(limit))
    assert ("jvm-heap" in codes(found(text))) is told


@pytest.mark.parametrize(
    ("limit", "option", "hint"),
    [
        ("2Gi", "-Xmx2g", "write -Xmx1638m, -XX:MaxRAMPercentage=75 or a memory limit of 2560Mi or more"),
        ("1Gi", "-Xmx900m", "write -Xmx819m, -XX:MaxRAMPercentage=75 or a memory limit of 1125Mi or more"),
        ("1Gi", "-Xmx901m", "write -Xmx819m, -XX:MaxRAMPercentage=75 or a memory limit of 1127Mi or more"),
        ("2Gi", "-XX:MaxRAMPercentage=95", "write -Xmx1638m or -XX:MaxRAMPercentage=75"),
        ("128Mi", "-XX:MinRAMPercentage=95", "write -Xmx102m"),
    ],
)
def test_what_is_told_to_write_would_help(limit: str, option: str, hint: str) -> None:
    (finding,) = found(deployment(env=env(JAVA_TOOL_OPTIONS=option), resources=memory(limit)), "jvm-heap")
    assert finding.hint == hint


def test_bounds_of_the_house_hold() -> None:
    text = deployment(env=env(JAVA_TOOL_OPTIONS="-Xmx700m"), resources=memory("1000Mi"))
    assert not found(text, "jvm-heap")
    assert found(text, "jvm-heap", config={"manifests": {"limits": {"maxHeapShare": 60}}})
    both = {"manifests": {"limits": {"maxHeapShare": 60, "headRoom": "300Mi"}}}
    assert not found(text, "jvm-heap", config=both)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"command": ["node", "--max-old-space-size=300", "a.js"]}, 300),
        ({"env": env(NODE_OPTIONS="--max_old_space_size=300")}, 300),
        ({"command": ["node", "--max-old-space-size=5", "a.js"], "env": env(NODE_OPTIONS="--max-old-space-size=3")}, 5),
        ({"command": ["node", "-r", "x", "--max-old-space-size=500", "a.js"]}, 500),
        ({"command": ["node", "a.js", "--max-old-space-size=500"]}, None),
        ({"args": ["--max-old-space-size=500", "a.js"]}, 500),
        ({"command": ["sh", "-c", "cd /app && node --max-old-space-size=$MEM a.js"], "env": env(MEM="400")}, 400),
    ],
)  # fmt: skip
def test_the_largest_heap_of_node(fields: dict[str, Any], size: int | None) -> None:
    read = [space.size for space in old_spaces(container_of(**fields)) if space.is_read]
    assert (read[-1] if read else None) == (None if size is None else size * MI)


@pytest.mark.parametrize(
    ("written", "limit"),
    [("512MiB", 512 * MI), ("1GiB", 1024 * MI), ("100", 100), ("100B", 100), ("off", None), ("", None), ("0", 0)],
)
def test_the_memory_limit_of_go(written: str, limit: int | None) -> None:
    read = go_memory(container_of(env=env(GOMEMLIMIT=written)))
    assert read is not None
    assert (read.limit, read.wrong) == (None if limit is None else Decimal(limit), "")


@pytest.mark.parametrize("written", ["512M", "512Mi", "1.5GiB", "1G", "1tib", "-5", "1MB"])
def test_what_go_refuses(written: str) -> None:
    (finding,) = found(deployment(env=env(GOMEMLIMIT=written), resources=memory("1Gi")), "go-memory-limit")
    assert "does not start" in finding.message
