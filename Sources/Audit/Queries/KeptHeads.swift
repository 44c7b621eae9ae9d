import FoundationEssentials
import SQLCore

/// A place in the log and its hash, kept where nobody can write who can write the log: together they say what everything up to that place
/// was.
public struct KeptHead: Sendable, Hashable {
    public let sequence: Int64
    public let hash: Data

    public init(sequence: Int64, hash: Data) {
        self.sequence = sequence
        self.hash = hash
    }

    /// `sequence hash`, the hash in hex.
    public var line: String { "\(sequence) \(hash.hex)" }

    /// Reads what ``line`` wrote; `nil` for anything else.
    public init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence > 0, parts[1].utf8.count == 64 else {
            return nil
        }
        var hash = Data()
        var digits = Substring(parts[1])
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
            hash.append(byte)
            digits = digits.dropFirst(2)
        }
        self.init(sequence: sequence, hash: hash)
    }
}

extension AuditQueries {
    /// The heads of all sealed segments, and that of the log, in order.
    ///
    /// - Throws: ``SQLError``.
    public func heads() throws -> [KeptHead] {
        let sealed = try segments().map { KeptHead(sequence: $0.key, hash: $0.value) }
        let head = try head()
        let last = head.sequence > 0 ? [KeptHead(sequence: head.sequence, hash: head.hash)] : []
        return Set(sealed + last).sorted { $0.sequence < $1.sequence }
    }

    /// What heads that were kept elsewhere say against the log. Of a place inside what retention took away nothing is known any more.
    ///
    /// - Throws: ``SQLError``.
    public func findings(against heads: [KeptHead]) throws -> [AuditVerification.Finding] {
        let end = try last()
        var findings: [AuditVerification.Finding] = []
        for head in heads.sorted(by: { $0.sequence < $1.sequence }) {
            if head.sequence > end {
                findings.append(.init(kind: .truncated, first: end + 1, last: head.sequence))
            } else if let hash = try hash(at: head.sequence), hash != head.hash {
                findings.append(.init(kind: .rewritten, first: head.sequence, last: head.sequence))
            }
        }
        return findings
    }

    func hash(at sequence: Int64) throws -> Data? {
        try transaction.first(
            """
            SELECT hash FROM audit_entries WHERE sequence = \(sequence)
            UNION ALL SELECT last_hash AS hash FROM audit_pruned WHERE last_sequence = \(sequence)
            UNION ALL SELECT head AS hash FROM audit_segments WHERE last_sequence = \(sequence)
            """)?.bytes("hash")
    }
}
