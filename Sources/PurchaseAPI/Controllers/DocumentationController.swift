import HTTPTypes
import Hummingbird

/// A page to read the API's description and to try it. It loads nothing from elsewhere.
struct DocumentationController: Sendable {
    var routes: [Route] {
        [
            page("/docs", "A page to read and try this API", "text/html; charset=utf-8", PackageResources.docs_html),
            page("/docs/docs.css", "Its style", "text/css; charset=utf-8", PackageResources.docs_css),
            page("/docs/docs.js", "Its program", "text/javascript; charset=utf-8", PackageResources.docs_js),
        ]
    }

    /// Own script and style, own answers, nothing else.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; \
        base-uri 'none'; form-action 'none'
        """

    private func page(_ path: String, _ summary: String, _ type: String, _ bytes: [UInt8]) -> Route {
        let content = ByteBuffer(bytes: bytes)
        let mediaType = String(type.prefix { $0 != ";" })
        return Route(
            .get, path, .system, summary, access: .guest,
            answers: [Route.Answer(status: .ok, schema: .string, contentType: mediaType)]
        ) { _, _ in
            Response(
                status: .ok, headers: [.contentType: type, .contentSecurityPolicy: Self.policy],
                body: .init(byteBuffer: content))
        }
    }
}
