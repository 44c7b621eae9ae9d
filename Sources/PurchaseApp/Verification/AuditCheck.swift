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
            /// `log`, or `store` for the store beside it.
            public let place: String
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
        /// Entries that were looked at in the store beside the log; `nil` if there is none.
        public let storeEntries: Int64?

        public var isIntact: Bool { findings.isEmpty }
    }

    private let database: any SQLDatabase
    private let store: (any EntryStore)?

    /// - Parameter store: that beside the log, if there is one.
    public init(_ database: any SQLDatabase, store: (any EntryStore)? = nil) {
        self.database = database
        self.store = store
    }

    /// A line for each sealed segment's head and the log's, to be kept elsewhere.
    ///
    /// - Throws: ``SQLError``.
    public func heads() async throws -> [String] {
        try await database.read { try AuditQueries($0).heads() }.map(\.line)
    }

    /// Lines that are no head.
    public struct NotHeads: Error { public let line: Int }

    private static func heads(_ lines: String) throws -> [KeptHead] {
        try lines.split(whereSeparator: \.isNewline).enumerated().map { number, line in
            guard let head = KeptHead(line: line) else { throw NotHeads(line: number + 1) }
            return head
        }
    }

    /// - Parameters:
    ///   - kept: lines that ``heads()`` gave earlier.
    ///   - progress: told how many entries were looked at so far.
    /// - Throws: ``SQLError``; ``NotHeads``.
    public func run(
        against kept: String = "", progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> Report {
        let heads = try Self.heads(kept)
        let differing = try await database.read { try AuditQueries($0).findings(against: heads) }
        let found = try await AuditVerifier(hash: SHA256Hash()).all(database, store: store, progress: progress)
        return Report(
            entries: found.log.entries, pruned: found.log.pruned,
            findings: (found.log.findings + differing).map { Report.Finding($0, in: "log") }
                + (found.store?.findings ?? []).map { Report.Finding($0, in: "store") },
            lastSequence: found.log.head.sequence, lastHash: found.log.head.hash.hex,
            storeEntries: found.store?.entries)
    }
}

extension AuditCheck.Report.Finding {
    fileprivate init(_ finding: AuditVerification.Finding, in place: String) {
        let what = place == "log" ? finding.description : "in the store beside the log: \(finding)"
        self.init(
            kind: finding.kind.rawValue, first: finding.first, last: finding.last, place: place, what: what)
    }
}
