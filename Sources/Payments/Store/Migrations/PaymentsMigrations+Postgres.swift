import SQLCore

extension PaymentsMigrations {
    /// For PostgreSQL, in the schema `payments`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "payments/0001_payments",
            """
            CREATE SCHEMA IF NOT EXISTS payments;

            CREATE TABLE payments.payments_saga (
                subject UUID PRIMARY KEY NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('PROCESSING', 'CAPTURED', 'DECLINED', 'REFUNDED', 'TOMB')),
                settled BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                user_id UUID NOT NULL,
                amount BIGINT NOT NULL CHECK (amount >= 0),
                currency TEXT NOT NULL CHECK (length(currency) = 3),
                facts TEXT NOT NULL,
                caused_by UUID,
                phase TEXT NOT NULL DEFAULT 'charge' CHECK (phase IN ('charge', 'refund')),
                attempted BOOLEAN NOT NULL DEFAULT FALSE,
                attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                next_attempt_at BIGINT,
                cancel_cause TEXT,
                cancel_code TEXT,
                cancel_parameters TEXT,
                gateway_reference TEXT,
                captured_amount BIGINT NOT NULL DEFAULT 0 CHECK (captured_amount IN (0, amount)),
                refunded_amount BIGINT NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND captured_amount),
                failure_code TEXT,
                last_answer TEXT,
                decided_at BIGINT,

                -- Due for the gateway, or decided.
                CHECK ((state = 'PROCESSING') = (next_attempt_at IS NOT NULL)),
                CHECK ((state = 'PROCESSING') = (decided_at IS NULL)),
                -- A cancel flag is whole.
                CHECK ((cancel_cause IS NULL) = (cancel_code IS NULL)),
                CHECK ((cancel_cause IS NULL) = (cancel_parameters IS NULL)),
                -- The gateway was asked before anything was captured or declined; nothing to pay is never asked.
                CHECK (attempted OR attempts = 0),
                CHECK (attempted OR captured_amount = 0 OR amount = 0),
                CHECK (attempted OR state <> 'DECLINED'),
                CHECK (NOT attempted OR amount > 0),
                -- A tombstone was never asked for, and somebody wanted it.
                CHECK (state <> 'TOMB' OR (NOT attempted AND cancel_cause IS NOT NULL)),
                -- The whole amount was captured and kept, or captured and given back, or never captured.
                CHECK (state <> 'CAPTURED' OR (captured_amount = amount AND refunded_amount = 0)),
                CHECK (state <> 'REFUNDED' OR (captured_amount = amount AND refunded_amount = amount)),
                CHECK (state NOT IN ('DECLINED', 'TOMB') OR captured_amount = 0),
                CHECK (captured_amount = 0 OR gateway_reference IS NOT NULL),
                -- Money on its way back was captured, and somebody had asked to cancel.
                CHECK (phase = 'charge' OR (captured_amount = amount AND cancel_cause IS NOT NULL)),
                CHECK (state <> 'PROCESSING' OR captured_amount = 0 OR phase = 'refund'),
                CHECK (state NOT IN ('DECLINED', 'TOMB') OR failure_code IS NOT NULL)
            );
            CREATE INDEX payments_saga_due ON payments_saga (next_attempt_at) WHERE state = 'PROCESSING';

            -- The book of the simulated gateway: as durable as a real one's, and read by nothing but it and the checks.
            CREATE TABLE payments.gateway_charges (
                key TEXT PRIMARY KEY NOT NULL,
                order_id UUID NOT NULL,
                amount BIGINT NOT NULL CHECK (amount > 0),
                outcome TEXT NOT NULL CHECK (outcome IN ('captured', 'declined')),
                reference TEXT,
                refunded_amount BIGINT NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND amount),
                refund_key TEXT,
                at BIGINT NOT NULL,
                CHECK ((outcome = 'captured') = (reference IS NOT NULL)),
                CHECK (outcome = 'captured' OR refunded_amount = 0),
                CHECK ((refunded_amount = 0) = (refund_key IS NULL))
            );
            CREATE UNIQUE INDEX gateway_charges_by_order ON gateway_charges (order_id);
            CREATE UNIQUE INDEX gateway_charges_by_reference ON gateway_charges (reference) WHERE reference IS NOT NULL;
            CREATE UNIQUE INDEX gateway_charges_by_refund ON gateway_charges (refund_key) WHERE refund_key IS NOT NULL;
            """),
        gatewayEventsPostgres, trace, roomPostgres, refundsPostgres,
    ]
}
