import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import PurchaseContracts

/// Which part of a list is asked for.
struct PageRequest: Sendable {
    static let defaultLimit = 100
    static let maximumLimit = 500

    let limit: Int
    /// The last id of the page before.
    let after: UUID?

    /// Reads `limit` and `cursor` of the query.
    ///
    /// - Parameter list: names the list, so that a cursor of another list is refused.
    /// - Throws: ``APIError`` 422 for a limit out of 1…500, 400 for a cursor this API did not write.
    init(_ request: Request, of list: String, cursors: Cursors) throws(APIError) {
        let query = request.uri.queryParameters
        if let text = query["limit"] {
            guard let limit = Int(text), (1...Self.maximumLimit).contains(limit) else {
                throw .invalid([
                    FieldProblem(
                        pointer: "?limit", code: .range,
                        parameters: ["minimum": 1, "maximum": Int64(Self.maximumLimit)])
                ])
            }
            self.limit = limit
        } else {
            limit = Self.defaultLimit
        }
        if let cursor = query["cursor"] {
            guard let id = cursors.read(String(cursor), of: list) else {
                throw APIError(.badRequest, .malformedCursor)
            }
            after = id
        } else {
            after = nil
        }
    }
}

/// One page of a list and the cursor of the next.
struct Page<Element> {
    let elements: [Element]
    let next: String?
    private let limit: Int

    /// - Parameter found: what a query for one row more than asked found; that one tells that there is a next page.
    init(_ found: [Element], _ request: PageRequest, of list: String, cursors: Cursors, id: (Element) -> UUID) {
        limit = request.limit
        elements = Array(found.prefix(limit))
        next = found.count > limit ? elements.last.map { cursors.write(id($0), of: list) } : nil
    }

    /// The `Link` header to the next page (RFC 8288); empty on the last one.
    func links(path: String) -> HTTPFields {
        guard let next else { return [:] }
        return [.link: "<\(path)?limit=\(limit)&cursor=\(next)>; rel=\"next\""]
    }
}

/// Writes and reads cursors: the last id and a mark that only this system can make, so that a forged one is noticed.
public struct Cursors: Sendable {
    private static let markLength = 12
    private let key: SymmetricKey

    /// - Parameter secret: the same in every process of the system, or a cursor is refused by the next one asked.
    public init(secret: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Data("cursors".utf8), outputByteCount: 32)
    }

    func write(_ id: UUID, of list: String) -> String {
        let bytes = withUnsafeBytes(of: id.uuid) { Array($0) }
        return Base64URL.encode(bytes + mark(bytes, list))
    }

    func read(_ cursor: String, of list: String) -> UUID? {
        guard let bytes = Base64URL.decode(cursor), bytes.count == 16 + Self.markLength else { return nil }
        let id = Array(bytes.prefix(16))
        guard Array(bytes.dropFirst(16)) == mark(id, list) else { return nil }
        return id.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    private func mark(_ bytes: [UInt8], _ list: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes + Array(list.utf8), using: key).prefix(Self.markLength))
    }
}
