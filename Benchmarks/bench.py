#!/usr/bin/env python3
"""Measures the release build on SQLite, full durability, HTTP included, beside two floors in interleaved rounds.

    python3 Benchmarks/bench.py [--rounds 3] [--seconds 8] [--json FILE]

Floors, measured in the same rounds so that the ratios mean something on a busy machine:
  orders   a C program that makes the same six steps for batches of 200 orders and nothing else (FLOOR_ORDERS: its path)
  reads    a static JSON document of nginx, asked by wrk (FLOOR_NGINX: its path; wrk on the PATH)
A floor that is not there is left out, and said.
"""
import argparse, json, os, re, shutil, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("PURCHASE", os.path.join(ROOT, ".build/release/purchase"))


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def load(*options):
    """Runs `purchase load`; its JSON, after it verified."""
    done = subprocess.run([PROGRAM, "load", "--json", *options], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: purchase load {' '.join(options)} failed ({done.returncode}): {done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def orders(seconds, connections):
    report = load("--saturate", "--users", "1000", "--connections", str(connections), "--duration", str(seconds))
    return report["answersPerSecond"], report["peakMemory"] / 1_048_576


def alone(seconds):
    """Milliseconds from one order to its end, with nothing else going on."""
    report = load("--saturate", "--users", "50", "--connections", "1", "--duration", str(seconds))
    return report["outcome"]["p50"]


def floor_orders(seconds):
    program = os.environ.get("FLOOR_ORDERS")
    if not program:
        return None
    with tempfile.TemporaryDirectory() as folder:
        arguments = [program, f"{folder}/floor.sqlite", "full", "sixbatch", str(seconds), "1000", "100", "v7"]
        count, taken, *_ = map(float, subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.split())
    return count / taken


def wrk(url, seconds, *headers):
    options = [f for h in headers for f in ("-H", h)]
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", *options, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench: wrk {url}: {out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def ended(process):
    process.terminate()
    process.wait()


def reads(seconds):
    """GET /orders/{id} with keep-alive, asked by wrk."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(
            os.environ, APP_ENV="test", JWT_SECRET=os.urandom(32).hex(), LOG_LEVEL="error", METRICS_PORT="off",
            RATE_LIMIT_ENABLED="false", PAYMENT_SUCCESS_RATE="1", DATABASE_NAME=f"{folder}/reads.sqlite")
        server = subprocess.Popen([PROGRAM, "serve", "--port", "0"], env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            url = next(m.group() for line in server.stdout if (m := re.search(r"http://127\.0\.0\.1:\d+", line)))
            data = call("POST", f"{url}/setup-test-data")["data"]
            token = data["tokens"]["user"]
            order = call("POST", f"{url}/orders", token, {
                "userId": data["user"]["id"], "items": [{"itemId": data["items"][0]["id"], "quantity": 1}]}, wait=5)
            return wrk(f"{url}/orders/{order['id']}", seconds, f"Authorization: Bearer {token}")
        finally:
            ended(server)


def call(method, url, token=None, body=None, wait=None):
    import urllib.request
    headers = {"Content-Type": "application/json"}
    if token: headers["Authorization"] = f"Bearer {token}"
    if wait: headers["Prefer"] = f"wait={wait}"
    request = urllib.request.Request(url, json.dumps(body).encode() if body else b"", headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def floor_reads(seconds):
    nginx = os.environ.get("FLOOR_NGINX")
    if not nginx:
        return None
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        document = '{"id":"0190b2c4-7f7e-7c3a-9d55-3f2a1b0c4d5e","status":"created"}'
        with open(f"{folder}/conf", "w") as conf:
            conf.write(
                f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 2;"
                f"events {{ worker_connections 1024; }} http {{ access_log off; keepalive_requests 1000000000; {paths}"
                f"server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{document}'; }} }} }}")
        server = subprocess.Popen([nginx, "-p", folder, "-c", f"{folder}/conf"], stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if server.poll() is not None or time.monotonic() > deadline: sys.exit("bench: nginx did not start")
            return wrk(f"http://127.0.0.1:{port}/", seconds)
        finally:
            ended(server)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=8)
    arguments.add_argument("--connections", type=int, default=1024, help="orders under way at saturation")
    arguments.add_argument("--json", help="file for every figure of every round")
    options = arguments.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("bench: there is no release build; run: make release")
    has_wrk = shutil.which("wrk") is not None
    if not has_wrk: say("wrk is not installed: reads are left out")
    rounds = []
    for number in range(1, options.rounds + 1):
        say(f"round {number} of {options.rounds}")
        figures = {"orders floor": floor_orders(options.seconds)}
        figures["orders"], figures["memory MB"] = orders(options.seconds, options.connections)
        if has_wrk:
            figures["reads floor"] = floor_reads(options.seconds)
            figures["reads"] = reads(options.seconds)
        figures["one order alone, ms"] = alone(max(2, options.seconds // 2))
        rounds.append({name: value for name, value in figures.items() if value is not None})
    if options.json:
        with open(options.json, "w") as file: json.dump(rounds, file, indent=2)
    for name in rounds[0]:
        values = [r[name] for r in rounds]
        print(f"{name:22} median {statistics.median(values):12,.1f}   from {min(values):,.1f} to {max(values):,.1f}")
    for name in ("orders", "reads"):
        if f"{name} floor" in rounds[0]:
            ratios = [r[name] / r[f"{name} floor"] for r in rounds]
            print(f"{name} / floor".ljust(22), f"median {statistics.median(ratios):12.3f}   from {min(ratios):.3f} to {max(ratios):.3f}")
        elif name in rounds[0]:
            say(f"no floor for {name}: no ratio")


main()
