/// Turns passwords into what can be kept, and checks them against it.
public protocol PasswordHasher: Sendable {
    /// The function, its parameters, a fresh salt and the digest, as one text.
    ///
    /// - Throws: ``PasswordHasherBusy``.
    func hash(_ password: String) async throws -> String

    /// Whether `password` is the one behind `hash`. Takes as long if `hash` is `nil`, so that the time does not tell whether
    /// there is such a user.
    ///
    /// - Throws: ``PasswordHasherBusy``.
    func matches(_ password: String, _ hash: String?) async throws -> Bool
}

/// More passwords wait to be checked than can be in time.
public struct PasswordHasherBusy: Error {
    public init() {}
}
