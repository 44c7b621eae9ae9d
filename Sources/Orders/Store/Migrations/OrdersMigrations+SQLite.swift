import SQLCore

/// The schema of this service.
public enum OrdersMigrations {
    public static let sqlite: [Migration] = [
        Migration(
            "orders/0001_orders",
            """
            CREATE TABLE orders_orders (
                subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
                state TEXT NOT NULL
                    CHECK (state IN ('PENDING', 'PROCESSING', 'CONFIRMED', 'COMPLETED', 'FAILED', 'CANCELLED')),
                settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                actor BLOB NOT NULL CHECK (length(actor) = 16),
                currency TEXT NOT NULL CHECK (length(currency) = 3),
                total INTEGER NOT NULL CHECK (total >= 0),
                discount INTEGER NOT NULL CHECK (discount >= 0),
                final INTEGER NOT NULL CHECK (final >= 0),
                coupon TEXT,
                user_coupon_id BLOB CHECK (user_coupon_id IS NULL OR length(user_coupon_id) = 16),
                ordered_at INTEGER NOT NULL,
                deadline INTEGER NOT NULL CHECK (deadline >= ordered_at),
                cause TEXT,
                refusal_code TEXT,
                refusal_parameters TEXT,
                cancel_cause TEXT,
                cancel_code TEXT,
                cancel_parameters TEXT,
                payment_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (payment_confirmed IN (0, 1)),
                inventory_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (inventory_confirmed IN (0, 1)),
                item_deducted INTEGER NOT NULL DEFAULT 0 CHECK (item_deducted IN (0, 1)),
                coupon_used INTEGER NOT NULL DEFAULT 0 CHECK (coupon_used IN (0, 1)),
                payment_rollback INTEGER NOT NULL DEFAULT 0 CHECK (payment_rollback IN (0, 1)),
                inventory_rollback INTEGER NOT NULL DEFAULT 0 CHECK (inventory_rollback IN (0, 1)),
                item_restored INTEGER NOT NULL DEFAULT 0 CHECK (item_restored IN (0, 1)),
                coupon_released INTEGER NOT NULL DEFAULT 0 CHECK (coupon_released IN (0, 1)),
                ended_at INTEGER,
                settled_at INTEGER,
                resync_count INTEGER NOT NULL DEFAULT 0 CHECK (resync_count >= 0),
                resync_at INTEGER NOT NULL,
                resynced_at INTEGER,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
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
                CHECK ((settled = 1) = (settled_at IS NOT NULL)),
                CHECK (settled = 0
                    OR (state = 'COMPLETED' AND (coupon IS NULL OR coupon_used))
                    OR (state IN ('FAILED', 'CANCELLED') AND payment_rollback AND inventory_rollback
                        AND item_restored AND (coupon IS NULL OR coupon_released)))
            ) STRICT, WITHOUT ROWID;

            CREATE INDEX orders_orders_by_user ON orders_orders (user_id, subject);
            CREATE INDEX orders_orders_by_deadline ON orders_orders (deadline)
                WHERE state IN ('PENDING', 'PROCESSING') AND cancel_cause IS NULL;
            CREATE INDEX orders_orders_by_resync ON orders_orders (resync_at) WHERE NOT settled;

            CREATE TABLE orders_lines (
                order_id BLOB NOT NULL REFERENCES orders_orders (subject),
                position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 49),
                item_id BLOB NOT NULL CHECK (length(item_id) = 16),
                name TEXT NOT NULL,
                category_id BLOB CHECK (category_id IS NULL OR length(category_id) = 16),
                unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
                quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
                PRIMARY KEY (order_id, position)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE orders_catalog (
                item_id BLOB PRIMARY KEY CHECK (length(item_id) = 16),
                name TEXT NOT NULL,
                category_id BLOB CHECK (category_id IS NULL OR length(category_id) = 16),
                price INTEGER NOT NULL CHECK (price >= 0),
                is_on_sale INTEGER NOT NULL CHECK (is_on_sale IN (0, 1)),
                revision INTEGER NOT NULL CHECK (revision >= 1)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE orders_idempotency (
                subject BLOB NOT NULL CHECK (length(subject) = 16),
                operation TEXT NOT NULL,
                key TEXT NOT NULL,
                body_hash TEXT NOT NULL,
                order_id BLOB NOT NULL CHECK (length(order_id) = 16),
                created_at INTEGER NOT NULL,
                PRIMARY KEY (subject, operation, key)
            ) STRICT, WITHOUT ROWID;
            """),
        openByDeadline, refundsSQLite,
    ]
}
