import FoundationEssentials

/// Entries of one segment that retention took away, without a gap between them.
struct PrunedRun: Sendable, Hashable {
    let segment: Int64
    let first: Int64
    let last: Int64
    /// Of the last of them: what the next entry's hash covers.
    let lastHash: Data

    var places: ClosedRange<Int64> { first...last }
}

/// What says of all runs of a segment that a cleanup made them: it stands in the details of that cleanup's entry, which the chain covers.
struct PrunedDigest {
    private static let form = "purchase-saga/audit-pruned/1"
    private var bytes = ContentBytes()

    init(_ runs: [PrunedRun] = []) {
        bytes.add(Self.form)
        for run in runs { add(run) }
    }

    /// In the order of their places.
    mutating func add(_ run: PrunedRun) {
        bytes.add(run.segment)
        bytes.add(run.first)
        bytes.add(run.last)
        bytes.add(run.lastHash)
    }

    /// In hex.
    func text(_ hash: any ContentHash) -> String { hash.sha256(bytes.bytes).hex }
}

extension Data {
    /// Two digits a byte, in lower case.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * count)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
