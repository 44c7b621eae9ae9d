import PurchaseContracts

/// What a batch of orders does to wallets, all in one direction.
struct WalletChanges {
    struct Entry {
        let order: OrderID
        let user: UserID
        let amount: Money
        /// What the wallet has available after this entry; `nil`: what its row says, which this does not change.
        let available: Money?
    }

    /// For the statement, in the order in which they were made.
    private(set) var entries: [Entry] = []
    private var sums: [UserID: Money] = [:]

    /// One change a wallet, users ascending, so that concurrent batches cannot deadlock.
    var byUser: [(user: UserID, sum: Money)] { sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    mutating func add(
        _ amount: Money, for order: OrderID, of user: UserID, leaving available: Money?
    ) throws(MoneyOverflow) {
        sums[user] = try (sums[user] ?? .zero).adding(amount)
        entries.append(Entry(order: order, user: user, amount: amount, available: available))
    }
}
