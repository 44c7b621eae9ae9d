import Foundation
import ProcessDriver
import SQLCore
import SQLiteAdapter
import Testing

/// A file that `--database` should not name.
enum WrongDatabase: String, CaseIterable, CustomTestStringConvertible {
    case text, folder, foreign, newer

    var testDescription: String { rawValue }

    /// What the error says of it.
    var complaint: String {
        switch self {
        case .text: "is not an SQLite database; choose another --database"
        case .folder: "is a folder, not a database file; choose another --database"
        case .foreign: "is another program's database (it has cats); choose another --database"
        case .newer: "which this program does not know: it belongs to a newer version; run that one"
        }
    }

    func make(in workspace: Workspace) async throws -> String {
        let path = workspace.path("wrong.sqlite")
        switch self {
        case .text: try Data("dear diary, today I was taken for a database".utf8).write(to: URL(filePath: path))
        case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .foreign: try await Self.write("CREATE TABLE cats (name TEXT)", to: path)
        case .newer:
            #expect(try await workspace.run(["migrate", "--database", path]).exit == .code(0))
            try await Self.write("INSERT INTO schema_migrations VALUES ('orders/9999_future', 'x', 1)", to: path)
        }
        return path
    }

    /// What is in it: its tables, or the whole of what is no database.
    func content(_ path: String) async throws -> [String] {
        guard self == .foreign || self == .newer else {
            return [FileManager.default.contents(atPath: path)?.base64EncodedString() ?? "none"]
        }
        let database = try SQLiteDatabase.open(path: path, access: .reader)
        let tables = try await database.read { transaction in
            try transaction.rows("SELECT name FROM sqlite_master ORDER BY name").map { try $0.text("name") }
        }
        try database.close()
        return tables
    }

    private static func write(_ sql: SQLStatement, to path: String) async throws {
        let database = try SQLiteDatabase.open(path: path)
        try await database.write { transaction in try transaction.execute(sql) }
        try database.close()
    }
}

@Suite struct `A mistake at the command line` {
    @Test(arguments: WrongDatabase.allCases)
    func `a file that is no database of this version is named in one line, and left as it is`(
        wrong: WrongDatabase
    ) async throws {
        try await withWorkspace { workspace in
            let path = try await wrong.make(in: workspace)
            let before = try await wrong.content(path)
            let spare = workspace.path("spare.sqlite")
            for command in [
                ["serve", "--port", "0", "--database", path], ["migrate", "--database", path],
                ["migrate", "--dry-run", "--database", path], ["verify", "--database", path],
                ["seed", "--database", path], ["explain", UUID().uuidString, "--database", path],
                ["backup", "--to", spare, "--database", path], ["restore", "--from", path, "--database", spare],
                ["user", "create", "--name", "boss", "--database", path],
            ] {
                let ended = try await workspace.run(command)
                #expect(ended.exit == .code(69), "\(command[0]): \(ended.out)")
                #expect(ended.errorLines.count == 1, "\(command[0]): \(ended.errors)")
                #expect(ended.errors.contains(wrong.complaint), "\(command[0]): \(ended.errors)")
                #expect(ended.errors.contains("'\(path)'"), "\(command[0]): \(ended.errors)")
                #expect(ended.out.isEmpty, "\(command[0]): \(ended.out)")
            }
            #expect(try await wrong.content(path) == before)
            #expect(!FileManager.default.fileExists(atPath: spare))
        }
    }

    @Test(arguments: [
        (
            ["verify", "--datbase", "x"],
            "purchase: Unknown option '--datbase'. Did you mean '--database'? See: purchase verify --help"
        ),
        (["nonsense"], "purchase: Unexpected argument 'nonsense'. See: purchase --help"),
        (["token"], "purchase: Missing expected argument '--user <user>'. See: purchase token --help"),
        (["user", "create"], "purchase: Missing expected argument '--name <name>'. See: purchase user create --help"),
        (["verify", "--wait", "-1"], "purchase: Missing value for '--wait <wait>'. See: purchase verify --help"),
        (["verify", "--wait=-1"], "purchase: --wait takes 0 to 86400 seconds. See: purchase verify --help"),
    ])
    func `wrong usage is said in one line that names the help`(arguments: [String], line: String) async throws {
        try await withWorkspace { workspace in
            let ended = try await workspace.run(arguments)
            #expect(ended.exit == .code(64))
            #expect(ended.errors == line + "\n")
            #expect(ended.out.isEmpty)
            #expect(try workspace.files().isEmpty)
        }
    }

    @Test(arguments: [
        (
            ["backup", "--to", "no-such-folder/copy.sqlite"],
            "cannot write to 'no-such-folder/copy.sqlite.partial': No such file"
        ),
        (
            ["restore", "--from", "none.sqlite", "--replace"],
            "there is no file 'none.sqlite'; give the path of a backup"
        ),
    ])
    func `a missing file is named with what to do`(arguments: [String], text: String) async throws {
        try await withWorkspace { workspace in
            #expect(try await workspace.run(["migrate", "--database", "a.sqlite"]).exit == .code(0))
            let ended = try await workspace.run(arguments + ["--database", "a.sqlite"])
            #expect(ended.exit == .code(69))
            #expect(ended.errorLines.count == 1)
            #expect(ended.errors.contains(text), "\(ended.errors)")
        }
    }
}

@Suite struct `Every command` {
    private static let commands = [
        "serve", "migrate", "config", "token", "graph", "api", "verify", "demo", "seed", "load", "backup", "restore",
        "explain", "user create",
    ]

    @Test(arguments: commands)
    func `explains itself and is in the guides`(command: String) async throws {
        try await withWorkspace { workspace in
            let help = try await workspace.run(
                command.split(separator: " ").map(String.init) + ["--help"], isBare: true)
            #expect(help.exit == .code(0))
            #expect(help.errors.isEmpty)
            #expect(help.out.contains("USAGE: purchase \(command)"))
            let reference = try await workspace.run(["reference"], isBare: true)
            #expect(reference.out.contains("### `purchase \(command)"))
        }
    }

    @Test func `is named by the program's own help`() async throws {
        try await withWorkspace { workspace in
            let help = try await workspace.run(["--help"], isBare: true)
            for command in Self.commands {
                let name = command.prefix { $0 != " " }
                #expect(help.out.contains("\n  \(name)"), "\(command)")
            }
            #expect(!help.out.contains("\n  reference"))
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `is completed by the shell`(shell: String) async throws {
        try await withWorkspace { workspace in
            let script = try await workspace.run(["--generate-completion-script", shell], isBare: true)
            #expect(script.exit == .code(0), "\(script.errors)")
            for word in ["demo", "verify", "saturate", "dry-run", "short-stock"] {
                #expect(script.out.contains(word), "\(word)")
            }
        }
    }

    @Test(arguments: [
        ["migrate", "--json", "--database", "a.sqlite"], ["config", "--json"], ["graph", "--json"],
        ["token", "--json", "--user", "0190a000-0000-7000-8000-000000000000"], ["api", "--format", "openapi"],
    ])
    func `that prints results prints them as JSON when asked`(arguments: [String]) async throws {
        try await withWorkspace { workspace in
            let ended = try await workspace.run(arguments)
            #expect(ended.exit == .code(0), "\(ended.errors)")
            let json = try JSONSerialization.jsonObject(with: Data(ended.out.utf8))
            #expect(json is [String: Any] || json is [Any])
        }
    }
}
