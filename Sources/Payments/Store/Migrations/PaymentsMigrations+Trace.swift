import SQLCore

extension PaymentsMigrations {
    /// The trace of the event that began a payment: what the gateway's answer leads to goes on with it. The same text for every
    /// database.
    static let trace = Migration(
        "payments/0004_trace", "ALTER TABLE payments_saga ADD COLUMN traceparent TEXT;")
}
