import Hummingbird
import NIOCore
import PurchaseContracts
import SagaSQL

/// What a request carries along: who asks.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// `nil` for a guest.
    public internal(set) var identity: Identity?
    /// The token that says so.
    var token: VerifiedToken?
    /// The address the request came from; `nil` where there is no network in between.
    var clientAddress: String?
    /// What the request came by; `nil` where there is no network in between.
    private let connection: (any Channel)?

    /// A context of a guest; ``AuthenticationMiddleware`` finds out who it is.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        clientAddress = source.channel.remoteAddress?.ipAddress
        connection = source.channel.remoteAddress.map { _ in source.channel }
    }

    /// Whether somebody is there who may read an answer.
    var isConnected: Bool { connection?.isActive ?? true }

    /// Bodies over 64 KiB are refused.
    public var maxUploadSize: Int { 64 * 1024 }

    /// The id under which the logs know this request.
    var requestID: String { logger[metadataKey: "hb.request.id"]?.description ?? "-" }
}

extension APIContext {
    /// Where a request came from, for the audit trail.
    func origin(of request: Request) -> AuditRecord.Origin {
        AuditRecord.Origin(
            role: identity?.highestRole.rawValue,
            // An address with the name of an interface may be longer.
            ipAddress: clientAddress.map { String($0.prefix(45)) }, userAgent: request.headers[.userAgent])
    }

    /// - Throws: ``APIError`` 401 for a guest.
    func requireIdentity() throws(APIError) -> Identity {
        guard let identity else { throw .tokenMissing }
        return identity
    }

    /// Lets one role through, and admins, who may do what every role may.
    ///
    /// - Throws: ``APIError`` 401 for a guest, 403 without the role.
    @discardableResult
    func require(_ role: AccessRole) throws(APIError) -> Identity {
        let identity = try requireIdentity()
        guard identity.roles.contains(role) || identity.roles.contains(.admin) else {
            throw .forbidden(identity, reason: "role \(role.rawValue) is missing")
        }
        return identity
    }

    /// Lets the user in question through, and admins.
    ///
    /// - Throws: ``APIError`` 401 for a guest, 404 with `code` for anyone else, as if there were nothing here.
    @discardableResult
    func requireSelf(_ user: UserID, orNotFound code: ProblemCode) throws(APIError) -> Identity {
        let identity = try requireIdentity()
        guard identity.stands(for: user) else {
            throw .notFound(code, refusing: identity, reason: "another user's object")
        }
        return identity
    }
}
