"""How large a JVM's heap may grow, by its options and the memory that it sees.

Where options come from, each later one winning: JAVA_TOOL_OPTIONS (read by the JVM), JDK_JAVA_OPTIONS and the command
line (by the `java` launcher), `_JAVA_OPTIONS`. Variables such as JAVA_OPTS are read by start scripts only. The heap
follows HotSpot's own steps (src/hotspot/share/runtime/arguments.cpp): an explicit size, else a percentage of the
container's limit, where small containers get MinRAMPercentage; rounding to the collector's alignment is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from slogen.manifests.commands import Launch, Word, launch, options
from slogen.manifests.model import UNKNOWN, Container, Value
from slogen.quantities import KI, MI

SCRIPT_VARIABLES = (
    "JAVA_OPTS", "JVM_OPTS", "JAVA_OPTIONS", "JAVA_ARGS", "JVM_ARGS", "JAVA_OPTS_APPEND", "CATALINA_OPTS",
    "KAFKA_HEAP_OPTS", "ES_JAVA_OPTS",
)  # fmt: skip
JVM_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
SMALLEST_HEAP = 2 * MI
DEFAULT_HEAP = Decimal(96 * MI * 13 // 10 // 8 * 8)
"""MaxHeapSize's own default: where half of the memory is less, half of it is the heap, and else it is at least this."""

