import SQLCore

extension PaymentsMigrations {
    /// SQLite changes no CHECK of a table: the state row is written anew.
    static let refundsSQLite = Migration(
        "payments/0005_refunds",
        """
        CREATE TABLE payments_saga_new (
            subject BLOB PRIMARY KEY NOT NULL CHECK (length(subject) = 16),
            state TEXT NOT NULL
                CHECK (state IN ('PROCESSING', 'CAPTURED', 'DECLINED', 'REFUNDED', 'TOMB', 'REFUNDING')),
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
            book TEXT NOT NULL DEFAULT 'here' CHECK (book IN ('here', 'elsewhere')),
            traceparent TEXT,

            CHECK ((state = 'PROCESSING') = (next_attempt_at IS NOT NULL)),
            CHECK ((state = 'PROCESSING') = (decided_at IS NULL)),
            CHECK ((cancel_cause IS NULL) = (cancel_code IS NULL)),
            CHECK ((cancel_cause IS NULL) = (cancel_parameters IS NULL)),
            CHECK (attempted = 1 OR attempts = 0),
            CHECK (attempted = 1 OR captured_amount = 0 OR amount = 0),
            CHECK (attempted = 1 OR state <> 'DECLINED'),
            CHECK (attempted = 0 OR amount > 0),
            CHECK (state <> 'TOMB' OR (attempted = 0 AND cancel_cause IS NOT NULL)),
            CHECK (state NOT IN ('CAPTURED', 'REFUNDING') OR (captured_amount = amount AND refunded_amount = 0)),
            CHECK (state <> 'REFUNDED' OR (captured_amount = amount AND refunded_amount = amount)),
            CHECK (state NOT IN ('DECLINED', 'TOMB') OR captured_amount = 0),
            CHECK (captured_amount = 0 OR gateway_reference IS NOT NULL),
            CHECK (phase = 'charge' OR (captured_amount = amount AND cancel_cause IS NOT NULL)),
            CHECK (state <> 'PROCESSING' OR captured_amount = 0 OR phase = 'refund'),
            CHECK (state NOT IN ('DECLINED', 'TOMB') OR failure_code IS NOT NULL),
            -- While a refund is open the order is not settled; there is nothing to ask for where nothing was paid.
            CHECK (state <> 'REFUNDING' OR (settled = 0 AND amount > 0))
        ) STRICT, WITHOUT ROWID;
        INSERT INTO payments_saga_new (subject, state, settled, created_at, updated_at, user_id, amount, currency, facts,
                caused_by, phase, attempted, attempts, next_attempt_at, cancel_cause, cancel_code, cancel_parameters,
                gateway_reference, captured_amount, refunded_amount, failure_code, last_answer, decided_at, book,
                traceparent)
            SELECT subject, state, settled, created_at, updated_at, user_id, amount, currency, facts,
                caused_by, phase, attempted, attempts, next_attempt_at, cancel_cause, cancel_code, cancel_parameters,
                gateway_reference, captured_amount, refunded_amount, failure_code, last_answer, decided_at, book,
                traceparent
            FROM payments_saga;
        DROP TABLE payments_saga;
        ALTER TABLE payments_saga_new RENAME TO payments_saga;
        CREATE INDEX payments_saga_due ON payments_saga (next_attempt_at) WHERE state = 'PROCESSING';

        -- One row a refund; an order's money is on its way back, or went, for one refund at most.
        CREATE TABLE payments_refunds (
            refund_id BLOB PRIMARY KEY NOT NULL CHECK (length(refund_id) = 16),
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            state TEXT NOT NULL CHECK (state IN ('REFUNDING', 'REFUNDED', 'REFUSED')),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            next_attempt_at INTEGER,
            caused_by BLOB CHECK (caused_by IS NULL OR length(caused_by) = 16),
            traceparent TEXT,
            last_answer TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            decided_at INTEGER,
            CHECK ((state = 'REFUNDING') = (next_attempt_at IS NOT NULL)),
            CHECK ((state = 'REFUNDING') = (decided_at IS NULL)),
            CHECK (state <> 'REFUSED' OR attempts > 0)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX payments_refunds_by_order ON payments_refunds (order_id)
            WHERE state IN ('REFUNDING', 'REFUNDED');
        CREATE INDEX payments_refunds_of_order ON payments_refunds (order_id);
        CREATE INDEX payments_refunds_due ON payments_refunds (next_attempt_at) WHERE state = 'REFUNDING';
        """)

    /// The same for PostgreSQL.
    static let refundsPostgres = Migration(
        "payments/0006_refunds",
        """
        ALTER TABLE payments.payments_saga DROP CONSTRAINT payments_saga_state_check;
        ALTER TABLE payments.payments_saga ADD CONSTRAINT payments_saga_state_check
            CHECK (state IN ('PROCESSING', 'CAPTURED', 'DECLINED', 'REFUNDED', 'TOMB', 'REFUNDING'));
        ALTER TABLE payments.payments_saga ADD CONSTRAINT payments_saga_refunding_check
            CHECK (state <> 'REFUNDING'
                OR (NOT settled AND amount > 0 AND captured_amount = amount AND refunded_amount = 0));

        CREATE TABLE payments.payments_refunds (
            refund_id UUID PRIMARY KEY,
            order_id UUID NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('REFUNDING', 'REFUNDED', 'REFUSED')),
            attempts BIGINT NOT NULL CHECK (attempts >= 0),
            next_attempt_at BIGINT,
            caused_by UUID,
            traceparent TEXT,
            last_answer TEXT,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            decided_at BIGINT,
            CHECK ((state = 'REFUNDING') = (next_attempt_at IS NOT NULL)),
            CHECK ((state = 'REFUNDING') = (decided_at IS NULL)),
            CHECK (state <> 'REFUSED' OR attempts > 0)
        );
        CREATE UNIQUE INDEX payments_refunds_by_order ON payments.payments_refunds (order_id)
            WHERE state IN ('REFUNDING', 'REFUNDED');
        CREATE INDEX payments_refunds_of_order ON payments.payments_refunds (order_id);
        CREATE INDEX payments_refunds_due ON payments.payments_refunds (next_attempt_at) WHERE state = 'REFUNDING';
        """)
}
