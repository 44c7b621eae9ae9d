import HTTPTypes

/// The description of every route as OpenAPI 3.1, made from the routes themselves.
struct OpenAPIDocument: Sendable {
    let routes: [Route]
    let settings: APISettings

    /// The document as JSON text.
    var text: String { document.text }

    var document: JSONValue {
        var components = ["Problem": ProblemDetails.schema.components["Problem"] ?? .null]
        for route in routes {
            if let body = route.body { components.merge(body.schema.components) { _, new in new } }
            for answer in route.answers {
                if let schema = answer.schema { components.merge(schema.components) { _, new in new } }
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": .string(settings.name), "version": .string(settings.version),
                "description": .string(Self.introduction),
                "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
            ],
            "tags": .array(APITag.allCases.map { ["name": .string($0.rawValue)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(components),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]
                ],
            ],
        ]
    }

    private static let introduction = """
        Amounts are integers in the currency's minor unit. Times are ISO 8601 in UTC with milliseconds. Ids are UUIDs. \
        Messages are Korean or English, by Accept-Language. Errors are application/problem+json with a stable code.
        """

    private var paths: [String: JSONValue] {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes { paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route) }
        return paths.mapValues { .object($0) }
    }

    private func operation(_ route: Route) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .string(Self.operationID(route)), "summary": .string(route.summary),
            "tags": [.string(route.tag.rawValue)], "x-access": .string(route.access.name),
            "responses": .object(responses(route)),
        ]
        let parameters = route.pathParameters.map(Self.pathParameter) + route.parameters.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body {
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": body.schema.json]],
            ]
        }
        if route.access != .guest, route.access != .signature { operation["security"] = [["token": []]] }
        return .object(operation)
    }

    /// `GET /orders/{id}` is `getOrdersById`.
    private static func operationID(_ route: Route) -> String {
        let words = route.path.split { "/-.".contains($0) }.map { segment -> String in
            let isParameter = segment.hasPrefix("{")
            let word = isParameter ? segment.dropFirst().dropLast() : segment
            return (isParameter ? "By" : "") + word.prefix(1).uppercased() + word.dropFirst()
        }
        return route.method.rawValue.lowercased() + (words.isEmpty ? "Root" : words.joined())
    }

    private static func pathParameter(_ name: String) -> JSONValue {
        ["name": .string(name), "in": "path", "required": true, "schema": Schema.id.json]
    }

    private static func parameter(_ parameter: ParameterDescription) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "description": .string(parameter.summary), "required": .bool(parameter.isRequired),
            "schema": parameter.schema.json,
        ]
    }

    private func responses(_ route: Route) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in route.answers {
            var response: [String: JSONValue] = ["description": .string(answer.status.reasonPhrase)]
            if let schema = answer.schema {
                response["content"] = [answer.contentType: ["schema": schema.json]]
            }
            if !answer.headers.isEmpty {
                response["headers"] = .object(
                    Dictionary(uniqueKeysWithValues: answer.headers.map { ($0, ["schema": Schema.string.json]) }))
            }
            responses["\(answer.status.code)"] = .object(response)
        }
        for status in route.refusals where responses["\(status)"] == nil {
            responses["\(status)"] = [
                "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
                "content": ["application/problem+json": ["schema": ProblemDetails.schema.json]],
            ]
        }
        return responses
    }
}

extension ProblemDetails: Described {
    static let schema = Schema.object(
        "Problem",
        [
            .required("type", .string), .required("title", .string), .required("status", .integer(400...599)),
            .required("detail", .string), .required("code", .string), .required("instance", .string),
            .optional(
                "errors",
                .array(
                    of: .object(
                        [
                            .optional("pointer", .string), .optional("parameter", .string),
                            .required("code", .string), .required("detail", .string),
                        ], allowsOthers: false))),
            .optional("correlationId", .string), .required("success", .constant(false)),
            .required("message", .string), .required("error", .string),
        ])
}
