import FoundationEssentials
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization

/// Which order's message cannot be read by the one it is for, however often it is sent.
final class Poison: Sendable {
    private struct Message {
        let type: EventType
        let group: ServiceID

        init(_ type: EventType, _ group: ServiceID) { (self.type, self.group) = (type, group) }
    }

    /// What can be lost for good without harm: steps towards the payment, which the deadline undoes.
    private static let forward: [Message] = [
        .init("coupon.validation.requested", "coupons"), .init("order.created", "users"),
        .init("payment.reserved", "inventory"), .init("inventory.reserved", "items"),
        .init("item.reserved", "payments"),
    ]
    /// What no order waits for, so that nothing undoes it: it is missing until somebody finds out what it said.
    private static let notices: [[Message]] = [
        ["order.completed", "order.failed", "order.cancelled", "order.refunded"].map { .init($0, "notifications") },
        [.init("order.settled", "coupons")],
    ]

    private let simulation: Simulation
    private let chosen = Mutex<[UUID: Int?]>([:])
    private let mended = Atomic(0)

    init(_ simulation: Simulation) { self.simulation = simulation }

    func spoils(_ envelope: Envelope, for group: ServiceID) -> Bool {
        guard let subject = envelope.subject else { return false }
        let faults = simulation.faults
        let choice = chosen.withLock { chosen -> Int? in
            if let known = chosen[subject] { return known }
            let drawn =
                faults.strikes(.poison) ? faults.below(Self.forward.count + Self.notices.count, for: .poison) : nil
            chosen[subject] = .some(drawn)
            return drawn
        }
        guard let choice else { return false }
        let spoiled = choice < Self.forward.count ? [Self.forward[choice]] : Self.notices[choice - Self.forward.count]
        return spoiled.contains { $0.type == envelope.type && $0.group == group }
    }

    /// Orders with a message that may stay parked for good.
    var lost: Set<UUID> {
        chosen.withLock { Set($0.filter { $0.value.map { $0 < Self.forward.count } ?? false }.keys) }
    }

    /// Whether somebody has to find out what this message said.
    func isMissing(_ letter: ParkedMessage) -> Bool {
        letter.kind == .undecodable
            && Self.notices.joined().contains { $0.type == letter.type && $0.group == letter.consumer }
    }

    /// Somebody found out.
    func mend() { mended.add(1, ordering: .relaxed) }

    /// How often somebody found out what a message said.
    var timesMended: Int { mended.load(ordering: .relaxed) }
}
