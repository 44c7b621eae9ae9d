import Audit
import SagaSQL

/// What the API needs to keep and to forget entries of the audit trail.
public struct AuditKeeping: Sendable {
    /// How long entries are kept.
    public var retention: AuditRetention
    /// Whether this process takes away daily what was kept long enough.
    public var isCleanedUpDaily: Bool
    /// Takes that away now.
    public var cleanup: AuditCleanup
    /// Those of the audit trail: they place and release holds.
    public var commands: SQLCommands
    /// Whether an error says that this process's role in the database has no right to what was tried.
    public var isForbidden: @Sendable (any Error) -> Bool

    /// Takes what its properties say.
    public init(
        retention: AuditRetention, isCleanedUpDaily: Bool, cleanup: AuditCleanup, commands: SQLCommands,
        isForbidden: @escaping @Sendable (any Error) -> Bool
    ) {
        self.retention = retention
        self.isCleanedUpDaily = isCleanedUpDaily
        self.cleanup = cleanup
        self.commands = commands
        self.isForbidden = isForbidden
    }

    /// Tries what needs the right to change the audit trail.
    ///
    /// - Throws: ``APIError`` 409 if this process's role may only look at it; what `change` throws.
    func change<Result: Sendable>(
        _ change: @Sendable (AuditKeeping) async throws -> Result
    ) async throws -> Result {
        do {
            return try await change(self)
        } catch  where isForbidden(error) {
            throw APIError(.conflict, .auditReadOnly)
        }
    }
}
