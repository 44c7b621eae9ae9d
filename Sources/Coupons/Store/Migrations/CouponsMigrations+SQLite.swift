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
            """),
        Migration(
            "coupons/0002_expiry_and_jobs",
            """
            -- When the owner was warned that it expires; NULL: not yet.
            ALTER TABLE coupons_user_coupons ADD COLUMN warned_at INTEGER;

            CREATE INDEX coupons_user_coupons_expiring ON coupons_user_coupons (expires_at) WHERE status = 'ACTIVE';
            CREATE INDEX coupons_user_coupons_unwarned ON coupons_user_coupons (expires_at)
                WHERE status = 'ACTIVE' AND warned_at IS NULL;
            -- All that statistics read.
            CREATE INDEX coupons_user_coupons_counted
                ON coupons_user_coupons (coupon_id, status, issued_at, expires_at);

            -- A copy is used on one order at most, even while that is not confirmed.
            CREATE UNIQUE INDEX coupons_usage_one_a_copy ON coupons_usage (user_coupon_id);
            CREATE INDEX coupons_usage_by_time ON coupons_usage (used_at, discount, user_coupon_id)
                WHERE is_confirmed = 1;
            CREATE INDEX coupons_saga_used_by_user ON coupons_saga (user_id, subject) WHERE state = 'USED';

            CREATE TRIGGER coupons_issued_only_grows BEFORE UPDATE OF issued ON coupons_coupons
            WHEN NEW.issued < OLD.issued
            BEGIN SELECT RAISE(ABORT, 'coupons_coupons: issued never goes down'); END;

            CREATE TRIGGER coupons_used_is_used BEFORE UPDATE OF status, order_id ON coupons_user_coupons
            WHEN OLD.status = 'USED' AND (NEW.status <> 'USED' OR NEW.order_id <> OLD.order_id)
            BEGIN SELECT RAISE(ABORT, 'coupons_user_coupons: a used copy stays used'); END;

            CREATE TRIGGER coupons_copy_keeps_owner BEFORE UPDATE OF coupon_id, user_id ON coupons_user_coupons
            WHEN NEW.coupon_id <> OLD.coupon_id OR NEW.user_id <> OLD.user_id
            BEGIN SELECT RAISE(ABORT, 'coupons_user_coupons: a copy never changes hands'); END;

            -- An issue to everyone and how far it has come.
            CREATE TABLE coupons_issue_jobs (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                coupon_id BLOB NOT NULL REFERENCES coupons_coupons (id),
                state TEXT NOT NULL CHECK (state IN ('RUNNING', 'COMPLETED', 'OUT_OF_STOCK', 'STOPPED')),
                -- The code of the refusal that stopped it.
                refusal TEXT,
                -- Users there were when it began; NULL: not counted yet.
                total INTEGER CHECK (total >= 0),
                issued INTEGER NOT NULL DEFAULT 0 CHECK (issued >= 0),
                already_claimed INTEGER NOT NULL DEFAULT 0 CHECK (already_claimed >= 0),
                -- The last user it has handled, in the order of ids; NULL: none yet.
                position BLOB CHECK (length(position) = 16),
                requested_by BLOB NOT NULL CHECK (length(requested_by) = 16),
                started_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                ended_at INTEGER,
                CHECK ((state = 'RUNNING') = (ended_at IS NULL)),
                CHECK ((state = 'STOPPED') = (refusal IS NOT NULL)),
                CHECK (position IS NOT NULL OR (issued = 0 AND already_claimed = 0))
            ) STRICT, WITHOUT ROWID;
            CREATE UNIQUE INDEX coupons_issue_jobs_one_running ON coupons_issue_jobs (coupon_id)
                WHERE state = 'RUNNING';
            """),
        claimKeysOnSQLite,
    ]
}
