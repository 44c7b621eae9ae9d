import HTTPTypes
import Hummingbird
import PurchaseContracts

extension APIContext {
    /// An id out of the path.
    ///
    /// - Throws: ``APIError`` 400 if it is malformed.
    func pathID<ID: EntityID>(_ name: String, as type: ID.Type = ID.self) throws(APIError) -> ID {
        guard let text = parameters.get(name), let id = ID(text) else { throw APIError(.badRequest, .malformedID) }
        return id
    }
}

extension Request {
    /// The `Idempotency-Key` header: 1 to 255 visible ASCII characters, once.
    ///
    /// - Throws: ``APIError`` 400 for anything else.
    func idempotencyKey() throws(APIError) -> String? {
        let values = headers[values: .idempotencyKey]
        guard let key = values.first else { return nil }
        guard values.count == 1, (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw APIError(.badRequest, .malformedIdempotencyKey) }
        return key
    }
}
