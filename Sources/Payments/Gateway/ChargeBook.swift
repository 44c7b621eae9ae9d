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
        let rows = try Self.insertion.rows(requests, in: transaction) { request in
            let isCaptured = settings.captures(request.key)
            return [
                .text(request.key), request.orderID.sqlValue, request.amount.sqlValue,
                .text(isCaptured ? "captured" : "declined"),
                isCaptured ? .text(settings.reference(of: request.key)) : .null, .integer(now.milliseconds),
            ]
        }
        let new = Set(try rows.map { try $0.text("key") })
        let asked = Dictionary(requests.map { ($0.key, 1) }, uniquingKeysWith: +)
        // What is new is as it was just written, for the only one who asks for it.
        let isOwn = requests.map { new.contains($0.key) && asked[$0.key] == 1 }
        let booked = try charges(under: zip(requests, isOwn).compactMap { $1 ? nil : $0.key })
        return try zip(requests, isOwn).map { request, isOwn in
            if isOwn {
                return settings.captures(request.key)
                    ? .captured(reference: settings.reference(of: request.key)) : Self.declined
            }
            guard let charge = booked[request.key], try charge.uuid("order_id") == request.orderID.uuid,
                try charge.int64("amount") == request.amount.minorUnits
            else { return .unknown(why: "the key was used for another charge") }
            return try charge.optionalText("reference").map { .captured(reference: $0) } ?? Self.declined
        }
    }

    private static let declined = ChargeAnswer.declined(reason: "simulated decline")

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
        columns: [.text, .uuid, .integer, .text, .text, .integer], suffix: "ON CONFLICT (key) DO NOTHING RETURNING key")
}
