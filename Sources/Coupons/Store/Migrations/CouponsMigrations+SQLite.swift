import SQLCore

/// The tables of this service.
public enum CouponsMigrations {
    public static let sqlite: [Migration] = [
        Migration(
            "coupons/0001_coupons",
            """
            CREATE TABLE coupons_coupons (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                -- Lower case, so that UNIQUE is without regard to case.
                code TEXT UNIQUE CHECK (code = lower(code) AND length(code) > 0),
                discount_type TEXT NOT NULL CHECK (discount_type IN ('PERCENTAGE', 'FIXED_AMOUNT')),
                -- Basis points of a PERCENTAGE, minor units of a FIXED_AMOUNT.
                discount_value INTEGER NOT NULL CHECK (discount_value > 0),
                max_discount_amount INTEGER CHECK (max_discount_amount > 0),
                min_order_amount INTEGER NOT NULL CHECK (min_order_amount >= 0),
                applicable_type TEXT NOT NULL CHECK (applicable_type IN ('ALL', 'CATEGORY', 'ITEM')),
                applicable_targets TEXT NOT NULL,
                total_quantity INTEGER NOT NULL CHECK (total_quantity > 0),
                issued INTEGER NOT NULL DEFAULT 0,
                validity_type TEXT NOT NULL CHECK (validity_type IN ('RELATIVE', 'ABSOLUTE')),
                validity_days INTEGER CHECK (validity_days > 0),
                valid_from INTEGER,
                valid_until INTEGER,
                is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
                created_by BLOB NOT NULL CHECK (length(created_by) = 16),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                CHECK (issued >= 0 AND issued <= total_quantity),
                CHECK (discount_type <> 'PERCENTAGE' OR discount_value <= 10000),
                CHECK (discount_type = 'PERCENTAGE' OR max_discount_amount IS NULL),
                CHECK ((validity_type = 'RELATIVE') = (validity_days IS NOT NULL)),
                CHECK ((validity_type = 'ABSOLUTE') = (valid_from IS NOT NULL AND valid_until IS NOT NULL)),
                CHECK (valid_from < valid_until)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE coupons_user_coupons (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                coupon_id BLOB NOT NULL REFERENCES coupons_coupons (id),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'HELD', 'USED', 'EXPIRED')),
                valid_from INTEGER,
                expires_at INTEGER NOT NULL,
                issued_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                -- The one order that holds or used it; an order has at most one.
                order_id BLOB UNIQUE CHECK (length(order_id) = 16),
                UNIQUE (coupon_id, user_id),
                CHECK ((status IN ('HELD', 'USED')) = (order_id IS NOT NULL))
            ) STRICT, WITHOUT ROWID;

            CREATE INDEX coupons_user_coupons_by_user ON coupons_user_coupons (user_id, expires_at);

            CREATE TABLE coupons_saga (
                subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'USED', 'TOMB')),
                settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                user_coupon_id BLOB REFERENCES coupons_user_coupons (id),
                -- Minor units, of a copy that is or was held.
                discount INTEGER CHECK (discount > 0),
                CHECK ((state IN ('HELD', 'RELEASED', 'USED')) = (user_coupon_id IS NOT NULL AND discount IS NOT NULL))
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE coupons_usage (
                order_id BLOB PRIMARY KEY REFERENCES coupons_saga (subject),
                user_coupon_id BLOB NOT NULL REFERENCES coupons_user_coupons (id),
                original INTEGER NOT NULL CHECK (original >= 0),
                discount INTEGER NOT NULL CHECK (discount > 0),
                final INTEGER NOT NULL CHECK (final >= 0),
                used_at INTEGER NOT NULL,
                is_confirmed INTEGER NOT NULL CHECK (is_confirmed IN (0, 1)),
                CHECK (final = original - discount)
            ) STRICT, WITHOUT ROWID;
            """)
    ]
}
