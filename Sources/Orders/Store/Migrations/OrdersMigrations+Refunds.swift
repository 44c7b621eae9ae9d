import SQLCore

extension OrdersMigrations {
    private static let refundsName = "orders/0003_refunds"

    /// SQLite changes no CHECK of a table: orders and what refers to them are written anew.
    static let refundsSQLite = Migration(
        refundsName,
        """
        CREATE TABLE orders_orders_new (
            subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
            state TEXT NOT NULL CHECK (state IN
                ('PENDING', 'PROCESSING', 'CONFIRMED', 'COMPLETED', 'FAILED', 'CANCELLED', 'REFUNDED')),
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
            -- The last refund, and whether it is open.
            refund_id BLOB CHECK (refund_id IS NULL OR length(refund_id) = 16),
            refund_open INTEGER NOT NULL DEFAULT 0 CHECK (refund_open IN (0, 1)),
            CHECK (final = total - discount),
            CHECK (discount = 0 OR coupon IS NOT NULL),
            CHECK ((state IN ('COMPLETED', 'FAILED', 'CANCELLED', 'REFUNDED')) = (ended_at IS NOT NULL)),
            CHECK ((state IN ('FAILED', 'CANCELLED')) = (cause IS NOT NULL)),
            CHECK ((cause IS NULL) = (refusal_code IS NULL) AND (cause IS NULL) = (refusal_parameters IS NULL)),
            CHECK ((cancel_cause IS NULL) = (cancel_code IS NULL)
                AND (cancel_cause IS NULL) = (cancel_parameters IS NULL)),
            CHECK (state <> 'PENDING' OR (coupon IS NOT NULL AND cancel_cause IS NULL)),
            CHECK (state NOT IN ('COMPLETED', 'REFUNDED')
                OR (payment_confirmed AND inventory_confirmed AND item_deducted)),
            CHECK (coupon IS NOT NULL OR (user_coupon_id IS NULL AND NOT coupon_used AND NOT coupon_released)),
            CHECK ((settled = 1) = (settled_at IS NOT NULL)),
            CHECK (settled = 0
                OR (state IN ('COMPLETED', 'REFUNDED') AND refund_open = 0 AND (coupon IS NULL OR coupon_used))
                OR (state IN ('FAILED', 'CANCELLED') AND payment_rollback AND inventory_rollback
                    AND item_restored AND (coupon IS NULL OR coupon_released))),
            -- Only what is completed is refunded, and what is refunded has its refund.
            CHECK (refund_open = 0 OR (state = 'COMPLETED' AND refund_id IS NOT NULL)),
            CHECK (refund_id IS NULL OR state IN ('COMPLETED', 'REFUNDED')),
            CHECK (state <> 'REFUNDED' OR refund_id IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO orders_orders_new (subject, state, settled, user_id, actor, currency, total, discount, final, coupon,
                user_coupon_id, ordered_at, deadline, cause, refusal_code, refusal_parameters, cancel_cause, cancel_code,
                cancel_parameters, payment_confirmed, inventory_confirmed, item_deducted, coupon_used, payment_rollback,
                inventory_rollback, item_restored, coupon_released, ended_at, settled_at, resync_count, resync_at,
                resynced_at, created_at, updated_at)
            SELECT subject, state, settled, user_id, actor, currency, total, discount, final, coupon,
                user_coupon_id, ordered_at, deadline, cause, refusal_code, refusal_parameters, cancel_cause, cancel_code,
                cancel_parameters, payment_confirmed, inventory_confirmed, item_deducted, coupon_used, payment_rollback,
                inventory_rollback, item_restored, coupon_released, ended_at, settled_at, resync_count, resync_at,
                resynced_at, created_at, updated_at
            FROM orders_orders;
        CREATE TABLE orders_lines_new (
            order_id BLOB NOT NULL REFERENCES orders_orders_new (subject),
            position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 49),
            item_id BLOB NOT NULL CHECK (length(item_id) = 16),
            name TEXT NOT NULL,
            category_id BLOB CHECK (category_id IS NULL OR length(category_id) = 16),
            unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
            quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
            PRIMARY KEY (order_id, position)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO orders_lines_new (order_id, position, item_id, name, category_id, unit_price, quantity)
            SELECT order_id, position, item_id, name, category_id, unit_price, quantity FROM orders_lines;
        DROP TABLE orders_lines;
        DROP TABLE orders_orders;
        ALTER TABLE orders_orders_new RENAME TO orders_orders;
        ALTER TABLE orders_lines_new RENAME TO orders_lines;
        CREATE INDEX orders_orders_by_user ON orders_orders (user_id, subject);
        CREATE INDEX orders_orders_by_deadline ON orders_orders (deadline) WHERE NOT settled;
        CREATE INDEX orders_orders_by_resync ON orders_orders (resync_at) WHERE NOT settled;

        CREATE TABLE orders_refunds (
            refund_id BLOB PRIMARY KEY NOT NULL CHECK (length(refund_id) = 16),
            order_id BLOB NOT NULL REFERENCES orders_orders (subject),
            state TEXT NOT NULL CHECK (state IN ('OPEN', 'REFUNDED', 'FAILED')),
            reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
            actor BLOB NOT NULL CHECK (length(actor) = 16),
            goods_returned INTEGER NOT NULL DEFAULT 0 CHECK (goods_returned IN (0, 1)),
            stock_restocked INTEGER NOT NULL DEFAULT 0 CHECK (stock_restocked IN (0, 1)),
            wallet_credited INTEGER NOT NULL DEFAULT 0 CHECK (wallet_credited IN (0, 1)),
            refusal_code TEXT,
            refusal_parameters TEXT,
            opened_at INTEGER NOT NULL,
            closed_at INTEGER,
            updated_at INTEGER NOT NULL,
            CHECK ((state = 'OPEN') = (closed_at IS NULL)),
            CHECK ((state = 'FAILED') = (refusal_code IS NOT NULL)),
            CHECK ((refusal_code IS NULL) = (refusal_parameters IS NULL)),
            CHECK (state <> 'REFUNDED' OR (goods_returned AND stock_restocked AND wallet_credited)),
            CHECK (state <> 'FAILED' OR NOT (goods_returned OR stock_restocked OR wallet_credited))
        ) STRICT, WITHOUT ROWID;
        -- One at a time, and none after one that succeeded.
        CREATE UNIQUE INDEX orders_refunds_by_order ON orders_refunds (order_id) WHERE state IN ('OPEN', 'REFUNDED');
        ALTER TABLE orders_idempotency ADD COLUMN refund_id BLOB;
        """)

