import SagaChoreography

/// Is told how recording fares. Called on the recorders' own tasks, several at a time; must not wait.
public protocol AuditObserver: Sendable {
    /// What was found waiting.
    ///
    /// - Parameters:
    ///   - source: who looked.
    ///   - oldest: when it happened; `nil` if nothing waits.
    func looked(_ source: AuditSource, oldest: Timestamp?)
    /// A batch is in the log.
    func recorded(_ source: AuditSource, entries: Int, in duration: Duration)
    /// A batch could not be recorded, or what waits could not be read. Nothing is lost; it is tried again.
    func failed(_ source: AuditSource)
}

/// What entries are made from.
public enum AuditSource: String, Sendable, CaseIterable {
    /// Events of the saga.
    case events
    /// Rows of changes that emit no event.
    case changes
    /// The log itself, for the store beside it.
    case store
}

/// Nobody wants to know.
public struct NoAuditObserver: AuditObserver {
    public init() {}
    public func looked(_ source: AuditSource, oldest: Timestamp?) {}
    public func recorded(_ source: AuditSource, entries: Int, in duration: Duration) {}
    public func failed(_ source: AuditSource) {}
}

extension AuditObserver {
    /// Runs `body`, and tells if it fails.
    func watching<Result>(_ source: AuditSource, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch {
            // The end of the process is no failure of the store.
            if !(error is CancellationError) { failed(source) }
            throw error
        }
    }
}
