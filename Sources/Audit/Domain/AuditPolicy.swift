import SQLCore

/// How entries are recorded.
public struct AuditPolicy: Sendable {
    /// So many that wait are recorded at once.
    public var batchSize: Int
    /// What waits that long is recorded, however few it is.
    public var batchInterval: Duration
    /// What is masked in the details.
    public var mask: DetailsMask

    /// How many entries a segment has; a log may have segments of several lengths.
    public var segmentLength: Int64 = 10_000

    /// Everything at once, unless told otherwise.
    public init(batchSize: Int = 1, batchInterval: Duration = .zero, mask: DetailsMask = DetailsMask()) {
        self.batchSize = batchSize
        self.batchInterval = batchInterval
        self.mask = mask
    }

    /// How many entries one transaction records at most: as many as are worth a commit, and where there is one writer, few enough to keep
    /// the others from waiting.
    func limit(on dialect: SQLDialect) -> Int {
        switch dialect {
        case .sqlite: max(batchSize, 200)
        case .postgres: max(batchSize, 2000)
        }
    }
}