    /// The same for PostgreSQL: the checks that speak of COMPLETED now speak of REFUNDED, too.
    static let refundsPostgres = Migration(
        refundsName,
        """
        ALTER TABLE orders.orders_orders
            DROP CONSTRAINT orders_orders_state_check, DROP CONSTRAINT orders_orders_check3,
            DROP CONSTRAINT orders_orders_check8, DROP CONSTRAINT orders_orders_check11,
            -- The last refund, and whether it is open.
            ADD COLUMN refund_id UUID,
            ADD COLUMN refund_open BOOLEAN NOT NULL DEFAULT FALSE,
            ADD CONSTRAINT orders_orders_state_check CHECK (state IN
                ('PENDING', 'PROCESSING', 'CONFIRMED', 'COMPLETED', 'FAILED', 'CANCELLED', 'REFUNDED')),
            ADD CONSTRAINT orders_orders_ended_check
                CHECK ((state IN ('COMPLETED', 'FAILED', 'CANCELLED', 'REFUNDED')) = (ended_at IS NOT NULL)),
            ADD CONSTRAINT orders_orders_completed_check CHECK (state NOT IN ('COMPLETED', 'REFUNDED')
                OR (payment_confirmed AND inventory_confirmed AND item_deducted)),
            ADD CONSTRAINT orders_orders_settled_check CHECK (NOT settled
                OR (state IN ('COMPLETED', 'REFUNDED') AND NOT refund_open AND (coupon IS NULL OR coupon_used))
                OR (state IN ('FAILED', 'CANCELLED') AND payment_rollback AND inventory_rollback
                    AND item_restored AND (coupon IS NULL OR coupon_released))),
            -- Only what is completed is refunded, and what is refunded has its refund.
            ADD CONSTRAINT orders_orders_refund_open_check
                CHECK (NOT refund_open OR (state = 'COMPLETED' AND refund_id IS NOT NULL)),
            ADD CONSTRAINT orders_orders_refund_check
                CHECK (refund_id IS NULL OR state IN ('COMPLETED', 'REFUNDED')),
            ADD CONSTRAINT orders_orders_refunded_check CHECK (state <> 'REFUNDED' OR refund_id IS NOT NULL);

        CREATE TABLE orders.orders_refunds (
            refund_id UUID PRIMARY KEY,
            order_id UUID NOT NULL REFERENCES orders_orders (subject),
            state TEXT NOT NULL CHECK (state IN ('OPEN', 'REFUNDED', 'FAILED')),
            reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
            actor UUID NOT NULL,
            goods_returned BOOLEAN NOT NULL DEFAULT FALSE,
            stock_restocked BOOLEAN NOT NULL DEFAULT FALSE,
            wallet_credited BOOLEAN NOT NULL DEFAULT FALSE,
            refusal_code TEXT,
            refusal_parameters TEXT,
            opened_at BIGINT NOT NULL,
            closed_at BIGINT,
            updated_at BIGINT NOT NULL,
            CHECK ((state = 'OPEN') = (closed_at IS NULL)),
            CHECK ((state = 'FAILED') = (refusal_code IS NOT NULL)),
            CHECK ((refusal_code IS NULL) = (refusal_parameters IS NULL)),
            CHECK (state <> 'REFUNDED' OR (goods_returned AND stock_restocked AND wallet_credited)),
            CHECK (state <> 'FAILED' OR NOT (goods_returned OR stock_restocked OR wallet_credited))
        );
        -- One at a time, and none after one that succeeded.
        CREATE UNIQUE INDEX orders_refunds_by_order ON orders.orders_refunds (order_id)
            WHERE state IN ('OPEN', 'REFUNDED');
        ALTER TABLE orders.orders_idempotency ADD COLUMN refund_id UUID;
        """)
}
