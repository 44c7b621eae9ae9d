/// A wait that came to its end without what it waited for.
package struct WaitedInVain: Error, CustomStringConvertible {
    package let what: String
    package let limit: Duration

    package var description: String { "waited \(limit) in vain for \(what)" }
}

/// Lets real time pass: the processes under test live in it.
package func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

/// Looks again and again until `find` finds something.
///
/// - Throws: ``WaitedInVain`` after `limit`; what `find` throws.
package nonisolated(nonsending) func waiting<Found>(
    for what: String, within limit: Duration = .seconds(120), every interval: Duration = .milliseconds(10),
    _ find: () async throws -> Found?
) async throws -> Found {
    let end = ContinuousClock.now + limit
    while true {
        if let found = try await find() { return found }
        guard ContinuousClock.now < end else { throw WaitedInVain(what: what, limit: limit) }
        try await pause(interval)
    }
}

/// Looks again and again until `condition` holds.
///
/// - Throws: ``WaitedInVain`` after `limit`.
package func until(_ what: String, within limit: Duration = .seconds(120), _ condition: () -> Bool) async throws {
    _ = try await waiting(for: what, within: limit) { condition() ? true : nil }
}
