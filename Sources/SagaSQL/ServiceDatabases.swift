import SQLCore
import SagaChoreography

/// Where each service's rows are: mostly one database for all of them, or some services have one of their own.
///
/// A service's engine tables (outbox, inbox, retries, parked messages) are beside its rows, always: a change and its events are one
/// transaction.
public struct ServiceDatabases: Sendable {
    /// A database, and whose rows are in it.
    public struct Place: Sendable {
        /// The database.
        public let database: any SQLDatabase
        private let named: Set<ServiceID>
        private let hasNamed: Bool

        /// Whether a service's rows are here.
        public func has(_ service: ServiceID) -> Bool { named.contains(service) == hasNamed }

        fileprivate init(_ database: any SQLDatabase, _ named: Set<ServiceID>, hasNamed: Bool) {
            self.database = database
            self.named = named
            self.hasNamed = hasNamed
        }
    }

    /// Every database, the one of whoever has none of its own first.
    public let places: [Place]

    /// One for all.
    public init(_ database: any SQLDatabase) { self.init(database, apart: []) }

    /// - Parameters:
    ///   - main: of every service that has none of its own.
    ///   - apart: databases with the services whose own they are; no service has two.
    public init(_ main: any SQLDatabase, apart: [(database: any SQLDatabase, services: Set<ServiceID>)]) {
        let named = apart.reduce(into: Set<ServiceID>()) { $0.formUnion($1.services) }
        places =
            [Place(main, named, hasNamed: false)] + apart.map { Place($0.database, $0.services, hasNamed: true) }
    }

    /// That of whoever has none of its own.
    public var main: any SQLDatabase { places[0].database }

    /// Whether all services share one.
    public var isOne: Bool { places.count == 1 }

    private func place(of service: ServiceID) -> Int { places.firstIndex { $0.has(service) } ?? 0 }

    /// Where a service's rows are.
    public subscript(service: ServiceID) -> any SQLDatabase { places[place(of: service)].database }

    /// Whether rows of both can be read in one snapshot.
    public func areTogether(_ one: ServiceID, _ other: ServiceID) -> Bool { place(of: one) == place(of: other) }

    /// Reads rows of two services: in one snapshot if they share a database, else one after the other.
    ///
    /// - Throws: what the bodies throw, or ``SQLError``.
    public func read<One: Sendable, Other: Sendable>(
        _ one: ServiceID, _ body: @escaping @Sendable (any SQLTransaction) throws -> One,
        and other: ServiceID, _ otherBody: @escaping @Sendable (any SQLTransaction) throws -> Other
    ) async throws -> (One, Other) {
        guard areTogether(one, other) else {
            return (try await self[one].read(body), try await self[other].read(otherBody))
        }
        return try await self[one].read { (try body($0), try otherBody($0)) }
    }

    /// Asks every database the same, one after the other.
    ///
    /// - Throws: what `body` throws, or ``SQLError``.
    public func everywhere<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> [Result] {
        var results: [Result] = []
        for place in places { results.append(try await place.database.read(body)) }
        return results
    }
}
