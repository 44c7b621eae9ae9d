import AsyncHTTPClient
import Foundation
import NIOCore
import Synchronization

/// Customers who keep their own books: every order has a key, and a key whose answer was lost is asked again until there is one.
final class Shop: Sendable {
    struct Customer: Sendable {
        let user: String
        let token: String
        let items: [String]
        let balance: Int64
    }

    struct Order: Decodable, Sendable {
        let id: String
        let status: String
        let finalAmount: Int64
    }

    private struct Books {
        var port = 0
        var next = 0
        /// Keys without an answer yet.
        var open: [Int: Int] = [:]
        /// The order that each key was answered with.
        var accepted: [Int: String] = [:]
        var mismatches: [String] = []
    }

    private let books = Mutex(Books())
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(2), read: .seconds(5))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws { try await client.shutdown() }
    func move(to port: Int) { books.withLock { $0.port = port } }

    var accepted: [String] { books.withLock { Array($0.accepted.values) } }
    var openKeys: Int { books.withLock { $0.open.count } }
    var mismatches: [String] { books.withLock { $0.mismatches } }

    func request(
        _ method: String, _ path: String, token: String? = nil, key: String? = nil, body: String? = nil
    ) async throws -> (status: Int, body: Data) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(books.withLock { $0.port })\(path)")
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await client.execute(request, timeout: .seconds(10))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), Data(bytes.readableBytesView))
    }

    func setUp() async throws -> Customer {
        struct Answer: Decodable {
            struct Content: Decodable {
                struct User: Decodable {
                    let id: String
                    let balance: Int64
                }
                struct Item: Decodable { let id: String }
                struct Tokens: Decodable { let user: String }
                let user: User
                let items: [Item]
                let tokens: Tokens
            }
            let data: Content
        }
        let data = try JSONDecoder().decode(Answer.self, from: try await request("POST", "/setup-test-data").body).data
        return Customer(
            user: data.user.id, token: data.tokens.user, items: data.items.map(\.id), balance: data.user.balance)
    }

    /// Buys until the server is gone or the task is cancelled; lost answers are asked for first.
    func buy(as customer: Customer) async {
        while !Task.isCancelled {
            let number = books.withLock { books in
                if let lost = books.open.keys.first(where: { books.open[$0] == 0 }) {
                    books.open[lost] = 1
                    return lost
                }
                books.next += 1
                books.open[books.next] = 1
                return books.next
            }
            do {
                let id = try await place(number, as: customer)
                books.withLock { books in
                    books.open[number] = nil
                    if let before = books.accepted[number], before != id { books.mismatches.append("key \(number)") }
                    books.accepted[number] = id
                }
                if number % 7 == 0 { _ = try await request("POST", "/orders/\(id)/cancel", token: customer.token) }
                // Now and then an answered key is asked again: it must answer the same order.
                if number % 5 == 0, try await place(number, as: customer) != id {
                    books.withLock { $0.mismatches.append("replay of key \(number)") }
                }
            } catch {
                books.withLock { if $0.open[number] != nil { $0.open[number] = 0 } }
                return
            }
        }
    }

    private struct Refused: Error { let status: Int }

    private func place(_ number: Int, as customer: Customer) async throws -> String {
        let lines = (0...(number % 2)).map { #"{"itemId":"\#(customer.items[(number + $0) % 3])","quantity":1}"# }
        let answer = try await request(
            "POST", "/orders", token: customer.token, key: "key-\(number)",
            body: #"{"userId":"\#(customer.user)","items":[\#(lines.joined(separator: ","))]}"#)
        guard answer.status == 201 else { throw Refused(status: answer.status) }
        return try JSONDecoder().decode(Order.self, from: answer.body).id
    }

    func order(_ id: String, as customer: Customer) async throws -> Order {
        try JSONDecoder().decode(
            Order.self, from: try await request("GET", "/orders/\(id)", token: customer.token).body)
    }

    func balance(of customer: Customer) async throws -> (available: Int64, held: Int64) {
        struct Answer: Decodable {
            let balance: Int64
            let held: Int64
        }
        let answer = try JSONDecoder().decode(
            Answer.self, from: try await request("GET", "/user/\(customer.user)/balance", token: customer.token).body)
        return (answer.balance, answer.held)
    }
}
