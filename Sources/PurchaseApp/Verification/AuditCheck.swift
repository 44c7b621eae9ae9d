import Audit
import Foundation
import SQLCore

/// Checks the audit trail's chain, for the command line.
public struct AuditCheck: Sendable {
    /// What was found.
    public struct Report: Sendable, Codable {
        public struct Finding: Sendable, Codable, Hashable {
            /// `changed`, `removed`, `truncated`, `inserted`, `segment`.
            public let kind: String
            public let first: Int64
            public let last: Int64
            /// The same as a sentence.
            public let what: String
        }

        public let entries: Int64
        /// Entries that retention took away.
        public let pruned: Int64
        public let findings: [Finding]
        public let lastSequence: Int64
        /// SHA-256 in hex.
        public let lastHash: String

        public var isIntact: Bool { findings.isEmpty }
    }

    private let database: any SQLDatabase

    public init(_ database: any SQLDatabase) { self.database = database }

    /// - Parameter progress: told how many entries were looked at so far.
    /// - Throws: ``SQLError``.
    public func run(progress: @Sendable (Int64) -> Void = { _ in }) async throws -> Report {
        let found = try await AuditVerifier(hash: SHA256Hash()).run(database, progress: progress)
        return Report(
            entries: found.entries, pruned: found.pruned,
            findings: found.findings.map {
                .init(kind: $0.kind.rawValue, first: $0.first, last: $0.last, what: $0.description)
            },
            lastSequence: found.head.sequence,
            lastHash: found.head.hash.hex)
    }
}