_JAVA = re.compile(r"java")
_JAVA_OPTION = re.compile(r"-(?:Xm[sx]|XX:)\S*")
_IMAGE = re.compile(r"(?:open)?(?:jdk|jre)[0-9]*|java[0-9]*|temurin|corretto|zulu|liberica|tomcat|wildfly")
_WITH_VALUE = frozenset(
    {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path", "--add-modules", "--source"}
    | {"--limit-modules", "--add-exports", "--add-opens", "--add-reads", "--patch-module", "--enable-native-access"}
)
_LAST = frozenset({"-jar", "-m", "--module"})
_FLAG = re.compile(
    r"-(?:Xmx|mx)(?P<max>.*)|-(?:Xms|ms)(?P<start>.*)|-XX:(?P<name>\w+)=(?P<value>.*)|-XX:(?P<sign>[+-])(?P<switch>\w+)",
    re.DOTALL,
)
_SIZE = re.compile(r"(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})([kKmMgGtT]?)")
_SIZES = frozenset(
    {"MaxHeapSize", "InitialHeapSize", "MinHeapSize", "MaxRAM", "MaxDirectMemorySize", "MaxMetaspaceSize"}
    | {"ReservedCodeCacheSize"}
)
_SHARES = frozenset({"MaxRAMPercentage", "MinRAMPercentage"})
_FRACTIONS = frozenset({"MaxRAMFraction", "MinRAMFraction"})


@dataclass(frozen=True, slots=True)
class Setting:
    """An option of the JVM; `number` is None where it cannot be told, `wrong` says why the JVM does not take it."""

    name: str
    number: Decimal | None
    word: Word
    wrong: str = ""

    @property
    def written(self) -> str:
        """As it stands in the manifest, for a message."""
        return self.word.text.replace(UNKNOWN, "...")[:60]


@dataclass(frozen=True, slots=True)
class Jvm:
    """Options in the order in which they take effect, those that nothing reads, and what cannot be told."""

    settings: tuple[Setting, ...]
    unread: tuple[Setting, ...]
    hidden: tuple[Value, ...]

    @property
    def last(self) -> Mapping[str, Setting]:
        """By name, the one that wins."""
        return {setting.name: setting for setting in self.settings}


@dataclass(frozen=True, slots=True)
class Heap:
    """The largest heap in bytes, None where it cannot be told or is the node's; and what set it."""

    size: Decimal | None
    setting: Setting | None
    is_of_node: bool = False


def jvm(container: Container) -> Jvm | None:
    """The JVM that a container runs, as far as its manifest shows that it runs one."""
    started = launch(container, _JAVA)
    own, after = _split(started)
    if not _runs_java(container, started):
        return None
    environment = container.environment
    scripts = [name for name in SCRIPT_VARIABLES if name in environment]
    words = [
        *_words(container, "JAVA_TOOL_OPTIONS"),
        *_words(container, "JDK_JAVA_OPTIONS"),
        *(() if started.is_named else (word for name in scripts for word in _words(container, name))),
        *own,
        *_words(container, "_JAVA_OPTIONS"),
    ]
    ignored = [word for name in scripts for word in _words(container, name)] if started.is_named else []
    unread = [*after, *(word for word in ignored if not _mentions(started, word))]
    hidden = [word.value for word in words if word.text.startswith(("@", "-XX:Flags=", "-XX:VMOptionsFile="))]
    hidden += [word.value for word in words if word.text.startswith(UNKNOWN)]
    return Jvm(tuple(_settings(words)), tuple(_settings(unread)), (*hidden, *container.hidden))


def max_heap(found: Jvm, memory: Decimal | None) -> Heap:
    """How large the heap may grow in a container with so much memory (None: as much as the node has)."""
    last = found.last
    if "MaxHeapSize" in last:
        return Heap(last["MaxHeapSize"].number, last["MaxHeapSize"])
    support = last.get("UseContainerSupport")
    if "MaxRAM" in last:
        memory = last["MaxRAM"].number
    elif memory is None or (support is not None and not support.number):
        return Heap(None, support, True)
    share, share_setting = _share(last, "Max", Decimal(25))
    least, least_setting = _share(last, "Min", Decimal(50))
    if memory is None or share is None or least is None:
        return Heap(None, share_setting or least_setting or last.get("MaxRAM"))
    small = memory * least / 100
    if small < DEFAULT_HEAP:
        size, by = small, least_setting or share_setting
    else:
        size, by = max(memory * share / 100, DEFAULT_HEAP), share_setting
    for name in ("InitialHeapSize", "MinHeapSize"):
        if name in last:
            number = last[name].number
            return Heap(size, by) if number is not None and number <= size else Heap(number, last[name])
    return Heap(size, by or last.get("MaxRAM"))


def _share(last: Mapping[str, Setting], which: str, default: Decimal) -> tuple[Decimal | None, Setting | None]:
    """Percent, by the percentage or by the fraction that came before it in the JVM's history."""
    if percentage := last.get(f"{which}RAMPercentage"):
        return percentage.number, percentage
    if fraction := last.get(f"{which}RAMFraction"):
        return (100 / fraction.number if fraction.number else None), fraction
    return default, None


def _runs_java(container: Container, started: Launch) -> bool:
    """By its command, its variables or its image."""
    named = (*JVM_VARIABLES, *SCRIPT_VARIABLES)
    if started.is_named or any(name in container.environment for name in named):
        return True
    if any(_JAVA_OPTION.match(word.text) for word in started.words):
        return True
    return not container.command and any(map(_IMAGE.fullmatch, re.split(r"[^a-z0-9]+", container.image.lower())))


def _words(container: Container, name: str) -> list[Word]:
    value = container.environment.get(name)
    return options(value) if value is not None else []


def _mentions(started: Launch, word: Word) -> bool:
    """Whether the command got the word by a variable: only its text tells."""
    return any(word.text in other.text for other in started.words)


def _split(started: Launch) -> tuple[list[Word], list[Word]]:
    """The JVM's own options, and those of its kind that came too late, behind the program's name."""
    words, number = started.words, 0
    while number < len(words):
        text = words[number].text
        if text in _LAST or not text.startswith(("-", "@", UNKNOWN)):
            break
        number += 2 if text in _WITH_VALUE else 1
    is_late = started.is_named or (number < len(words) and words[number].text in _LAST)
    late = words[number + 1 :] if is_late else ()
    return list(words[:number]), [word for word in late if _JAVA_OPTION.match(word.text)]


def _settings(words: list[Word]) -> Iterator[Setting]:
    for word in words:
        match = _FLAG.fullmatch(word.text)
        if match is None:
            continue
        if match["switch"]:
            if match["switch"] == "UseContainerSupport":
                yield Setting("UseContainerSupport", Decimal(match["sign"] == "+"), word)
            continue
        name = match["name"] or ("MaxHeapSize" if match["max"] is not None else "InitialHeapSize")
        value = match["value"] if match["name"] else match["max"] if match["max"] is not None else match["start"]
        if name in _SIZES:
            yield _size(name, value, word)
        elif name in _SHARES or name in _FRACTIONS:
            yield _number(name, value, word)


def _size(name: str, value: str, word: Word) -> Setting:
    if UNKNOWN in value:
        return Setting(name, None, word)
    match = _SIZE.fullmatch(value)
    if match is None:
        return Setting(name, None, word, f"'{value[:40]}' is not a size: whole numbers with k, m, g or t are")
    number = Decimal(int(match[1], 0 if match[1][:2] in {"0x", "0X"} else 10))
    number *= KI ** "kmgt".index(match[2].lower()) * KI if match[2] else 1
    if name == "MaxHeapSize" and number < SMALLEST_HEAP:
        return Setting(name, number, word, f"a heap of {number} bytes is too small: the unit is missing")
    return Setting(name, number, word)


def _number(name: str, value: str, word: Word) -> Setting:
    if UNKNOWN in value:
        return Setting(name, None, word)
    if not re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{0,12})?" if name in _SHARES else r"[0-9]{1,12}", value):
        return Setting(name, None, word, f"'{value[:40]}' is not a number")
    number = Decimal(value)
    if name in _SHARES and number > 100:
        return Setting(name, None, word, f"{value} is more than 100 percent")
    return Setting(name, number, word)
