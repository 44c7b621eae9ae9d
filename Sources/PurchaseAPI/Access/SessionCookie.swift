import HTTPTypes
import Hummingbird
import SagaChoreography

/// The token in a cookie, for pages of this server: no script can read it, and no other site can use it.
enum SessionCookie {
    static let name = "purchase_session"

    static func token(of request: Request) -> String? {
        request.headers[.cookie].flatMap { _ in request.cookies[name]?.value }
    }

    /// Whether a page of this very origin made the request (the Fetch standard's `Sec-Fetch-Site`, or else `Origin`).
    static func isFromOwnPage(_ request: Request) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin], let host = request.head.authority else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)"
    }

    /// - Parameters:
    ///   - age: in seconds; 0 makes the browser forget it.
    ///   - isSecure: whether it is only ever sent over TLS.
    static func header(_ token: String, age: Int64, isSecure: Bool) -> String {
        "\(name)=\(token); Path=/; Max-Age=\(age); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}
