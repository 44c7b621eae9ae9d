import AsyncHTTPClient
import Foundation
import Synchronization

/// What a client sees of the system: its HTTP API at an address that changes with every restart.
final class Storefront: Sendable {
    struct Answer: Sendable {
        let status: Int
        /// By lower-case name.
        let headers: [String: String]
        let body: Data

        func decoded<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
            try JSONDecoder().decode(type, from: body)
        }
    }

    /// Never retried by the client library: whether and when to ask again is what is tested here.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            timeout: .init(connect: .seconds(2), read: .seconds(15)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let address = Mutex<String?>(nil)

    /// Where the server is now; `nil` while there is none.
    func moved(to url: String?) { address.withLock { $0 = url } }

    private func currentAddress() async throws -> String {
        try await waiting(for: "a running server", within: .seconds(60)) { address.withLock { $0 } }
    }

    /// One request to whoever serves now.
    ///
    /// - Throws: when there is no answer, for whatever reason.
    func call(
        _ method: String, _ path: String, token: String? = nil, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: try await currentAddress() + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(Data(body.utf8))
        }
        let response = try await Self.http.execute(request, timeout: .seconds(10))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }),
            body: Data(bytes.readableBytesView))
    }

    /// Reads one thing that must be there.
    func get<Body: Decodable>(_ path: String, token: String, as type: Body.Type = Body.self) async throws -> Body {
        let answer = try await call("GET", path, token: token)
        guard answer.status == 200 else {
            throw UnexpectedAnswer(
                path: path, status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        }
        return try answer.decoded()
    }
}

/// An answer that a correct system does not give.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let path: String
    let status: Int
    let body: String

    var description: String { "\(path) answered \(status): \(body)" }
}

/// The parts of the API's bodies that the crash suite reads.
enum Seen {
    struct TestData: Decodable, Sendable {
        struct User: Decodable, Sendable {
            let id: String
            let balance: Int64
        }
        struct Item: Decodable, Sendable {
            let id: String
            let price: Int64
            let stock: Int64
        }
        struct Tokens: Decodable, Sendable {
            let user: String
            let admin: String
        }
        struct Content: Decodable, Sendable {
            let user: User
            let items: [Item]
            let tokens: Tokens
        }

        let data: Content
    }

    struct Order: Decodable, Sendable {
        struct Line: Decodable, Sendable {
            let itemId: String
            let quantity: Int64
        }

        let id: String
        let status: String
        let finalAmount: Int64
        let items: [Line]

        var isFinal: Bool { ["COMPLETED", "FAILED", "CANCELLED"].contains(status) }
    }

    /// What `purchase verify --json` reports.
    struct Verification: Decodable, Sendable {
        struct Violation: Decodable, Sendable { let check: String }

        struct Queues: Decodable, Sendable {
            let outbox: Int
            let unacknowledged: Int
            let retries: Int
            let parked: Int
            let inbox: Int
            let notifications: Int
        }

        let settledOrders: Int
        let violations: [Violation]
        let inFlightCount: Int
        let queues: Queues

        var isAtRest: Bool {
            inFlightCount == 0 && queues.unacknowledged == 0 && queues.retries == 0 && queues.notifications == 0
        }
    }

    struct OrderPage: Decodable, Sendable {
        let orders: [Order]
        let next: String?
    }
    struct Balance: Decodable, Sendable {
        let balance: Int64
        let held: Int64
    }
    struct Stock: Decodable, Sendable { let stock: Int64 }

    struct Inventory: Decodable, Sendable {
        struct Entry: Decodable, Sendable {
            let itemId: String
            let quantity: Int64
            let reserved: Int64
        }

        let inventory: [Entry]
    }
}
