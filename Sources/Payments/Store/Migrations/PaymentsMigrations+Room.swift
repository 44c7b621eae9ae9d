import SQLCore

extension PaymentsMigrations {
    /// Room on each page for the changes that every row goes through: PostgreSQL then keeps the new version beside the old one, and no
    /// index needs an entry for it.
    static let roomPostgres = Migration(
        "payments/0005_room_for_changes",
        """
        ALTER TABLE payments.payments_saga SET (fillfactor = 50);
        """)
}
