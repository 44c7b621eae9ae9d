import FoundationEssentials

/// One command as it goes over the wire (RESP: an array of byte strings).
struct RedisCommand: Sendable {
    /// The arguments, each with its length before it.
    private(set) var body: [UInt8] = []
    private var count = 0

    init(_ words: String...) { self.init(words) }

    init(_ words: [String]) {
        for word in words { append(word) }
    }

    var header: [UInt8] { Array("*\(count)\r\n".utf8) }

    mutating func append(_ text: String) { append(bytes: text.utf8) }
    mutating func append(_ data: Data) { append(bytes: data) }
    mutating func append(_ id: UUID) { withUnsafeBytes(of: id.uuid) { append(bytes: $0) } }
    mutating func append(_ number: Int64) { append(String(number)) }

    mutating func append(_ id: EntryID) {
        append(String(id.milliseconds) + "-" + String(id.sequence))
    }

    mutating func append(bytes: some Collection<UInt8>) {
        count += 1
        body.append(UInt8(ascii: "$"))
        body.append(contentsOf: String(bytes.count).utf8)
        body.append(contentsOf: [13, 10])
        body.append(contentsOf: bytes)
        body.append(contentsOf: [13, 10])
    }
}
