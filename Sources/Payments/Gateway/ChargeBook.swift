import PurchaseContracts
import SQLCore
import SagaChoreography

/// The simulated gateway's book of charges.
struct ChargeBook {
    let transaction: any SQLTransaction
    let settings: SimulatedGateway.Settings

    /// Charges, or says again what the first call under a key decided: two calls at the same time charge once.
    ///
    /// - Returns: an answer for each request, in order.
    func charge(_ requests: [ChargeRequest], at now: Timestamp) throws -> [ChargeAnswer] {
        // Asked with the reading below: one way there and back.
        try Self.insertion.later(requests, in: transaction) { request in
            let isCaptured = settings.captures(request.key)
            return [
                .text(request.key), request.orderID.sqlValue, request.amount.sqlValue,
                .text(isCaptured ? "captured" : "declined"),
                isCaptured ? .text(settings.reference(of: request.key)) : .null, .integer(now.milliseconds),
            ]
        }
        let booked = try charges(under: requests.map(\.key))
        return try requests.map { request in
            guard let charge = booked[request.key], try charge.uuid("order_id") == request.orderID.uuid,
                try charge.int64("amount") == request.amount.minorUnits
            else { return .unknown(why: "the key was used for another charge") }
            guard let reference = try charge.optionalText("reference") else {
                return .declined(reason: "simulated decline")
            }
            return .captured(reference: reference)
        }
    }

    private func charges(under keys: [String]) throws -> [String: SQLRow] {
        var charges: [String: SQLRow] = [:]
        for part in BoundedList.parts(of: keys) {
            let rows = try transaction.rows(
                "SELECT key, order_id, amount, reference FROM gateway_charges WHERE key IN (\(list: part))")
            for row in rows { charges[try row.text("key")] = row }
        }
        return charges
    }

    private static let insertion = ManyRows(
        into: "gateway_charges (key, order_id, amount, outcome, reference, at)",
        columns: [.text, .uuid, .integer, .text, .text, .integer], suffix: "ON CONFLICT (key) DO NOTHING")
}
