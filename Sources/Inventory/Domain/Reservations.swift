import PurchaseContracts

/// One item of one user.
struct GoodsKey: Hashable, Comparable {
    let user: UserID
    let item: ItemID

    static func < (a: GoodsKey, b: GoodsKey) -> Bool { (a.user, a.item) < (b.user, b.item) }
}

/// Decides which orders of a batch get their slots, earlier orders first, and adds up what that changes.
struct Reservations {
    /// One user's slots.
    struct Account {
        var occupied: Int64
        /// Slots that this batch takes.
        var taken: Int64 = 0
        /// The capacity under which they were last taken.
        var capacity: Int64 = 0
    }

    private(set) var accounts: [UserID: Account]
    private var pieces: [GoodsKey: Int64]
    /// Why orders get none.
    private(set) var refusals: [OrderID: Refusal] = [:]
    /// The lines of those that get theirs, in order.
    private(set) var granted: [(order: OrderFacts, line: OrderLine)] = []

    /// - Parameters:
    ///   - occupied: slots that are taken now, of each user.
    ///   - pieces: what users own and have reserved, together.
    init(occupied: [UserID: Int64], pieces: [GoodsKey: Int64]) {
        accounts = occupied.mapValues { Account(occupied: $0) }
        self.pieces = pieces
    }

    mutating func decide(_ order: OrderFacts, capacity: Int64) {
        var account = accounts[order.userID] ?? Account(occupied: 0)
        let owned = Dictionary(
            order.lines.compactMap { line in
                pieces[GoodsKey(user: order.userID, item: line.itemID)].map { (line.itemID, $0) }
            }, uniquingKeysWith: { first, _ in first })
        switch SlotDemand(lines: order.lines, pieces: owned, occupied: account.occupied, capacity: capacity) {
        case .refused(let refusal): refusals[order.id] = refusal
        case .fits(let newSlots):
            for line in order.lines {
                pieces[GoodsKey(user: order.userID, item: line.itemID), default: 0] += line.quantity
                granted.append((order, line))
            }
            guard newSlots > 0 else { return }
            account.occupied += newSlots
            account.taken += newSlots
            account.capacity = capacity
            accounts[order.userID] = account
        }
    }
}
