"""A worker of docs/worker-protocol.md without any library: its only model doubles a tensor of f32."""

import array
import fcntl
import json
import os
import resource
import socket
import struct
import time

F32, U64 = 1, 13
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
connection = socket.socket(fileno=3)


class Refusal(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def receive_exactly(count, descriptors):
    data = b""
    while len(data) < count:
        piece, control, _, _ = connection.recvmsg(count - len(data), socket.CMSG_SPACE(4))
        if not piece:
            raise SystemExit(0)
        data += piece
        for level, kind, rights in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.extend(array.array("i", rights[:4]))
    return data


def receive():
    descriptors = []
    magic, length, files, zero = struct.unpack("<4s3I", receive_exactly(16, descriptors))
    assert magic == b"PTW1" and zero == 0 and files == len(descriptors)
    header = json.loads(receive_exactly(length, []))
    tensors = header.pop("tensors", [])
    for tensor in tensors:
        tensor["data"] = os.pread(descriptors[0], tensor["bytes"], tensor["offset"]) if tensor["bytes"] else b""
    for descriptor in descriptors:
        os.close(descriptor)
    return header, tensors


def send(header, tensors):
    descriptors = []
    if tensors:
        memory = os.memfd_create("tensors", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        end, entries = 0, []
        for name, dtype, shape, data in tensors:
            end = (end + 63) // 64 * 64
            os.pwrite(memory, data, end)
            entries.append({"name": name, "dtype": dtype, "shape": shape, "offset": end, "bytes": len(data)})
            end += len(data)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, SEALS)
        header["tensors"] = entries
        if any(data for _, _, _, data in tensors):
            descriptors.append(memory)
    text = json.dumps(header).encode()
    frame = struct.pack("<4s3I", b"PTW1", len(text), len(descriptors), 0) + text
    sent = socket.send_fds(connection, [frame], descriptors)
    connection.sendall(frame[sent:])
    if tensors:
        os.close(memory)


class Worker:
    def __init__(self):
        self.loaded, self.first, self.sets = False, True, {}

    def hello(self, request, tensors):
        if not request["protocol"]["min"] <= 1 <= request["protocol"]["max"]:
            raise Refusal("unsupported_protocol", "this worker speaks version 1")
        return {"protocol": 1, "worker": "python_worker", "runtime": "doubling", "version": "1"}, []

    def ping(self, request, tensors):
        return {}, []

    bye = ping

    def describe(self, request, tensors):
        return {"devices": ["cpu"], "formats": ["doubling"], "settings": []}, []

    def load(self, request, tensors):
        if request["settings"]:
            raise Refusal("unknown_setting", "doubling has no settings")
        self.loaded, self.first, self.sets = True, True, {}
        value = {"dtype": F32, "shape": [-1]}
        return {"load_ns": 0, "inputs": [{"name": "x", **value}], "outputs": [{"name": "y", **value}]}, []

    def set_inputs(self, request, tensors):
        (tensor,) = tensors
        self.sets[request["set"]] = (tensor["shape"], array.array("f", tensor["data"]))
        return {}, []

    def execute(self, values):
        return array.array("f", (2 * value for value in values))

    def timed(self, values):
        start = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        result = self.execute(values)
        return start, time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - start, result

    def inputs(self, request):
        if request["set"] not in self.sets:
            raise Refusal("unknown_set", "no inputs of this set")
        return self.sets[request["set"]]

    def run(self, request, tensors):
        shape, values = self.inputs(request)
        _, duration, result = self.timed(values)
        reply = {"duration_ns": duration}
        if self.first:
            reply["first_ns"], self.first = duration, False
        return reply, [("y", F32, shape, result.tobytes())]

    def measure(self, request, tensors):
        _, values = self.inputs(request)
        reply = {}
        if self.first:
            reply["first_ns"], self.first = self.timed(values)[1], False
        starts, durations, elapsed = array.array("Q"), array.array("Q"), 0
        cpu = time.process_time_ns()
        while len(starts) < request["max_count"] and (len(starts) < request["count"] or elapsed < request["min_ns"]):
            start, duration, _ = self.timed(values)
            starts.append(start)
            durations.append(duration)
            elapsed = start + duration - starts[0]
        reply["cpu_ns"] = time.process_time_ns() - cpu
        count = len(starts)
        return reply, [
            ("start_ns", U64, [count], starts.tobytes()),
            ("duration_ns", U64, [count], durations.tobytes()),
        ]

    def memory(self, request, tensors):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return {"peak_rss_bytes": peak, "rss_bytes": peak, "private_bytes": 0, "cpu_ns": time.process_time_ns()}, []


TYPES = ("hello", "ping", "describe", "load", "set_inputs", "run", "measure", "memory", "bye")
worker = Worker()
while True:
    request, inputs = receive()
    kind = request["type"]
    try:
        if kind not in TYPES:
            raise Refusal("unknown_message", f"this worker does not know `{kind}`")
        reply, outputs = getattr(worker, kind)(request, inputs)
    except Refusal as refusal:
        reply, outputs = {"error": {"code": refusal.code, "message": str(refusal)}}, []
    send({"id": request["id"], **reply}, outputs)
    if kind == "bye":
        break
