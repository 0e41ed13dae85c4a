"""What the benchmarks share: the CPU time and the memory of a server, and connections that send prepared requests."""

import contextlib
import pathlib
import re
import selectors
import socket
import urllib.parse


def cpu_seconds(pid):
    """What all threads of a process have computed so far."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory_kib(pid):
    """The lines of /proc/PID/status that tell sizes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE)}


class Exchange:
    """A connection that sends one request after the other."""

    def __init__(self, address, requests, answers):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.answers, self.received = requests, answers, b""

    def send(self):
        """False when nothing is left to send."""
        if not self.requests:
            return False
        self.socket.sendall(self.requests.pop())
        return True

    def receive(self):
        """True when an answer has come in whole."""
        received = self.socket.recv(65536)
        if not received:
            raise SystemExit("The server closed a connection.")
        self.received += received
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if not end or len(body) < (int(length.group(1)) if length else 0):
            return False
        self.answers.append((head, body))
        self.received = b""
        return True


def send_all(server_url, requests, connections):
    """Sends requests, given as bytes, over so many connections; heads and bodies of the answers in the order in which
    they came. Takes the requests out of the list, from its end."""
    url, answers = urllib.parse.urlsplit(server_url), []
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as open_sockets:
        for _ in range(min(connections, len(requests))):
            exchange = Exchange((url.hostname, url.port), requests, answers)
            open_sockets.enter_context(exchange.socket)
            selector.register(exchange.socket, selectors.EVENT_READ, exchange)
            exchange.send()
        while selector.get_map():
            for key, _ in selector.select():
                if key.data.receive() and not key.data.send():
                    selector.unregister(key.fileobj)
    return answers
