import Foundation
import ProcessDriver
import Testing

/// The commands of docs/clients.md, as they stand.
@Suite struct `The guide for clients` {
    private static let mark = "== the next block =="

    @Test(.enabled(if: Readme.hasShellAndCurl, "bash and curl are not where they usually are"))
    func `has curl lines that do what it says`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(
                in: workspace,
                environment: [
                    "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "0",
                    "TEST_USER_BALANCE": "50000",
                ])
            let blocks = try Readme.blocks(of: "docs/clients.md", under: "curl")
            let script = blocks.joined(separator: "\necho; echo '\(Self.mark)'\n")
            #expect(script.contains("URL=http://127.0.0.1:3000\n"))
            let out = try await Readme.bash(
                script.replacing("URL=http://127.0.0.1:3000", with: "URL=\(server.url)"))
            let answers = out.components(separatedBy: Self.mark)
            try #require(answers.count == blocks.count, "\(out)")
            for (answer, texts) in zip(answers, Self.expected) {
                for text in texts { #expect(answer.contains(text), "'\(text)' is not in:\n\(answer)") }
            }
            #expect(blocks.count == Self.expected.count)

            // What was read is not told again.
            func steps(_ stream: String) -> [Substring] {
                stream.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            }
            let (whole, rest) = (steps(answers[4]), steps(answers[5]))
            #expect(whole.count > 5 && rest.count == whole.count - 3)
            #expect(try await server.stop() == .code(0))
        }
    }

    /// What each block's answer says.
    private static let expected = [
        [#""price":"#], [#""status":"COMPLETED""#], ["Idempotent-Replayed: true", #""quantity":2"#],
        [#""status":422"#, #""code":"orders.idempotency-mismatch""#],
        ["event: step", #""type":"payment.processed""#, "event: end"], ["event: end"],
        [
            #""status":"COMPLETED""#, #""verdict":"#, #""held":0"#, #""slots":"#, #""amount":"#,
        ],
        [#""status":409"#, #""code":"#], [#""orders":["#], [#""kind":"order""#, #""sagas":[]"#, #""groups":[]"#],
    ]

    @Test func `has the same lines in both languages`() throws {
        let english = try Readme.blocks(of: "docs/clients.md", under: "curl")
        let korean = try Readme.blocks(of: "docs/clients.ko.md", under: "curl")
        #expect(english == korean)
        #expect(english.count == Self.expected.count)
    }
}
