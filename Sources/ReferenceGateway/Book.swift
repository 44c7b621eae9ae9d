import Foundation
import Synchronization

/// A charge as it is answered and as the book shows it.
public struct Charge: Codable, Sendable, Equatable {
    public let key: String
    /// `nil` if it was declined.
    public let reference: String?
    public let status: String
    public let amount: Int64
    public let currency: String
    public let orderReference: String
    public let reason: String?
    public internal(set) var refunds: [Refund] = []

    /// What was taken and not given back.
    public var net: Int64 {
        guard status == "captured" else { return 0 }
        return refunds.reduce(amount) { $0 - ($1.status == "succeeded" ? $1.amount : 0) }
    }
}

/// A refund as it is answered.
public struct Refund: Codable, Sendable, Equatable {
    public let key: String
    /// The reference of its charge.
    public let charge: String
    public let status: String
    public let amount: Int64
    public let currency: String
    public let reason: String?
}

/// Every charge and refund, in memory. Each key is decided once.
final class Book: Sendable {
    private struct State {
        var charges: [String: Charge] = [:]
        /// The key of each captured charge, by its reference.
        var keys: [String: String] = [:]
        var calls: [String: Int] = [:]
    }

    /// Why something was not written down.
    enum Refusal: Error {
        case keyReused
        case noSuchCharge
        case notTheWholeAmount
    }

    private let settings: Settings
    private let state = Mutex(State())

    init(_ settings: Settings) { self.settings = settings }

    /// In the order of their keys.
    var charges: [Charge] { state.withLock { $0.charges.values.sorted { $0.key < $1.key } } }

    /// Counts a call.
    ///
    /// - Returns: its number, from 1.
    func call(_ key: String) -> Int {
        state.withLock { state in
            state.calls[key, default: 0] += 1
            return state.calls[key] ?? 1
        }
    }

    func charge(under key: String) -> Charge? { state.withLock { $0.charges[key] } }

    /// - Returns: the charge under this key, and whether it is new.
    func charge(
        _ key: String, amount: Int64, currency: String, orderReference: String
    ) throws -> (charge: Charge, isNew: Bool) {
        try state.withLock { state in
            if let known = state.charges[key] {
                guard known.amount == amount, known.currency == currency, known.orderReference == orderReference
                else { throw Refusal.keyReused }
                return (known, false)
            }
            let isDeclined = settings.declines(key)
            let charge = Charge(
                key: key, reference: isDeclined ? nil : "ch_\(UUID().uuidString.lowercased())",
                status: isDeclined ? "declined" : "captured", amount: amount, currency: currency,
                orderReference: orderReference, reason: isDeclined ? "insufficient funds" : nil)
            state.charges[key] = charge
            if let reference = charge.reference { state.keys[reference] = key }
            return (charge, true)
        }
    }

    /// - Returns: the refund under this key, its charge, and whether it is new.
    func refund(
        _ key: String, of reference: String, amount: Int64, currency: String
    ) throws -> (refund: Refund, charge: Charge, isNew: Bool) {
        try state.withLock { state in
            guard let chargeKey = state.keys[reference], var charge = state.charges[chargeKey] else {
                throw Refusal.noSuchCharge
            }
            if let known = charge.refunds.first(where: { $0.key == key }) {
                guard known.amount == amount, known.currency == currency else { throw Refusal.keyReused }
                return (known, charge, false)
            }
            guard amount == charge.amount, currency == charge.currency else { throw Refusal.notTheWholeAmount }
            let isRefused = charge.net < amount || settings.refusesRefund(key)
            let refund = Refund(
                key: key, charge: reference, status: isRefused ? "refused" : "succeeded", amount: amount,
                currency: currency, reason: isRefused ? "nothing left to give back" : nil)
            charge.refunds.append(refund)
            state.charges[chargeKey] = charge
            return (refund, charge, true)
        }
    }
}
