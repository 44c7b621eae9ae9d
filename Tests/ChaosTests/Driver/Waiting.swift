/// A wait that came to its end without what it waited for.
struct WaitedInVain: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    var description: String { "waited \(limit) in vain for \(what)" }
}

/// Lets real time pass: the processes under test live in it.
func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

/// Looks again and again until `find` finds something.
///
/// - Throws: ``WaitedInVain`` after `limit`; what `find` throws.
@discardableResult
func waiting<Found>(
    for what: String, within limit: Duration = .seconds(30), every interval: Duration = .milliseconds(10),
    _ find: () async throws -> Found?
) async throws -> Found {
    let end = ContinuousClock.now + limit
    while true {
        if let found = try await find() { return found }
        guard ContinuousClock.now < end else { throw WaitedInVain(what: what, limit: limit) }
        try await pause(interval)
    }
}
