import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A running `reference-gateway`.
package struct GatewayProcess: Sendable {
    package let program: PurchaseProgram
    package let url: String
    private let apiKey: String
    private let webhookSecret: String

    /// What its book says of one charge.
    package struct Charge: Decodable, Sendable {
        package struct Refund: Decodable, Sendable {
            package let status: String
            package let amount: Int64
        }

        package let key: String
        package let status: String
        package let amount: Int64
        package let orderReference: String
        package let refunds: [Refund]

        /// What was taken and not given back.
        package var net: Int64 {
            status == "captured"
                ? refunds.reduce(amount) { $0 - ($1.status == "succeeded" ? $1.amount : 0) } : 0
        }
    }

    private struct Book: Decodable { let charges: [Charge] }

    /// Starts one on a free port of 127.0.0.1 and waits until it says that it is ready.
    ///
    /// - Throws: ``ServerDidNotStart``; ``WaitedInVain``.
    package static func start(_ options: [String] = [], in workspace: Workspace) async throws -> GatewayProcess {
        let (apiKey, secret) = ("key-\(UUID().uuidString)", "whsec-\(UUID().uuidString)")
        let program = try PurchaseProgram(
            ["--port", "0"] + options,
            ["REFERENCE_GATEWAY_API_KEY": apiKey, "REFERENCE_GATEWAY_WEBHOOK_SECRET": secret], in: workspace,
            program: "reference-gateway")
        let url = try await waiting(for: "the greeting of reference-gateway") { () -> String? in
            if let url = program.out.firstMatch(of: #/is ready: (http://127\.0\.0\.1:\d+)\n/#)?.output.1 {
                return String(url)
            }
            if let exit = await program.exit { throw ServerDidNotStart(exit: exit, errors: program.errors) }
            return nil
        }
        return GatewayProcess(program: program, url: url, apiKey: apiKey, webhookSecret: secret)
    }

    /// What `purchase serve` has to know to use it.
    ///
    /// - Parameter timeout: milliseconds.
    package func environment(timeout: Int) -> [String: String] {
        [
            "PAYMENT_GATEWAY": "http", "PAYMENT_GATEWAY_URL": url, "PAYMENT_API_KEY": apiKey,
            "PAYMENT_WEBHOOK_SECRET": webhookSecret, "PAYMENT_TIMEOUT": "\(timeout)",
        ]
    }

    /// From now on it tells `server` what happens.
    package func tell(_ server: Server) async throws {
        try await call(
            "PUT", "/webhooks/endpoint", body: #"{"url":"\#(server.url)/webhooks/payments"}"#, expecting: 204)
    }

    /// Tells everything that ever happened once more.
    package func tellAgain() async throws { try await call("POST", "/webhooks/resend", expecting: 200) }

    /// Its book.
    package func charges() async throws -> [Charge] {
        try await call("GET", "/book", expecting: 200).decoded(as: Book.self).charges
    }

    @discardableResult
    private func call(
        _ method: String, _ path: String, body: String? = nil, expecting status: Int
    ) async throws -> Storefront.Answer {
        let shop = Storefront()
        shop.moved(to: url)
        let answer = try await shop.call(method, path, token: apiKey, body: body)
        guard answer.status == status else {
            throw UnexpectedAnswer(
                path: path, status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        }
        return answer
    }

    /// Ends it at once, for it may hold calls that it never answers.
    package func kill() async throws {
        await program.signal(SIGCONT)
        await program.signal(SIGKILL)
        _ = try await program.end(within: .seconds(10))
    }
}
