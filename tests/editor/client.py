"""A language client that knows what the tests ask: completion, hover and diagnostics of one document at a time."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

PATIENCE = 20.0


class Client:
    """Speaks with a language server over its pipes; `schemas` are the editor's settings, schema to file patterns."""

    def __init__(self, process: subprocess.Popen[bytes], schemas: Mapping[str, str]) -> None:
        self.process = process
        self.settings = {
            "yaml": {
                "schemas": dict(schemas),
                "schemaStore": {"enable": False},
                "validate": True,
                "hover": True,
                "completion": True,
            }
        }
        self.messages: Queue[dict[str, Any]] = Queue()
        self.diagnostics: Queue[dict[str, Any]] = Queue()
        self.last = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self) -> None:
        """Introduce each other."""
        can: dict[str, Any] = {
            "textDocument": {"completion": {}, "hover": {"contentFormat": ["plaintext"]}, "publishDiagnostics": {}}
        }
        can["workspace"] = {"configuration": True, "didChangeConfiguration": {}}
        self.request("initialize", {"processId": None, "rootUri": None, "capabilities": can})
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings})

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Open a document; what the server finds wrong in it."""
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        while (told := self.diagnostics.get(timeout=PATIENCE))["uri"] != uri:
            pass
        found: list[dict[str, Any]] = told["diagnostics"]
        return found

    def complete(self, uri: str, line: int, column: int) -> dict[str, dict[str, Any]]:
        """What may be written at a place (from 0), by its label."""
        reply = self._at("completion", uri, line, column)
        items = reply["items"] if isinstance(reply, dict) else reply or []
        return {item["label"]: item for item in items}

    def hover(self, uri: str, line: int, column: int) -> str:
        """What is told about the key at a place (from 0)."""
        reply = self._at("hover", uri, line, column)
        contents = reply["contents"] if reply else ""
        return str(contents.get("value", "")) if isinstance(contents, dict) else str(contents)

    def _at(self, what: str, uri: str, line: int, column: int) -> Any:
        position = {"line": line, "character": column}
        return self.request(f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": position})

    def request(self, method: str, parameters: Any) -> Any:
        """Ask, and wait for the answer."""
        self.last += 1
        number = self.last
        self._send({"id": number, "method": method, "params": parameters})
        while (message := self.messages.get(timeout=PATIENCE)).get("id") != number:
            pass
        assert "error" not in message, message["error"]
        return message["result"]

    def notify(self, method: str, parameters: Any) -> None:
        """Tell something."""
        self._send({"method": method, "params": parameters})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        for message in self._received():
            if message.get("method") == "textDocument/publishDiagnostics":
                self.diagnostics.put(message["params"])
            elif "method" in message and "id" in message:
                self._send({"id": message["id"], "result": self._answer(message)})
            elif "id" in message:
                self.messages.put(message)

    def _answer(self, message: Mapping[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        return [self.settings.get(item.get("section", ""), None) for item in message["params"]["items"]]

    def _received(self) -> Iterator[dict[str, Any]]:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                header = stream.readline()
            yield json.loads(stream.read(length))


@contextmanager
def language_server(folder: Path, schemas: Mapping[str, str]) -> Iterator[Client]:
    """The server that is installed in a folder, started and stopped."""
    program = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    command = [str(folder / "node"), str(program), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        client = Client(process, schemas)
        try:
            client.start()
            yield client
            client.request("shutdown", None)
            client.notify("exit", None)
            process.wait(PATIENCE)
        finally:
            process.kill()
