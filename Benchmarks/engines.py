#!/usr/bin/env python3
"""Measures the release build on PostgreSQL and Redis of its own, HTTP included, beside the floors in interleaved rounds.

    python3 Benchmarks/engines.py [--rounds 3] [--seconds 10] [--connections 2000] [--engines postgres,redis] [--json FILE]

Each round: orders at saturation, the same with everybody on one item, one order alone; each run verifies all invariants afterwards.
Floors: --floors COMMAND, which prints a JSON line a figure (name, concurrency, orders_per_s, p50_ms). Of them a batched saga (G_…) with
2,000 and with 1 in flight and one transaction an order with 8 clients (A1_one_tx_c8) are compared with. Without --floors there are no
ratios. With --other PROGRAM each round measures a second build as well, in turns.
"""
import argparse, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICK = os.sysconf("SC_CLK_TCK")
WARMUP = 2


def say(text):
    print(f"engines: {text}", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Servers:
    """PostgreSQL and Redis in a folder of their own, fsync on, the log of Redis each second."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o711)
        self.database_port, self.redis_port = free_port(), free_port()
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.redis = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port), "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "everysec"], **quiet)
        self.database = subprocess.Popen(
            ["bash", f"{ROOT}/Scripts/postgres.sh", f"{self.folder}/pg", str(self.database_port), "shared_buffers=1GB",
             "max_wal_size=4GB"], **quiet)
        deadline = time.monotonic() + 60
        while not all(self.answers(port) for port in (self.database_port, self.redis_port)):
            if time.monotonic() > deadline: sys.exit(f"engines: a server did not start; see {self.folder}")
            time.sleep(0.1)
        with open(f"{self.folder}/pg/password") as file: self.password = file.read().strip()
        return self

    @staticmethod
    def answers(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            return False

    def psql(self, text):
        subprocess.run(
            ["psql", "-h", "127.0.0.1", "-p", str(self.database_port), "-U", "purchase", "-d", "postgres", "-qc", text],
            env=dict(os.environ, PGPASSWORD=self.password), check=True)

    def empty(self):
        """A new database and an empty Redis; the environment that names them."""
        self.psql("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        self.psql("CREATE DATABASE bench")
        self.psql("CHECKPOINT")
        subprocess.run(["redis-cli", "-p", str(self.redis_port), "flushall"], check=True, stdout=subprocess.DEVNULL)
        return {
            "DATABASE_URL": f"postgres://purchase:{self.password}@127.0.0.1:{self.database_port}/bench",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}"}

    def __exit__(self, *_):
        for process in (self.database, self.redis):
            process.send_signal(signal.SIGTERM)
            process.wait()
        shutil.rmtree(self.folder)


class Meter(threading.Thread):
    """CPU seconds by class of process while a load runs."""

    def __init__(self, roots):
        super().__init__(daemon=True)
        self.roots, self.used, self.done = roots, {}, threading.Event()

    def run(self):
        before = self.look()
        while not self.done.wait(0.25):
            for name, seconds in self.look().items(): self.used[name] = max(self.used.get(name, 0), seconds - before.get(name, 0))

    def look(self):
        processes = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/stat") as file: line = file.read()
            except OSError:
                continue
            fields = line[line.rindex(")") + 2:].split()
            # Of a server with those of its children that ended; the load's child has its own account.
            counted = fields[11:13] if int(entry) == self.roots["load"] else fields[11:15]
            processes[int(entry)] = (int(fields[1]), sum(map(int, counted)) / TICK)
        sums = {}
        for process, (_, seconds) in processes.items():
            at, depth, load = process, 0, self.roots["load"]
            while at in processes and at not in self.roots.values(): at, depth = processes[at][0], depth + 1
            name = next((n for n, root in self.roots.items() if root == at), None)
            # The load's own child is the server.
            if name: sums["serve" if at == load and depth else name] = sums.get("serve" if at == load and depth else name, 0) + seconds
        return sums


def load(program, servers, engines, seconds, *options):
    environment = dict(os.environ, AUDIT_ENABLED=os.environ.get("AUDIT_ENABLED", "false"), LOG_LEVEL="error", **servers.empty())
    process = subprocess.Popen(
        [program, "load", "--json", "--saturate", "--engines", engines, "--warmup", str(WARMUP), "--duration", str(seconds), *options],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    meter = Meter({"load": process.pid, "postgres": servers.database.pid, "redis": servers.redis.pid})
    meter.start()
    out, complaint = process.communicate()
    meter.done.set()
    if process.returncode != 0: sys.exit(f"engines: purchase load {' '.join(options)} failed: {complaint}{out}")
    return json.loads(out), meter.used


def measure(program, servers, options):
    figures = {}
    wide = ["--users", "1000", "--connections", str(options.connections)]
    for name, more in (("orders", []), ("orders of one item", ["--hot-item", "1"])):
        report, used = load(program, servers, options.engines, options.seconds, *wide, *more)
        figures[f"{name} a second"] = report["answersPerSecond"]
        # The time of CPU is of the whole run: warm-up, measured time, and the check afterwards.
        orders = report["answersPerSecond"] * (options.seconds + WARMUP)
        for part, seconds in used.items(): figures[f"{name}: CPU of {part}, us"] = seconds / orders * 1e6
    report, _ = load(program, servers, options.engines, max(3, options.seconds // 2), "--users", "50", "--connections", "1")
    # From the request to the answer that says how the order ended, as a client sees it.
    figures["one order alone, ms"] = report["report"]["latencies"]["POST /orders"]["p50"] / 1000
    figures["one order alone, without HTTP, ms"] = report["outcome"]["p50"]
    return figures


def floors(command):
    done = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    figures = {}
    for line in lines:
        if line["name"] == "A1_one_tx_c8": figures["floor: one transaction an order"] = line["orders_per_s"]
        if line["name"].startswith("G_") and line["concurrency"] == 2000:
            figures["floor: batched saga"] = max(line["orders_per_s"], figures.get("floor: batched saga", 0))
        if line["name"].startswith("G_") and line["concurrency"] == 1: figures["floor: one order alone, ms"] = line["p50_ms"]
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=2000, help="orders under way at saturation")
    parser.add_argument("--engines", default="postgres,redis", choices=["postgres,redis", "postgres,embedded"])
    parser.add_argument("--program", default=f"{ROOT}/.build/release/purchase")
    parser.add_argument("--other", help="a second build")
    parser.add_argument("--floors", help="a command that prints the floors' figures")
    parser.add_argument("--json", help="file for every figure of every round")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        sys.exit("engines: there is no release build; run: make release")
    rounds = []
    with Servers() as servers:
        for number in range(1, options.rounds + 1):
            say(f"round {number} of {options.rounds}")
            figures = floors(options.floors) if options.floors else {}
            figures |= measure(options.program, servers, options)
            if options.other:
                figures |= {f"other: {name}": value for name, value in measure(options.other, servers, options).items()}
            rounds.append(figures)
            say(json.dumps(figures))
    if options.json:
        with open(options.json, "w") as file: json.dump(rounds, file, indent=2)
    names = list(rounds[0])
    ratios = [("orders a second", "floor: batched saga"), ("orders a second", "floor: one transaction an order"),
              ("orders of one item a second", "orders a second"), ("one order alone, ms", "floor: one order alone, ms"),
              ("one order alone, without HTTP, ms", "floor: one order alone, ms"),
              ("other: orders a second", "orders a second")]
    for name in names:
        values = [r[name] for r in rounds]
        print(f"{name:44} median {statistics.median(values):12,.1f}   from {min(values):,.1f} to {max(values):,.1f}")
    for name, floor in ratios:
        if name in rounds[0] and floor in rounds[0]:
            values = [r[name] / r[floor] for r in rounds]
            print(f"{name} / {floor}".ljust(64), f"{statistics.median(values):.3f}   from {min(values):.3f} to {max(values):.3f}")


main()
