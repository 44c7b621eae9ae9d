import Foundation
import ProcessDriver
import Testing

/// What the program is given and cannot use: one clear message, an exit code, and nothing changed.
@Suite struct `Bad input at the command line` {
    private static let order = "018f0000-0000-7000-8000-000000000001"

    @Test(arguments: [
        (["serve", "--nonsense"], "Unknown option '--nonsense'"), (["nonsense"], "Unexpected argument 'nonsense'"),
        (["serve", "--port", "x"], "'x' is invalid for '--port"), (["verify", "extra"], "Unexpected argument 'extra'"),
        (["explain"], "Missing expected argument"), (["explain", "x"], "'x' is not an order's id"),
        (["token", "--user", "x"], "'x'"), (["restore"], "--from"), (["backup"], "--to"),
        (["user", "create", "--name", "a", "--role", "king"], "'king' is invalid for '--role"),
        (["graph", "--format", "picture"], "'picture' is invalid for '--format"),
    ])
    func `wrong usage is said in one line, with where to read how it is right`(
        arguments: [String], phrase: String
    ) async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(arguments)
            #expect(result.exit == .code(64), "\(result.errors)")
            #expect(result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errorLines.first?.hasPrefix("purchase: ") == true)
            #expect(result.errorLines.first?.contains(phrase) == true, "\(result.errors)")
            #expect(result.errorLines.first?.contains("--help") == true)
            #expect(result.out.isEmpty)
            #expect(try workspace.files().isEmpty)
        }
    }

    private static let onDatabase = [
        ["verify"], ["explain", order], ["backup", "--to", "copy.sqlite"], ["serve", "--port", "0"], ["migrate"],
        ["migrate", "--dry-run"], ["user", "create", "--name", "somebody"],
        ["seed", "--users", "1"],
    ]

    @Test(arguments: onDatabase)
    func `what is no database of this program is left as it is`(command: [String]) async throws {
        try await withWorkspace { workspace in
            let folder = workspace.path("folder.sqlite")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let text = Data("a text, whatever its name\n".utf8)
            try text.write(to: URL(filePath: workspace.path("text.sqlite")))
            for (name, phrase) in [("folder.sqlite", "is a folder"), ("text.sqlite", "is not an SQLite database")] {
                let result = try await workspace.run(command + ["--database", name])
                #expect(result.exit == .code(69), "\(result.errors)")
                #expect(result.errorLines.count == 1)
                #expect(result.errors.contains("'\(name)' \(phrase)") && result.errors.contains("choose another"))
                #expect(result.out.isEmpty)
            }
            #expect(try workspace.files().sorted() == ["folder.sqlite", "text.sqlite"])
            #expect(FileManager.default.contents(atPath: workspace.path("text.sqlite")) == text)
        }
    }

    @Test(arguments: [["verify"], ["explain", order], ["backup", "--to", "copy.sqlite"]])
    func `a database that is not there is not made by who only reads it`(command: [String]) async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(command + ["--database", "missing.sqlite"])
            #expect(result.exit == .code(69))
            #expect(
                result.errors == """
                    purchase: there is no database at 'missing.sqlite'; name one with --database, or run: purchase migrate

                    """)
            #expect(try workspace.files().isEmpty)
        }
    }

    @Test func `a backup that is none is not put in the place of a database`() async throws {
        try await withWorkspace { workspace in
            try Data("no backup\n".utf8).write(to: URL(filePath: workspace.path("text.sqlite")))
            for (name, phrase) in [
                ("text.sqlite", "is not an SQLite database"), ("missing.sqlite", "there is no file"),
            ] {
                let result = try await workspace.run(["restore", "--from", name, "--database", "new.sqlite"])
                #expect(result.exit == .code(69))
                #expect(result.errorLines.count == 1 && result.errors.contains(phrase), "\(result.errors)")
            }
            #expect(try workspace.files() == ["text.sqlite"])
        }
    }

    @Test(arguments: [
        (["--host", "nonsense.invalid"], "'nonsense.invalid' (HOST) is no address of this machine"),
        (["--host", "203.0.113.1"], "'203.0.113.1' (HOST) is no address of this machine"),
    ])
    func `an address that is not this machine's is said before anything is made`(
        options: [String], phrase: String
    ) async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(["serve", "--port", "0", "--database", "new.sqlite"] + options)
            #expect(result.exit == .code(69))
            #expect(result.errorLines.count == 1 && result.errors.contains(phrase), "\(result.errors)")
            #expect(try workspace.files().isEmpty)
        }
    }
}
