import SQLCore

extension CouponsMigrations {
    /// Under which key a copy was claimed, so that a request that is sent again takes nothing twice.
    static let claimKeysOnSQLite = Migration(
        "coupons/0003_claim_keys",
        """
        ALTER TABLE coupons_user_coupons ADD COLUMN claim_key TEXT CHECK (length(claim_key) > 0);
        CREATE UNIQUE INDEX coupons_user_coupons_by_claim_key ON coupons_user_coupons (user_id, claim_key)
            WHERE claim_key IS NOT NULL;
        """)

    /// The same for PostgreSQL.
    static let claimKeysOnPostgres = Migration(
        "coupons/0002_claim_keys",
        """
        ALTER TABLE coupons.coupons_user_coupons ADD COLUMN claim_key TEXT CHECK (length(claim_key) > 0);
        CREATE UNIQUE INDEX coupons_user_coupons_by_claim_key ON coupons.coupons_user_coupons (user_id, claim_key)
            WHERE claim_key IS NOT NULL;
        """)
}
