/// What the transaction announces that completes orders: they as they are with its commit, for whoever waits for them in this process.
public struct CompletedOrders: Sendable {
    /// Each COMPLETED.
    public let orders: [OrderView]

    /// Takes what its property says.
    public init(orders: [OrderView]) { self.orders = orders }
}
