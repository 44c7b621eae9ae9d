/// How much of a pool of connections is in use, and how much it was waited for since it was made.
public struct PostgresPoolUse: Sendable, Equatable {
    /// Connections that run something.
    public let busy: Int
    /// Transactions that wait for a connection.
    public let waiting: Int
    /// Connections there may be.
    public let limit: Int
    /// Transactions that found no connection free, those that wait now included.
    public let waits: Int
    /// Of those, how many were refused after ``PostgresSettings/acquireTimeout``.
    public let refusals: Int
    /// How long those waited that wait no longer, summed.
    public let waited: Duration
}
