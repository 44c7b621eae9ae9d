import AsyncHTTPClient
import Foundation
import NIOCore

/// The purchase system as its client sees it.
struct Shop {
    let url: String
    let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(2), read: .seconds(40)))
        // Whether and when to ask again is decided here, by what is asked.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    func close() async throws { try await http.shutdown() }

    /// Who buys what.
    struct Identities: Sendable {
        let user: String
        let item: String
        let token: String
    }

    private struct OrderRequest: Encodable {
        let userId: String
        let itemId: String
        let quantity: Int
    }

    struct Order: Decodable, Sendable {
        let id: String
        let status: String
        let code: String?
    }

    /// Asks for the same again and again until there is an answer that is one: anything but a lost connection, 429 and 5xx. Only for
    /// requests that may be repeated: reads, and what has an idempotency key.
    private func answer(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, Data) {
        var patience = Patience()
        while true {
            do {
                let response = try await http.execute(request, timeout: .seconds(10))
                let body = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
                guard response.status.code == 429 || response.status.code >= 500 else { return (response, body) }
                try await patience.wait(atLeast: response.headers.first(name: "Retry-After").flatMap { Int64($0) })
            } catch let error as NobodyAnswers {
                throw error
            } catch {
                // The request may have been carried out or not: nobody knows, and it does not matter.
                try await patience.wait()
            }
        }
    }

    private func request(_ method: String, _ path: String, token: String? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Accept-Language", value: "en")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return request
    }

    private func read<Body: Decodable>(_ request: HTTPClientRequest, as type: Body.Type) async throws -> Body {
        let (response, body) = try await answer(request)
        guard response.status.code < 300 else { throw Refused(response, body) }
        return try JSONDecoder().decode(type, from: body)
    }

    /// The user and the items that a server in development makes for trying it; the same ones each time.
    func testData() async throws -> Identities {
        struct Made: Decodable {
            struct Content: Decodable {
                struct Entity: Decodable { let id: String }
                struct Tokens: Decodable { let user: String }
                let user: Entity
                let items: [Entity]
                let tokens: Tokens
            }
            let data: Content
        }
        let made = try await read(request("POST", "/setup-test-data"), as: Made.self).data
        return Identities(user: made.user.id, item: made.items[0].id, token: made.tokens.user)
    }

    /// Places an order; under the same key as often as one likes, and it is placed once.
    ///
    /// - Parameter wait: seconds that the answer may take to come with the order's end.
    func placeOrder(of quantity: Int, for ids: Identities, key: String, wait: Int?) async throws
        -> (order: Order, isReplay: Bool)
    {
        var request = request("POST", "/orders", token: ids.token)
        request.headers.add(name: "Idempotency-Key", value: key)
        request.headers.add(name: "Content-Type", value: "application/json")
        // The answer may wait for the end, which spares the stream where it comes soon.
        if let wait { request.headers.add(name: "Prefer", value: "wait=\(wait)") }
        request.body = .bytes(
            try JSONEncoder().encode(OrderRequest(userId: ids.user, itemId: ids.item, quantity: quantity)))
        let (response, body) = try await answer(request)
        guard response.status.code < 300 else { throw Refused(response, body) }
        let isReplay = response.headers.first(name: "Idempotent-Replayed") == "true"
        return (try JSONDecoder().decode(Order.self, from: body), isReplay)
    }

    func order(_ id: String, token: String) async throws -> Order {
        try await read(request("GET", "/orders/\(id)", token: token), as: Order.self)
    }

    /// Tells an order's events until it is over for everybody. A stream that breaks is opened again where it was: each event is told once.
    func follow(_ id: String, token: String, _ tell: @Sendable (StreamEvent) -> Void) async throws {
        var patience = Patience()
        var lastID: String?
        while true {
            var request = request("GET", "/orders/\(id)/events", token: token)
            request.headers.add(name: "Accept", value: "text/event-stream")
            if let lastID { request.headers.add(name: "Last-Event-ID", value: lastID) }
            do {
                let response = try await http.execute(request, timeout: .hours(1))
                if response.status.code == 200 {
                    var parser = StreamParser()
                    for try await part in response.body {
                        for event in parser.take(part.readableBytesView) {
                            patience = Patience()
                            lastID = event.id ?? lastID
                            tell(event)
                            if event.name == "end" { return }
                        }
                    }
                } else if response.status.code != 429, response.status.code < 500 {
                    throw Refused(response, Data(try await response.body.collect(upTo: 1 << 20).readableBytesView))
                }
            } catch let refusal as Refused {
                throw refusal
            } catch {
                // Broken, or nobody is there.
            }
            say("the stream ended early; opening it again")
            try await patience.wait()
        }
    }
}

/// An answer that asking again will not change.
struct Refused: Error {
    let status: UInt
    /// The stable `code` of the problem.
    let code: String

    init(_ response: HTTPClientResponse, _ body: Data) {
        struct Problem: Decodable { let code: String }
        status = response.status.code
        // What is in between may answer, too, and not as the shop does.
        code = (try? JSONDecoder().decode(Problem.self, from: body).code) ?? "no code"
    }
}
