#!/usr/bin/env python3
"""Measures what the console's pages ask for with a million orders stored: a journey, lists, the stuck ones, the search.

    python3 Benchmarks/million.py [--orders 1000000] [--engines sqlite,embedded --engines postgres,embedded]
                                  [--repeat 200] [--data FOLDER] [--json FILE]

It makes the orders by `purchase load` at saturation on SQLite, every tenth with a coupon, every twentieth declined: real orders, of which
every service has its rows; the audit trail, which takes longer, is kept from the last --audited of them. `verify` is clean before anything
is measured. For PostgreSQL they are moved by `purchase import` to a server of its own. With --data the orders stay in that folder, and are
taken from there the next time.

Then a server that has been told of a gateway which answers nobody gets --stuck orders, so that there are some. The questions are asked
in turns over one connection that is kept, --repeat times each; a time is from the request to the answer's last byte. At the end the
orders that were stuck end at a server with a quick gateway, and `verify` is run again.

Exits 1 if a median is over its budget (milliseconds of server time: lists 50).
"""
import argparse, http.client, json, os, random, re, shutil, signal, socket, sqlite3, statistics, subprocess, sys, tempfile, time, uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("PURCHASE", os.path.join(ROOT, ".build/release/purchase"))
BUDGET = 50.0
# Pages that are passed before one counts as deep, 500 entries each.
DEEP = 50


def say(text):
    print(f"million: {text}", file=sys.stderr, flush=True)


def purchase(*arguments, environment=None):
    done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"million: purchase {arguments[0]} failed ({done.returncode}): {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done


# MARK: the orders

WORKLOAD = ["--json", "--saturate", "--warmup", "0", "--coupons", "0.1"]


def count(file):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        return database.execute("SELECT COUNT(*) FROM orders_orders").fetchone()[0]


def shop(file):
    """A SQLite file with a thousand users, fifty items and the first orders."""
    done = purchase(
        "load", *WORKLOAD, "--connections", "1024", "--users", "1000", "--items", "50", "--failure-rate", "0.05",
        "--duration", "60", "--keep", environment=dict(os.environ, AUDIT_ENABLED="false"))
    folder = re.search(r"kept: (.+)", done.stderr).group(1)
    for name in os.listdir(folder):
        if name.startswith("load.sqlite"): shutil.move(f"{folder}/{name}", file + name[len("load.sqlite"):])
    shutil.rmtree(folder)


