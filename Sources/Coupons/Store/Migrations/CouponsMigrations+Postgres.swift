import SQLCore

extension CouponsMigrations {
    /// For PostgreSQL, in the schema `coupons`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "coupons/0001_coupons",
            """
            CREATE SCHEMA IF NOT EXISTS coupons;

            CREATE TABLE coupons.coupons_coupons (
                id UUID PRIMARY KEY,
                -- Lower case, so that UNIQUE is without regard to case.
                code TEXT UNIQUE CHECK (code = lower(code) AND length(code) > 0),
                discount_type TEXT NOT NULL CHECK (discount_type IN ('PERCENTAGE', 'FIXED_AMOUNT')),
                -- Basis points of a PERCENTAGE, minor units of a FIXED_AMOUNT.
                discount_value BIGINT NOT NULL CHECK (discount_value > 0),
                max_discount_amount BIGINT CHECK (max_discount_amount > 0),
                min_order_amount BIGINT NOT NULL CHECK (min_order_amount >= 0),
                applicable_type TEXT NOT NULL CHECK (applicable_type IN ('ALL', 'CATEGORY', 'ITEM')),
                applicable_targets TEXT NOT NULL,
                total_quantity BIGINT NOT NULL CHECK (total_quantity > 0),
                issued BIGINT NOT NULL DEFAULT 0,
                validity_type TEXT NOT NULL CHECK (validity_type IN ('RELATIVE', 'ABSOLUTE')),
                validity_days BIGINT CHECK (validity_days > 0),
                valid_from BIGINT,
                valid_until BIGINT,
                is_active BOOLEAN NOT NULL,
                created_by UUID NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                CHECK (issued >= 0 AND issued <= total_quantity),
                CHECK (discount_type <> 'PERCENTAGE' OR discount_value <= 10000),
                CHECK (discount_type = 'PERCENTAGE' OR max_discount_amount IS NULL),
                CHECK ((validity_type = 'RELATIVE') = (validity_days IS NOT NULL)),
                CHECK ((validity_type = 'ABSOLUTE') = (valid_from IS NOT NULL AND valid_until IS NOT NULL)),
                CHECK (valid_from < valid_until)
            );

            CREATE TABLE coupons.coupons_user_coupons (
                id UUID PRIMARY KEY,
                coupon_id UUID NOT NULL REFERENCES coupons_coupons (id),
                user_id UUID NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'HELD', 'USED', 'EXPIRED')),
                valid_from BIGINT,
                expires_at BIGINT NOT NULL,
                issued_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                -- When the owner was warned that it expires; NULL: not yet.
                warned_at BIGINT,
                -- The one order that holds or used it; an order has at most one.
                order_id UUID UNIQUE,
                UNIQUE (coupon_id, user_id),
                CHECK ((status IN ('HELD', 'USED')) = (order_id IS NOT NULL))
            );

            CREATE INDEX coupons_user_coupons_by_user ON coupons_user_coupons (user_id, expires_at);

            CREATE TABLE coupons.coupons_saga (
                subject UUID PRIMARY KEY,
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'USED', 'TOMB')),
                settled BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                user_id UUID NOT NULL,
                user_coupon_id UUID REFERENCES coupons_user_coupons (id),
                -- Minor units, of a copy that is or was held.
                discount BIGINT CHECK (discount > 0),
                CHECK ((state IN ('HELD', 'RELEASED', 'USED')) = (user_coupon_id IS NOT NULL AND discount IS NOT NULL))
            );

            CREATE TABLE coupons.coupons_usage (
                order_id UUID PRIMARY KEY REFERENCES coupons_saga (subject),
                user_coupon_id UUID NOT NULL REFERENCES coupons_user_coupons (id),
                original BIGINT NOT NULL CHECK (original >= 0),
                discount BIGINT NOT NULL CHECK (discount > 0),
                final BIGINT NOT NULL CHECK (final >= 0),
                used_at BIGINT NOT NULL,
                is_confirmed BOOLEAN NOT NULL,
                CHECK (final = original - discount)
            );

            CREATE INDEX coupons_user_coupons_expiring ON coupons_user_coupons (expires_at) WHERE status = 'ACTIVE';
            CREATE INDEX coupons_user_coupons_unwarned ON coupons_user_coupons (expires_at)
                WHERE status = 'ACTIVE' AND warned_at IS NULL;
            -- All that statistics read.
            CREATE INDEX coupons_user_coupons_counted
                ON coupons_user_coupons (coupon_id, status, issued_at, expires_at);

            -- A copy is used on one order at most, even while that is not confirmed.
            CREATE UNIQUE INDEX coupons_usage_one_a_copy ON coupons_usage (user_coupon_id);
            CREATE INDEX coupons_usage_by_time ON coupons_usage (used_at, discount, user_coupon_id)
                WHERE is_confirmed;
            CREATE INDEX coupons_saga_used_by_user ON coupons_saga (user_id, subject) WHERE state = 'USED';

            CREATE FUNCTION coupons.issued_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.issued < OLD.issued THEN RAISE 'coupons_coupons: issued never goes down'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER coupons_issued_only_grows BEFORE UPDATE OF issued ON coupons_coupons
                FOR EACH ROW EXECUTE FUNCTION coupons.issued_only_grows();

            CREATE FUNCTION coupons.used_is_used() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.status = 'USED' AND (NEW.status <> 'USED' OR NEW.order_id <> OLD.order_id) THEN
                    RAISE 'coupons_user_coupons: a used copy stays used';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER coupons_used_is_used BEFORE UPDATE OF status, order_id ON coupons_user_coupons
                FOR EACH ROW EXECUTE FUNCTION coupons.used_is_used();

            CREATE FUNCTION coupons.copy_keeps_owner() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.coupon_id <> OLD.coupon_id OR NEW.user_id <> OLD.user_id THEN
                    RAISE 'coupons_user_coupons: a copy never changes hands';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER coupons_copy_keeps_owner BEFORE UPDATE OF coupon_id, user_id ON coupons_user_coupons
                FOR EACH ROW EXECUTE FUNCTION coupons.copy_keeps_owner();

            -- An issue to everyone and how far it has come.
            CREATE TABLE coupons.coupons_issue_jobs (
                id UUID PRIMARY KEY,
                coupon_id UUID NOT NULL REFERENCES coupons_coupons (id),
                state TEXT NOT NULL CHECK (state IN ('RUNNING', 'COMPLETED', 'OUT_OF_STOCK', 'STOPPED')),
                -- The code of the refusal that stopped it.
                refusal TEXT,
                -- Users there were when it began; NULL: not counted yet.
                total BIGINT CHECK (total >= 0),
                issued BIGINT NOT NULL DEFAULT 0 CHECK (issued >= 0),
                already_claimed BIGINT NOT NULL DEFAULT 0 CHECK (already_claimed >= 0),
                -- The last user it has handled, in the order of ids; NULL: none yet.
                position UUID,
                requested_by UUID NOT NULL,
                started_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                ended_at BIGINT,
                CHECK ((state = 'RUNNING') = (ended_at IS NULL)),
                CHECK ((state = 'STOPPED') = (refusal IS NOT NULL)),
                CHECK (position IS NOT NULL OR (issued = 0 AND already_claimed = 0))
            );
            CREATE UNIQUE INDEX coupons_issue_jobs_one_running ON coupons_issue_jobs (coupon_id)
                WHERE state = 'RUNNING';
            """),
        claimKeysOnPostgres,
    ]
}
