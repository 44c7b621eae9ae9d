import FoundationEssentials

/// What a check of the whole log found.
public struct AuditVerification: Sendable {
    /// Something that a log which nobody touched does not have.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        public enum Kind: String, Sendable, CaseIterable {
            /// The content is not what was recorded, or not what followed its predecessor.
            case changed
            /// Entries are missing between others.
            case removed
            /// Something is there that cannot be read as an entry.
            case unreadable
            /// Entries are missing at the end.
            case truncated
            /// An entry behind the last that was recorded.
            case inserted
            /// A sealed segment ends otherwise than it did when it was sealed.
            case segment
            /// Entries are missing as if by retention, and no cleanup in the log says so.
            case pruned
            /// The log fits itself, but was another when the hash of this place was kept elsewhere.
            case rewritten
        }

        public let kind: Kind
        /// The first entry that is meant.
        public let first: Int64
        public let last: Int64

        public var description: String {
            let what =
                switch kind {
                case .changed: "was changed"
                case .removed: "removed"
                case .unreadable: "cannot be read"
                case .truncated: "removed at the end"
                case .inserted: "was inserted"
                case .segment: "a sealed segment with another end"
                case .rewritten: "not what it was when its hash was kept, it or something before it"
                case .pruned: "removed, by no cleanup that the log knows"
                }
            return first == last ? "entry \(first): \(what)" : "entries \(first) to \(last): \(what)"
        }
    }

    /// How many findings are named; the first, in order.
    public static let named = 100

    /// Entries that were looked at.
    public internal(set) var entries: Int64 = 0
    /// Entries that retention took away.
    public internal(set) var pruned: Int64 = 0
    public internal(set) var findings: [Finding] = []
    /// The last entry's place and hash, to be kept elsewhere.
    public internal(set) var head: (sequence: Int64, hash: Data) = (0, EntryChain.origin)

    public var isIntact: Bool { findings.isEmpty }

    mutating func note(_ finding: Finding) { note(finding.kind, finding.first, finding.last) }

    mutating func note(_ kind: Finding.Kind, _ first: Int64, _ last: Int64? = nil) {
        if findings.count < Self.named { findings.append(Finding(kind: kind, first: first, last: last ?? first)) }
    }
}

/// What a check of the log and of the store beside it found.
public struct TrailVerification: Sendable {
    public let log: AuditVerification
    /// `nil`: there is no such store.
    public let store: AuditVerification?

    public init(log: AuditVerification, store: AuditVerification? = nil) {
        self.log = log
        self.store = store
    }

    public var isIntact: Bool { log.isIntact && store?.isIntact ?? true }
}
