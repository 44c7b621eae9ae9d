import SQLCore

extension OrdersMigrations {
    /// For PostgreSQL, in the schema `orders`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "orders/0001_orders",
            """
            CREATE SCHEMA IF NOT EXISTS orders;

            CREATE TABLE orders.orders_orders (
                subject UUID PRIMARY KEY,
                state TEXT NOT NULL
                    CHECK (state IN ('PENDING', 'PROCESSING', 'CONFIRMED', 'COMPLETED', 'FAILED', 'CANCELLED')),
                settled BOOLEAN NOT NULL DEFAULT FALSE,
                user_id UUID NOT NULL,
                actor UUID NOT NULL,
                currency TEXT NOT NULL CHECK (length(currency) = 3),
                total BIGINT NOT NULL CHECK (total >= 0),
                discount BIGINT NOT NULL CHECK (discount >= 0),
                final BIGINT NOT NULL CHECK (final >= 0),
                coupon TEXT,
                user_coupon_id UUID,
                ordered_at BIGINT NOT NULL,
                deadline BIGINT NOT NULL CHECK (deadline >= ordered_at),
                cause TEXT,
                refusal_code TEXT,
                refusal_parameters TEXT,
                cancel_cause TEXT,
                cancel_code TEXT,
                cancel_parameters TEXT,
                payment_confirmed BOOLEAN NOT NULL DEFAULT FALSE,
                inventory_confirmed BOOLEAN NOT NULL DEFAULT FALSE,
                item_deducted BOOLEAN NOT NULL DEFAULT FALSE,
                coupon_used BOOLEAN NOT NULL DEFAULT FALSE,
                payment_rollback BOOLEAN NOT NULL DEFAULT FALSE,
                inventory_rollback BOOLEAN NOT NULL DEFAULT FALSE,
                item_restored BOOLEAN NOT NULL DEFAULT FALSE,
                coupon_released BOOLEAN NOT NULL DEFAULT FALSE,
                ended_at BIGINT,
                settled_at BIGINT,
                resync_count BIGINT NOT NULL DEFAULT 0 CHECK (resync_count >= 0),
                resync_at BIGINT NOT NULL,
                resynced_at BIGINT,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                CHECK (final = total - discount),
                CHECK (discount = 0 OR coupon IS NOT NULL),
                CHECK ((state IN ('COMPLETED', 'FAILED', 'CANCELLED')) = (ended_at IS NOT NULL)),
                CHECK ((state IN ('FAILED', 'CANCELLED')) = (cause IS NOT NULL)),
                CHECK ((cause IS NULL) = (refusal_code IS NULL) AND (cause IS NULL) = (refusal_parameters IS NULL)),
                CHECK ((cancel_cause IS NULL) = (cancel_code IS NULL)
                    AND (cancel_cause IS NULL) = (cancel_parameters IS NULL)),
                CHECK (state <> 'PENDING' OR (coupon IS NOT NULL AND cancel_cause IS NULL)),
                CHECK (state <> 'COMPLETED' OR (payment_confirmed AND inventory_confirmed AND item_deducted)),
                CHECK (coupon IS NOT NULL OR (user_coupon_id IS NULL AND NOT coupon_used AND NOT coupon_released)),
                CHECK ((settled) = (settled_at IS NOT NULL)),
                CHECK (NOT settled
                    OR (state = 'COMPLETED' AND (coupon IS NULL OR coupon_used))
                    OR (state IN ('FAILED', 'CANCELLED') AND payment_rollback AND inventory_rollback
                        AND item_restored AND (coupon IS NULL OR coupon_released)))
            );

            CREATE INDEX orders_orders_by_user ON orders_orders (user_id, subject);
            CREATE INDEX orders_orders_by_deadline ON orders_orders (deadline)
                WHERE state IN ('PENDING', 'PROCESSING') AND cancel_cause IS NULL;
            CREATE INDEX orders_orders_by_resync ON orders_orders (resync_at) WHERE NOT settled;

            CREATE TABLE orders.orders_lines (
                order_id UUID NOT NULL REFERENCES orders_orders (subject),
                position BIGINT NOT NULL CHECK (position BETWEEN 0 AND 49),
                item_id UUID NOT NULL,
                name TEXT NOT NULL,
                category_id UUID,
                unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
                quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
                PRIMARY KEY (order_id, position)
            );

            CREATE TABLE orders.orders_catalog (
                item_id UUID PRIMARY KEY,
                name TEXT NOT NULL,
                category_id UUID,
                price BIGINT NOT NULL CHECK (price >= 0),
                is_on_sale BOOLEAN NOT NULL,
                revision BIGINT NOT NULL CHECK (revision >= 1)
            );

            CREATE TABLE orders.orders_idempotency (
                subject UUID NOT NULL,
                operation TEXT NOT NULL,
                key TEXT NOT NULL,
                body_hash TEXT NOT NULL,
                order_id UUID NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (subject, operation, key)
            );
            """),
        roomPostgres, refundsPostgres, referencesPostgres,
    ]
}
