import Foundation
import ProcessDriver
import Testing

/// What a newcomer pastes.
enum Readme {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let hasShellAndCurl = ["/bin/bash", "/usr/bin/curl"].allSatisfy(FileManager.default.isExecutableFile)

    /// The shell lines of a part of the document, block by block.
    static func blocks(of file: String, under heading: String) throws -> [String] {
        let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
        let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) })
        return part.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map {
            String($0.element.dropFirst("sh\n".count))
        }
    }

    static func bash(_ script: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-eu", "-c", script]
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        let text = String(decoding: try out.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}

@Suite struct `The README` {
    @Test(.enabled(if: Readme.hasShellAndCurl, "bash and curl are not where they usually are"))
    func `has lines that give one completed, one failed and one cancelled order as they stand`() async throws {
        struct Order: Decodable {
            let status: String
            let code: String?
        }
        try await withWorkspace { workspace in
            let server = try await Server.start(
                in: workspace,
                environment: [
                    "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "1500",
                    "PAYMENT_TIMEOUT": "5000", "TEST_USER_BALANCE": "50000",
                ])
            let lines = try Readme.blocks(of: "README.md", under: "Three orders").joined()
            #expect(lines.contains("URL=http://127.0.0.1:3000\n"))
            let out = try await Readme.bash(
                lines.replacing("URL=http://127.0.0.1:3000", with: "URL=\(server.url)"))
            let orders = try out.split(separator: "\n").map {
                try JSONDecoder().decode(Order.self, from: Data($0.utf8))
            }
            #expect(orders.map(\.status) == ["COMPLETED", "FAILED", "CANCELLED"], "\(out)")
            #expect(orders.map(\.code) == [nil, "users.insufficient-balance", "orders.cancelled"])
            #expect(try await server.stop() == .code(0))
        }
    }

    @Test func `says the same lines in both languages`() throws {
        let english = try Readme.blocks(of: "README.md", under: "Three orders")
        let korean = try Readme.blocks(of: "README.ko.md", under: "주문 세 가지")
        #expect(english == korean)
        #expect(english.count == 4)
    }

    @Test(.enabled(if: Readme.hasShellAndCurl, "bash and curl are not where they usually are"))
    func `and the server's greeting have commands that work as they stand`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(
                in: workspace, environment: ["PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0"])
            let commands = server.program.out.split(separator: "\n").filter {
                $0.hasPrefix("  curl") || $0.hasPrefix("  DATA=")
            }
            #expect(commands.count == 3)
            let out = try await Readme.bash(commands.joined(separator: "; echo\n"))
            #expect(out.contains(#""status":"COMPLETED""#), "\(out)")
            #expect(out.split(separator: "\n").last?.contains(#""quantity":1"#) == true, "\(out)")
            #expect(try await server.stop() == .code(0))
        }
    }
}
