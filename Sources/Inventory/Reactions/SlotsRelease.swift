import PurchaseContracts
import SagaChoreography
import SagaSQL

/// How an order's reserved slots are given back, whichever event asks for it.
struct SlotsRelease {
    enum Outcome {
        case released
        /// Nothing had been taken yet, and now nothing will be.
        case leftTombstone
        case undoneBefore
        /// The slots had been refused.
        case nothingTaken
    }

    private let step: SQLStep

    init(_ step: SQLStep) { self.step = step }

    /// - Throws: ``SagaFault`` `.permanent` (`alarm`) if the goods were granted: after the pivot nothing is undone.
    @discardableResult
    func release(_ order: OrderFacts, because trigger: EventType) throws -> Outcome {
        let holds = GoodsHoldStore(step)
        guard let hold = try holds.open([order], as: .tombstone)[order.id] else { return .leftTombstone }
        switch hold.state {
        case .held:
            try holds.move(order.id, from: .held, to: .released)
            try GoodsStore(step).release(order.id, of: hold.userID)
            return .released
        case .released, .tombstone: return .undoneBefore
        case .rejected: return .nothingTaken
        case .granted, .returning, .returned:
            throw SagaFault.alarm("inventory: \(trigger) for an order whose goods are granted")
        }
    }
}