def place(file, wanted, audited, random):
    """Orders of ever other users until there are so many."""
    environment = settings(
        DATABASE_NAME=file, AUDIT_ENABLED=audited, PAYMENT_SUCCESS_RATE="0.95", SAGA_MAX_UNDER_WAY="0")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        users = [uuid.UUID(bytes=row[0]) for row in database.execute("SELECT user_id FROM users_wallets")]
        items = [uuid.UUID(bytes=row[0]) for row in database.execute("SELECT id FROM items_items")]
    choice = [word for item in items for word in ("--item", str(item))] + ["--coupon-code", "SEED-1"]
    with Serving(environment, f"{file}.log") as server:
        while (there := count(file)) < wanted:
            say(f"{there:,} of {wanted:,} orders are there")
            loads = []
            for user in random.sample(users, 4):
                token = purchase("token", "--user", str(user), environment=environment).stdout.strip()
                # Some seconds at the end, so that there are not many more than were wanted.
                seconds = min(60, max(2, (wanted - there) // 1000))
                loads.append(subprocess.Popen(
                    [PROGRAM, "load", *WORKLOAD, "--connections", "256", "--duration", str(seconds), "--url",
                     f"http://127.0.0.1:{server.port}", "--user", str(user), "--token", token, *choice],
                    stdout=subprocess.PIPE, text=True))
            for one in loads:
                said = one.communicate()[0]
                if one.returncode != 0: sys.exit(f"million: purchase load failed ({one.returncode}): {said[-2000:]}")
        # The audit trail records what waits, and rows of ended orders go.
        purchase("verify", "--wait", "600", environment=environment)


def fill(file, wanted, audited, random):
    """So many orders, of which the audit trail has the last."""
    if not os.path.exists(file): shop(file)
    if count(file) < wanted - audited: place(file, wanted - audited, "false", random)
    if count(file) < wanted: place(file, wanted, "true", random)


# MARK: servers

class Postgres:
    """A server of its own in `folder`, which is kept."""

    def __init__(self, folder):
        self.environment = dict(
            os.environ, SERVERS_FOLDER=folder, POSTGRES_SETTINGS="shared_buffers=1GB max_wal_size=4GB checkpoint_timeout=15min")

    def __enter__(self):
        self.servers("start", "postgres")
        return re.search(r"DATABASE_URL=(\S+)", self.servers("env").stdout).group(1)

    def __exit__(self, *_):
        self.servers("down")

    def servers(self, *arguments):
        done = subprocess.run(
            ["bash", f"{ROOT}/Scripts/servers.sh", *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0: sys.exit(f"million: servers.sh {arguments[0]}: {done.stderr}{done.stdout}")
        return done


class Serving:
    """`purchase serve` on the stored orders."""

    def __init__(self, environment, log):
        self.environment, self.log = environment, log

    def __enter__(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--port", "0"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
                cwd=os.path.dirname(self.log))
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found.group(1))
                return self
        sys.exit(f"million: the server did not start; see {self.log}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Client:
    def __init__(self, port, token):
        self.token = token
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path, method="GET", body=None):
        """Milliseconds, and the answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None: headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken = (time.perf_counter() - began) * 1000
        if answer.status not in (200, 201): sys.exit(f"million: {method} {path}: {answer.status} {text[:500]}")
        return taken, json.loads(text)

    def get(self, path):
        return self.ask(path)[1]


# MARK: what is asked

class Questions:
    """Paths by name; each time another order, user, page."""

    def __init__(self, client, file, random):
        self.client, self.random = client, random
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            first, last = (int.from_bytes(row, "big") for row in database.execute(
                "SELECT MIN(subject), MAX(subject) FROM orders_orders").fetchone())
            self.orders, self.users, self.events = [], [], []
            for _ in range(500):
                place = random.randint(first, last).to_bytes(16, "big")
                order, user = database.execute(
                    "SELECT subject, user_id FROM orders_orders WHERE subject >= ? ORDER BY subject LIMIT 1", (place,)).fetchone()
                self.orders.append(uuid.UUID(bytes=order))
                self.users.append(uuid.UUID(bytes=user))
            self.items = [uuid.UUID(bytes=row[0]) for row in database.execute("SELECT id FROM items_items")]
        self.coupons = [coupon["id"] for coupon in client.get("/admin/coupons")["coupons"]]
        self.deep = {path: self.walk(path) for path in ("/admin/sagas", "/admin/audit", "/items/reservations")}
        entries = client.get("/admin/audit?limit=500" + self.after(self.deep["/admin/audit"]))["entries"]
        self.events = [entry["id"] for entry in entries]
        self.deep_user = {user: self.walk(f"/user/{user}/orders") for user in self.users[:20]}

    def walk(self, path):
        """The cursor after DEEP pages, or of the last page."""
        cursor = None
        for _ in range(DEEP):
            page = self.client.get(f"{path}?limit=500" + self.after(cursor))
            if not page.get("next"): break
            cursor = page["next"]
        return cursor

    @staticmethod
    def after(cursor):
        return f"&cursor={cursor}" if cursor else ""

    def all(self):
        """A path of each."""
        pick = self.random.choice
        deep_user = pick(list(self.deep_user))
        return {
            "GET /orders/{id}": f"/orders/{pick(self.orders)}",
            "journey": f"/orders/{pick(self.orders)}/journey",
            "sagas, newest": "/admin/sagas",
            "sagas, newest, 500": "/admin/sagas?limit=500",
            "sagas, deep": "/admin/sagas?limit=100" + self.after(self.deep["/admin/sagas"]),
            "sagas, stuck": "/admin/sagas?status=stuck",
            "sagas, stuck, 5": "/admin/sagas?status=stuck&limit=5",
            "sagas, running": "/admin/sagas?status=running",
            "sagas, failed": "/admin/sagas?status=failed",
            "search: order": f"/admin/search?q={pick(self.orders)}",
            "search: user": f"/admin/search?q={pick(self.users)}",
            "search: user's name": f"/admin/search?q=shopper-{self.random.randint(1, 999)}",
            "search: item": f"/admin/search?q={pick(self.items)}",
            "search: item's name": f"/admin/search?q=item-{self.random.randint(1, 50)}",
            "search: coupon": f"/admin/search?q={pick(self.coupons)}",
            "search: coupon's code": "/admin/search?q=seed-1",
            "search: event": f"/admin/search?q={pick(self.events)}",
            "search: nothing": f"/admin/search?q={uuid.uuid4()}",
            "user's orders": f"/user/{pick(self.users)}/orders",
            "user's orders, deep": f"/user/{deep_user}/orders?limit=100" + self.after(self.deep_user[deep_user]),
            "user's statement": f"/user/{pick(self.users)}/transactions",
            "reservations": "/items/reservations",
            "reservations, deep": "/items/reservations?limit=100" + self.after(self.deep["/items/reservations"]),
            "reservations of an item": f"/items/{pick(self.items)}/reservations",
            "reservations, counts": "/items/reservations/stats",
            "audit, newest": "/admin/audit",
            "audit, deep": "/admin/audit?limit=100" + self.after(self.deep["/admin/audit"]),
            "audit of an order": f"/admin/audit?orderId={pick(self.orders)}",
            "coupons, counts": "/admin/coupons/statistics",
            "users": "/admin/users",
            "services": "/admin/services",
            "dead letters, groups": "/admin/dead-letters/groups",
            "notifications given up": "/admin/notifications",
        }


def measure(client, file, repeat, seed):
    questions = Questions(client, file, random.Random(seed))
    times = {}
    for turn in range(repeat + 3):
        for name, path in questions.all().items():
            taken, _ = client.ask(path)
            # The first turns warm the caches of both sides.
            if turn >= 3: times.setdefault(name, []).append(taken)
    return times


def make_stuck(client, many):
    data = client.ask("/setup-test-data", "POST")[1]["data"]
    user, item = data["user"]["id"], data["items"][2]["id"]
    client.ask(f"/admin/users/{user}/deposit", "POST", {"amount": many * 10_000, "reason": "stuck orders to measure"})
    client.ask(f"/items/{item}/stock", "POST", {"newStock": many + 100, "reason": "stuck orders to measure"})
    for _ in range(many):
        client.ask("/orders", "POST", {"userId": user, "items": [{"itemId": item, "quantity": 1}]})
    deadline = time.monotonic() + 120
    while True:
        stuck = len(client.get("/admin/sagas?status=stuck&limit=500")["sagas"])
        if stuck >= min(many, 500): return stuck
        if time.monotonic() > deadline: sys.exit(f"million: only {stuck} of {many} orders are stuck")
        time.sleep(1)


def settings(**more):
    return {
        "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "APP_ENV": "test", "JWT_SECRET": os.urandom(32).hex(),
        "JWT_EXPIRES_IN": "24h", "LOG_LEVEL": "error", "METRICS_PORT": "off", "RATE_LIMIT_ENABLED": "false",
        "NOTIFICATION_ENABLED": "false", "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_LATENCY": "0", **more}


def on(engines, where, file, folder, options):
    environment = settings(**where)
    token = purchase("token", "--user", str(uuid.uuid4()), "--role", "admin", environment=environment).stdout.strip()
    log = f"{folder}/{engines}.log"
    # No order is given up, and the gateway takes a minute to answer nothing.
    slow = dict(environment, SAGA_TIMEOUT="86400000", PAYMENT_LATENCY="60000", PAYMENT_TIMEOUT="600000", PAYMENT_UNKNOWN_RATE="1")
    with Serving(slow, log) as server:
        client = Client(server.port, token)
        stuck = make_stuck(client, options.stuck)
        say(f"{engines}: {stuck} orders are stuck; asking")
        times = measure(client, file, options.repeat, options.seed)
    say(f"{engines}: verifying")
    with Serving(environment, log):
        said = purchase("verify", "--wait", "300", environment=environment).stdout.strip()
    say(f"{engines}: {said.splitlines()[-1]}")
    return times


def report(engines, times):
    over = []
    print(f"\n{engines}".ljust(29), f"{'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    for name, values in times.items():
        values = sorted(values)
        p50, p99 = statistics.median(values), values[min(len(values) - 1, int(len(values) * 0.99))]
        mark = "" if p50 <= BUDGET else f"   OVER {BUDGET:.0f}"
        if mark: over.append(f"{engines}: {name}")
        print(f"{name:28} {p50:8.2f} {p99:8.2f} {values[-1]:8.2f}{mark}")
    return over


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--audited", type=int, default=50_000, help="so many of them are in the audit trail")
    parser.add_argument("--engines", action="append", choices=["sqlite,embedded", "postgres,embedded"], help="both if not given")
    parser.add_argument("--repeat", type=int, default=200, help="how often each question is asked")
    parser.add_argument("--stuck", type=int, default=300, help="orders that are stuck meanwhile, at most 500")
    parser.add_argument("--seed", type=int, default=1, help="repeats the choice of orders and users")
    parser.add_argument("--data", help="folder in which the orders stay; a temporary one if not given")
    parser.add_argument("--json", help="file for every time of every question")
    options = parser.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit("million: there is no release build; run: make release")
    folder = os.path.abspath(options.data or tempfile.mkdtemp(prefix="million-"))
    os.makedirs(folder, exist_ok=True)
    # PostgreSQL's own user has to get through.
    os.chmod(folder, 0o711)
    file, every, over = f"{folder}/million.sqlite", {}, []
    try:
        fill(file, options.orders, options.audited, random.Random(options.seed))
        for engines in options.engines or ["sqlite,embedded", "postgres,embedded"]:
            if engines == "sqlite,embedded":
                # Of the stored orders a copy is used: the stuck ones should not stay.
                copy = f"{folder}/copy.sqlite"
                with sqlite3.connect(file) as source, sqlite3.connect(copy) as target: source.backup(target)
                every[engines] = on(engines, {"DATABASE_NAME": copy}, file, folder, options)
                for name in (copy, f"{copy}-wal", f"{copy}-shm"):
                    if os.path.exists(name): os.remove(name)
            else:
                with Postgres(f"{folder}/servers") as url:
                    say("moving the orders to PostgreSQL, or finding them there")
                    if not os.path.exists(f"{folder}/moved"):
                        say(purchase("import", "--from", f"sqlite:{file}", "--to", url).stdout.strip())
                        open(f"{folder}/moved", "w").close()
                    every[engines] = on(engines, {"DATABASE_TYPE": "postgres", "DATABASE_URL": url}, file, folder, options)
        print(f"{count(file):,} orders; {os.cpu_count()} cores; load average at the end {os.getloadavg()[0]:.1f}")
        for engines, times in every.items(): over += report(engines, times)
        if options.json:
            with open(options.json, "w") as out: json.dump(every, out)
    finally:
        if not options.data: shutil.rmtree(folder)
    if over: sys.exit("million: over budget: " + "; ".join(over))


main()
