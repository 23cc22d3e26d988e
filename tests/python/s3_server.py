#!/usr/bin/env python3
"""A real S3 server (SeaweedFS) on loopback for tests, gone with the process that asked for it.

As a program, `s3_server.py COMMAND…` runs the command with PENSTOCK_TEST_S3 naming the endpoint and ends as it ends.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

DEPS = pathlib.Path(os.environ.get("PENSTOCK_DEPS") or pathlib.Path(__file__).parents[2] / ".deps")
ACCESS_KEY = "penstock-test"
SECRET_KEY = "test+secret/with=special"
BUCKET = "lake"
START_SECONDS = 60


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on; two at once never give the same."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def answers(endpoint):
    """Whether an S3 gateway answers there, whatever it says."""
    try:
        urllib.request.urlopen(endpoint, timeout=2)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def credentials(folder):
    """The server's file of who may do what."""
    path = pathlib.Path(folder, "identities.json")
    path.write_text(json.dumps({"identities": [{
        "name": "test", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
    return path


def command_line(deps, folder, ports):
    """The server with all its parts on loopback, telling nobody that it runs."""
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc = ports
    return [pathlib.Path(deps) / "s3" / "weed", "-logtostderr=true", "server", f"-dir={folder}", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", "-master.telemetry=false", f"-master.port={master}", f"-master.port.grpc={master_grpc}",
            "-master.volumeSizeLimitMB=64", "-volume.max=0", f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}",
            "-filer", f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}", f"-filer.localSocket={folder}/filer.sock",
            "-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false",
            f"-s3.localSocket={folder}/s3.sock", f"-s3.config={credentials(folder)}", "-volume.preStopSeconds=0"]


@contextlib.contextmanager
def s3_server(deps=DEPS):
    """Yields the endpoint, "http://127.0.0.1:PORT"."""
    with tempfile.TemporaryDirectory(prefix="penstock-s3-") as folder:
        ports = free_ports(8)
        endpoint = f"http://127.0.0.1:{ports[6]}"
        log = pathlib.Path(folder, "log")
        with log.open("wb") as output:
            server = subprocess.Popen(command_line(deps, folder, ports), cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                                      stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(endpoint):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the S3 server did not start:\n" + log.read_text(errors="replace")[-4000:])
                time.sleep(0.1)
            yield endpoint
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def environment(endpoint):
    """What a client needs to reach the server, in the names that all of them know."""
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}


def main():
    with s3_server() as endpoint:
        done = subprocess.run(sys.argv[1:], env={**os.environ, **environment(endpoint), "PENSTOCK_TEST_S3": endpoint},
                              check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
