import AsyncHTTPClient
import Foundation
import Synchronization

/// What a client sees of the system: its HTTP API at an address that changes with every restart.
package final class Storefront: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        /// By lower-case name.
        package let headers: [String: String]
        package let body: Data

        package func decoded<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
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

    private struct Addresses {
        var urls: [String] = []
        var turn = 0

        mutating func next() -> String? {
            guard !urls.isEmpty else { return nil }
            turn += 1
            return urls[turn % urls.count]
        }
    }

    private let addresses = Mutex(Addresses())

    package init() {}

    /// Where the server is now; `nil` while there is none.
    package func moved(to url: String?) { moved(to: [url].compactMap { $0 }) }

    /// Where the servers are now; they are asked by turns.
    package func moved(to urls: [String]) { addresses.withLock { $0.urls = urls } }

    private func currentAddress() async throws -> String {
        try await waiting(for: "a running server", within: .seconds(60)) { addresses.withLock { $0.next() } }
    }

    /// One request to whoever serves now.
    ///
    /// - Throws: when there is no answer, for whatever reason.
    package func call(
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
    package func get<Body: Decodable>(_ path: String, token: String, as type: Body.Type = Body.self) async throws
        -> Body
    {
        let answer = try await call("GET", path, token: token)
        guard answer.status == 200 else {
            throw UnexpectedAnswer(
                path: path, status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        }
        return try answer.decoded()
    }
}

/// An answer that a correct system does not give.
package struct UnexpectedAnswer: Error, CustomStringConvertible {
    package let path: String
    package let status: Int
    package let body: String

    package init(path: String, status: Int, body: String) {
        self.path = path
        self.status = status
        self.body = body
    }

    package var description: String { "\(path) answered \(status): \(body)" }
}

/// The parts of the API's bodies that the crash suite reads.
package enum Seen {
    package struct TestData: Decodable, Sendable {
        package struct User: Decodable, Sendable {
            package let id: String
            package let balance: Int64
        }
        package struct Item: Decodable, Sendable {
            package let id: String
            package let price: Int64
            package let stock: Int64
        }
        package struct Tokens: Decodable, Sendable {
            package let user: String
            package let admin: String
        }
        package struct Content: Decodable, Sendable {
            package let user: User
            package let items: [Item]
            package let tokens: Tokens
        }

        package let data: Content
    }

    package struct Order: Decodable, Sendable {
        package struct Line: Decodable, Sendable {
            package let itemId: String
            package let quantity: Int64
        }

        package let id: String
        package let status: String
        package let finalAmount: Int64
        package let items: [Line]

        package var isFinal: Bool { ["COMPLETED", "FAILED", "CANCELLED", "REFUNDED"].contains(status) }
    }

    /// What `purchase verify --json` reports.
    package struct Verification: Decodable, Sendable {
        package struct Violation: Decodable, Sendable { package let check: String }

        package struct Queues: Decodable, Sendable {
            package let outbox: Int
            package let unacknowledged: Int
            package let retries: Int
            package let parked: Int
            package let inbox: Int
            package let notifications: Int
        }

        package let settledOrders: Int
        package let violations: [Violation]
        package let inFlightCount: Int
        package let queues: Queues

        package var isAtRest: Bool {
            inFlightCount == 0 && queues.unacknowledged == 0 && queues.retries == 0 && queues.notifications == 0
        }
    }

    package struct OrderPage: Decodable, Sendable {
        package let orders: [Order]
        package let next: String?
    }
    package struct Balance: Decodable, Sendable {
        package let balance: Int64
        package let held: Int64
    }
    package struct Stock: Decodable, Sendable { package let stock: Int64 }

    package struct Inventory: Decodable, Sendable {
        package struct Entry: Decodable, Sendable {
            package let itemId: String
            package let quantity: Int64
            package let reserved: Int64
        }

        package let inventory: [Entry]
    }
}

extension Storefront {
    /// The user, the items and the tokens that a run works with.
    package func setUpTestData() async throws -> Seen.TestData.Content {
        let answer = try await call("POST", "/setup-test-data")
        guard answer.status == 201 else {
            throw UnexpectedAnswer(
                path: "/setup-test-data", status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        }
        return try answer.decoded(as: Seen.TestData.self).data
    }
}
