import HTTPTypes
import Hummingbird

/// What the API says of itself.
struct ContractController: Sendable {
    private let others: [Route]
    private let settings: APISettings

    init(describing routes: [Route], settings: APISettings) {
        others = routes
        self.settings = settings
    }

    var routes: [Route] {
        // Made once, of the paths that are there: the document does not change while the process runs.
        let document = OpenAPIDocument(
            routes: others + [description { _, _ in Response(status: .ok) }], settings: settings)
        let text = ByteBuffer(string: document.text)
        return [
            description { _, _ in
                Response(
                    status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                    body: .init(byteBuffer: text))
            }
        ]
    }

    private func description(_ handler: @escaping Route.Handler) -> Route {
        Route(
            .get, "/openapi.json", .system, "This description (OpenAPI 3.1)", access: .guest,
            answers: [.ok(Schema(["type": "object"]))], handler: handler)
    }
}
