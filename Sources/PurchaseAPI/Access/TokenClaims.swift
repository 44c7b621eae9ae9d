import JWTKit

/// The payload of a token.
struct TokenClaims: JWTPayload, Equatable {
    /// The user's id.
    var sub: String
    var roles: [String]
    var iss: String
    var aud: Audience
    /// Seconds since 1970.
    var iat: Int64
    var exp: Int64
    /// Which token it is, so that this one can be revoked; missing in one that was signed outside.
    var jti: String?
    /// The user's epoch when it was signed: it is refused once the account has a later one.
    var epoch: Int64?
    /// Not valid before, if given.
    var nbf: Int64?

    /// Nothing to do here: the claims are checked by ``Authenticator``, which has the clock and the settings.
    func verify(using algorithm: some JWTAlgorithm) {}

    /// `aud` is a text or an array of texts (RFC 7519, section 4.1.3).
    struct Audience: Codable, Sendable, Equatable {
        var values: [String]

        init(_ values: [String]) { self.values = values }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                values = [one]
            } else {
                values = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if values.count == 1 {
                try container.encode(values[0])
            } else {
                try container.encode(values)
            }
        }
    }
}
