import Foundation
import PostgresAdapter
import ProcessDriver
import SQLCore

/// What can go wrong with single messages, exactly so often whatever else fails: events that lose their fields on the way to Redis, and
/// orders at which a service faults until that is mended.
///
/// For the latter each mishap is a row of the database that the transaction which suffers it takes away: one that is rolled back leaves
/// it to another.
struct Sabotage: Sendable {
    private let database: PostgresDatabase

    /// The streams on whose way events lose their fields: before the payment, at it, at the end that users are told of, and within a
    /// refund. Only such as an administrator may edit.
    static let spoiledStreams: [StaticString] = [
        ":payment.reserved:", ":payment.processed:", ":order.cancelled:", ":inventory.return.held:",
    ]
    /// States that an order can't get into before it is mended: the goods' grant, and the stock's return.
    static let poisonedStates = ["GRANTED", "RESTOCKED"]
    /// What such an order's service says.
    static let fault = "a mistake of the chaos suite"

    /// - Parameter count: how many mishaps there are of each kind.
    static func prepare(_ cluster: Cluster, count: Int) async throws -> Sabotage {
        let sabotage = Sabotage(
            database: PostgresDatabase(cluster.endpoint, PostgresSettings(poolSize: 1, acquireTimeout: .seconds(5))))
        for stream in spoiledStreams { cluster.redisProxy.spoilNext(count, to: stream) }
        for statement in statements { try await sabotage.database.outside(statement) }
        for what in poisonedStates {
            try await sabotage.database.outside(
                "INSERT INTO chaos.mishaps (what) SELECT '\(what)' FROM generate_series(1, \(count))")
        }
        return sabotage
    }

    private static let statements = [
        "CREATE SCHEMA chaos",
        "CREATE TABLE chaos.mishaps (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what TEXT NOT NULL)",
        """
        CREATE TABLE chaos.poisoned (
            subject UUID, state TEXT, mended BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (subject, state))
        """,
        // Nobody waits for a transaction that has one and stands still.
        """
        CREATE FUNCTION chaos.takes(asked TEXT) RETURNS BOOLEAN LANGUAGE sql AS $$
            WITH taken AS (
                DELETE FROM chaos.mishaps WHERE id = (
                    SELECT id FROM chaos.mishaps WHERE what = asked ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING 1)
            SELECT EXISTS (SELECT FROM taken)
        $$
        """,
        // Chosen where the order's payment goes on, committed before the service that will fault hears of it.
        """
        CREATE FUNCTION chaos.poison() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        DECLARE trap TEXT := CASE NEW.state WHEN 'CAPTURED' THEN 'GRANTED' ELSE 'RESTOCKED' END;
        BEGIN
            IF chaos.takes(trap) THEN
                INSERT INTO chaos.poisoned (subject, state) VALUES (NEW.subject, trap) ON CONFLICT DO NOTHING;
            END IF;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER chaos_poison AFTER UPDATE ON payments.payments_saga FOR EACH ROW
            WHEN ((OLD.state = 'PROCESSING' AND NEW.state = 'CAPTURED')
                OR (OLD.state = 'REFUNDING' AND NEW.state = 'REFUNDED'))
            EXECUTE FUNCTION chaos.poison()
        """,
        """
        CREATE FUNCTION chaos.trap() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM chaos.poisoned AS p
                WHERE p.subject = NEW.subject AND p.state = NEW.state AND NOT p.mended) THEN
                RAISE EXCEPTION '\(fault)';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER chaos_trap BEFORE UPDATE ON inventory.inventory_saga FOR EACH ROW
            WHEN (NEW.state = 'GRANTED' AND OLD.state = 'HELD') EXECUTE FUNCTION chaos.trap()
        """,
        """
        CREATE TRIGGER chaos_trap BEFORE UPDATE ON items.items_saga FOR EACH ROW
            WHEN (NEW.state = 'RESTOCKED' AND OLD.state = 'SOLD') EXECUTE FUNCTION chaos.trap()
        """,
    ]

    /// The fields that its producer wrote into an event, while that is kept; `nil` if it is not any more.
    func fields(of event: String) async throws -> String? {
        guard let id = UUID(uuidString: event) else { return nil }
        return try await answered { database in
            try await database.read {
                try $0.first("SELECT data FROM saga.saga_outbox WHERE id = \(id) LIMIT 1")?.text("data")
            }
        }
    }

    /// Mends whatever is wrong with an order.
    func mend(_ order: String) async throws {
        guard let id = UUID(uuidString: order) else { return }
        try await answered { database in
            try await database.write { transaction in
                _ = try transaction.execute("UPDATE chaos.poisoned SET mended = TRUE WHERE subject = \(id)")
            }
        }
    }

    /// Asks until the server, which is restarted now and then, answers.
    private func answered<Result: Sendable>(
        _ body: (PostgresDatabase) async throws -> Result
    ) async throws -> Result {
        try await waiting(for: "an answer of PostgreSQL", within: .seconds(60), every: .milliseconds(200)) {
            do { return try await body(database) } catch let error as SQLError where error.code == .unavailable {
                return nil
            }
        }
    }

    /// How many orders were poisoned.
    func poisonedCount() async throws -> Int {
        try await answered { database in
            try await database.read { try $0.first("SELECT COUNT(*) AS n FROM chaos.poisoned")?.int("n") ?? 0 }
        }
    }

    func close() { database.close() }
}
