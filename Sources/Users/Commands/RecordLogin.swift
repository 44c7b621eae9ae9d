import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Writes down how a login ended: audited either way, and a failed one slows the next.
public struct RecordLogin: Command {
    public static let id: ReactionID = "users.record-login"

    /// How it ended.
    public enum Ending: Sendable, Hashable {
        case succeeded(UserID)
        /// The account that was meant, if there is one.
        case failed(UserID?)
    }

    let ending: Ending
    let name: LoginSubject
    let address: LoginSubject?
    let origin: AuditRecord.Origin?

    /// - Parameters:
    ///   - address: where it came from, if that is known.
    ///   - origin: the same for the audit trail.
    public init(
        _ ending: Ending, name: LoginSubject, address: LoginSubject?, from origin: AuditRecord.Origin? = nil
    ) {
        self.origin = origin
        self.ending = ending
        self.name = name
        self.address = address
    }

    /// - Throws: the database's error.
    public func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        let credentials = CredentialStore(step.transaction)
        switch ending {
        case .succeeded(let user):
            // The address keeps its count: one known password must not buy guesses at others.
            try credentials.forgetFailures(of: name.digest)
            try audit("users.logged-in", user, .success, .low, [:], step)
        case .failed(let user):
            var most: Int64 = 0
            for subject in [name, address].compactMap({ $0 }) {
                most = max(most, try credentials.countFailure(of: subject.digest, at: step.now))
            }
            try audit(
                "users.login-failed", user, .failed, most >= LoginThrottle.alarming ? .high : .medium,
                ["failures": String(most)], step)
        }
        return Decision(())
    }

    private func audit(
        _ action: String, _ user: UserID?, _ status: AuditRecord.Status, _ severity: AuditRecord.Severity,
        _ details: [String: String], _ step: SQLStep
    ) throws {
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: action, resource: "user",
                resourceID: user?.description ?? "unknown", actor: user?.uuid, status: status, severity: severity,
                details: details, origin: origin),
            in: step)
    }
}

/// Under what failed logins are counted. Only a digest of it is kept, for a stranger may have typed anything.
public struct LoginSubject: Sendable, Hashable {
    /// At most 100 characters.
    public let digest: String

    /// - Parameter digest: says the same for the same name or address, and nothing about it.
    public init(digest: String) { self.digest = digest }
}
