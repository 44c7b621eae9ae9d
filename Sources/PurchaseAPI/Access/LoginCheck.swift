import Crypto
import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import SagaSQL
import Users

/// Finds out whether name and password belong together, slowly enough for whoever guesses.
struct LoginCheck: Sendable {
    let api: APIDependencies

    /// The user whose name and password these are.
    ///
    /// - Throws: ``APIError`` 401 with one answer for an unknown name, a wrong password, an account without password and one that
    ///   is not active; 429 after too many failures under this name or from this address.
    func user(_ asked: AccessInput.Credentials, from place: AuditRecord.Origin) async throws -> User {
        let name = Self.subject("name", asked.name.lowercased())
        let origin = place.ipAddress.map { Self.subject("address", $0) }
        let subjects = [name, origin].compactMap { $0 }
        let (login, until) = try await api.databases[UsersParticipant.service].read { transaction in
            let queries = AccessQueries(transaction)
            return (try queries.login(named: asked.name), try queries.blockedUntil(subjects))
        }
        let now = api.clock.now()
        if let until, until > now {
            let seconds = (until.milliseconds - now.milliseconds + 999) / 1000
            throw APIError(.tooManyRequests, .tooManyLogins, headers: [.retryAfter: String(seconds)])
        }
        let isRight = try await api.passwords.matches(asked.password, login?.passwordHash)
        guard isRight, let user = login?.user, user.isActive else {
            try await api.users.run(RecordLogin(.failed(login?.user.id), name: name, address: origin, from: place))
            throw APIError(
                .unauthorized, .wrongCredentials, headers: [.wwwAuthenticate: "Bearer realm=\"purchase\""])
        }
        try await api.users.run(RecordLogin(.succeeded(user.id), name: name, address: origin, from: place))
        return user
    }

    func token(for user: User) async throws -> IssuedToken {
        try await api.issuer.issue(
            for: user.id, roles: Set(user.roles.compactMap { AccessRole(rawValue: $0.rawValue) }), epoch: user.epoch)
    }

    /// Ends a token before its time, everywhere.
    ///
    /// - Throws: ``APIError`` 422 for one that was signed outside and has no id.
    func revoke(_ token: VerifiedToken?) async throws {
        guard let token, let id = token.id else { throw APIError(.unprocessableContent, .tokenWithoutID) }
        try await api.users.run(RevokeToken(id, of: token.identity.userID, endingAt: token.end))
        api.revocations.note(token: id, endingAt: token.end)
    }

    /// When every token that was signed until now has ended by itself.
    var endOfOldTokens: Timestamp { api.clock.now() + api.settings.tokenLifetime + .seconds(60) }

    private static func subject(_ kind: String, _ text: String) -> LoginSubject {
        LoginSubject(digest: kind + ":" + Base64URL.encode(Array(SHA256.hash(data: Array(text.utf8)))))
    }
}
