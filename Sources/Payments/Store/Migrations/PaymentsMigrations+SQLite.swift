import SQLCore

/// The schema of Payments.
public enum PaymentsMigrations {
    /// For SQLite, in order.
    public static let sqlite: [Migration] = [
        Migration(
            "payments/0001_payments",
            """
            CREATE TABLE payments_saga (
                subject BLOB PRIMARY KEY NOT NULL CHECK (length(subject) = 16),
                state TEXT NOT NULL CHECK (state IN ('PROCESSING', 'CAPTURED', 'DECLINED', 'REFUNDED', 'TOMB')),
                settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                amount INTEGER NOT NULL CHECK (amount >= 0),
                currency TEXT NOT NULL CHECK (length(currency) = 3),
                facts TEXT NOT NULL,
                caused_by BLOB CHECK (caused_by IS NULL OR length(caused_by) = 16),
                phase TEXT NOT NULL DEFAULT 'charge' CHECK (phase IN ('charge', 'refund')),
                attempted INTEGER NOT NULL DEFAULT 0 CHECK (attempted IN (0, 1)),
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                next_attempt_at INTEGER,
                cancel_cause TEXT,
                cancel_code TEXT,
                cancel_parameters TEXT,
                gateway_reference TEXT,
                captured_amount INTEGER NOT NULL DEFAULT 0 CHECK (captured_amount IN (0, amount)),
                refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND captured_amount),
                failure_code TEXT,
                last_answer TEXT,
                decided_at INTEGER,

                -- Due for the gateway, or decided.
                CHECK ((state = 'PROCESSING') = (next_attempt_at IS NOT NULL)),
                CHECK ((state = 'PROCESSING') = (decided_at IS NULL)),
                -- A cancel flag is whole.
                CHECK ((cancel_cause IS NULL) = (cancel_code IS NULL)),
                CHECK ((cancel_cause IS NULL) = (cancel_parameters IS NULL)),
                -- The gateway was asked before anything was captured or declined; nothing to pay is never asked.
                CHECK (attempted = 1 OR attempts = 0),
                CHECK (attempted = 1 OR captured_amount = 0 OR amount = 0),
                CHECK (attempted = 1 OR state <> 'DECLINED'),
                CHECK (attempted = 0 OR amount > 0),
                -- A tombstone was never asked for, and somebody wanted it.
                CHECK (state <> 'TOMB' OR (attempted = 0 AND cancel_cause IS NOT NULL)),
                -- The whole amount was captured and kept, or captured and given back, or never captured.
                CHECK (state <> 'CAPTURED' OR (captured_amount = amount AND refunded_amount = 0)),
                CHECK (state <> 'REFUNDED' OR (captured_amount = amount AND refunded_amount = amount)),
                CHECK (state NOT IN ('DECLINED', 'TOMB') OR captured_amount = 0),
                CHECK (captured_amount = 0 OR gateway_reference IS NOT NULL),
                -- Money on its way back was captured, and somebody had asked to cancel.
                CHECK (phase = 'charge' OR (captured_amount = amount AND cancel_cause IS NOT NULL)),
                CHECK (state <> 'PROCESSING' OR captured_amount = 0 OR phase = 'refund'),
                CHECK (state NOT IN ('DECLINED', 'TOMB') OR failure_code IS NOT NULL)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX payments_saga_due ON payments_saga (next_attempt_at) WHERE state = 'PROCESSING';

            -- The book of the simulated gateway: as durable as a real one's, and read by nothing but it and the checks.
            CREATE TABLE gateway_charges (
                key TEXT PRIMARY KEY NOT NULL,
                order_id BLOB NOT NULL UNIQUE CHECK (length(order_id) = 16),
                amount INTEGER NOT NULL CHECK (amount > 0),
                outcome TEXT NOT NULL CHECK (outcome IN ('captured', 'declined')),
                reference TEXT UNIQUE,
                refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND amount),
                refund_key TEXT UNIQUE,
                at INTEGER NOT NULL,
                CHECK ((outcome = 'captured') = (reference IS NOT NULL)),
                CHECK (outcome = 'captured' OR refunded_amount = 0),
                CHECK ((refunded_amount = 0) = (refund_key IS NULL))
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            "payments/0002_charges_by_key",
            """
            -- The same book with what is seldom there (the key of a refund) in an index of its own.
            CREATE TABLE gateway_book (
                key TEXT PRIMARY KEY NOT NULL,
                order_id BLOB NOT NULL CHECK (length(order_id) = 16),
                amount INTEGER NOT NULL CHECK (amount > 0),
                outcome TEXT NOT NULL CHECK (outcome IN ('captured', 'declined')),
                reference TEXT,
                refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND amount),
                refund_key TEXT,
                at INTEGER NOT NULL,
                CHECK ((outcome = 'captured') = (reference IS NOT NULL)),
                CHECK (outcome = 'captured' OR refunded_amount = 0),
                CHECK ((refunded_amount = 0) = (refund_key IS NULL))
            ) STRICT, WITHOUT ROWID;
            INSERT INTO gateway_book (key, order_id, amount, outcome, reference, refunded_amount, refund_key, at)
            SELECT key, order_id, amount, outcome, reference, refunded_amount, refund_key, at FROM gateway_charges;
            DROP TABLE gateway_charges;
            ALTER TABLE gateway_book RENAME TO gateway_charges;
            CREATE UNIQUE INDEX gateway_charges_by_order ON gateway_charges (order_id);
            CREATE UNIQUE INDEX gateway_charges_by_reference ON gateway_charges (reference) WHERE reference IS NOT NULL;
            CREATE UNIQUE INDEX gateway_charges_by_refund ON gateway_charges (refund_key) WHERE refund_key IS NOT NULL;
            """),
        gatewayEventsSQLite,
        trace, refundsSQLite,
    ]
}
