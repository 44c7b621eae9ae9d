import PurchaseContracts
import SQLCore

/// The simulated gateway's own book, as checks read it.
public enum GatewayLedger {
    /// What the gateway took for each order and did not give back; orders it never charged are missing.
    ///
    /// - Throws: ``SQLError``.
    public static func net(of orders: [OrderID], in transaction: any SQLTransaction) throws -> [OrderID: Money] {
        let rows = try transaction.rows(
            """
            SELECT order_id, amount - refunded_amount AS net FROM gateway_charges
            WHERE outcome = 'captured' AND order_id IN (\(list: orders))
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (OrderID(try $0.uuid("order_id")), Money(try $0.int64("net"))) })
    }
}
