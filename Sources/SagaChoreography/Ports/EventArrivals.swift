/// A transport outside the database that tells when something arrived, so that consumers need not ask again and again.
public protocol EventArrivals: Sendable {
    /// Calls `body` whenever a group may have something to receive, for as long as the transport lives. It may be called for
    /// nothing, must be quick, and may not use the transport.
    ///
    /// - Parameter body: gets the types of what arrived; none if it is not known.
    func onArrival(for group: ServiceID, _ body: @escaping @Sendable (Set<EventType>) -> Void)
}
